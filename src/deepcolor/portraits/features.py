"""What looks at you: eyes, nose and mouth, and the brows and glasses over them."""

import numpy as np

from deepcolor.portraits.canvas import Array, Canvas, curve, ellipse, mirrored, rgb, shifted
from deepcolor.portraits.subject import Sitter

_SHADOW = rgb(150, 112, 104)
_DARK = rgb(44, 30, 30)
_BROW = rgb(190, 165, 160)


def paint_features(canvas: Canvas, sitter: Sitter, light: Array) -> None:
    """Paint eyes, nose and mouth on a face.

    Args:
        canvas: where to paint.
        sitter: whose face.
        light: `(3,)` unit vector toward the light.
    """
    for side in (-1, 1):
        _paint_eye(canvas, sitter, side, light)
    _paint_nose(canvas, sitter, light)
    _paint_mouth(canvas, sitter)


def paint_brows_and_glasses(canvas: Canvas, sitter: Sitter) -> None:
    """Paint what lies over hair and eyes alike.

    Args:
        canvas: where to paint.
        sitter: whose face.
    """
    _paint_brows(canvas, sitter)
    if sitter.glasses:
        _paint_glasses(canvas)


def _paint_eye(canvas: Canvas, sitter: Sitter, side: int, light: Array) -> None:
    center = np.array([side * 0.3, -0.09])
    mirror = np.array([side, 1])
    upper = [(-0.135, 0.025), (-0.07, -0.045), (0.02, -0.066), (0.09, -0.04), (0.14, 0.005)]
    lower = [(0.07, 0.045), (0.0, 0.056), (-0.08, 0.05)]
    almond = curve(np.array(upper + lower) * mirror + center)
    lid = curve(np.array(upper) * mirror + center, closed=False)
    canvas.paint(almond, rgb(238, 234, 230) * (0.8 + 0.2 * sitter.skin))
    u, v = center[0], center[1] - 0.01
    canvas.paint(ellipse(u, v, 0.066), sitter.iris * 0.55, within=almond)
    canvas.paint(ellipse(u, v + 0.006, 0.052), sitter.iris, within=almond)
    canvas.paint(ellipse(u, v, 0.028), _DARK * 0.5, within=almond)
    canvas.paint(
        shifted(lid, 0, 0.02), _SHADOW, stroke=0.05, soft=0.01, within=almond, multiply=True
    )
    canvas.paint(ellipse(u + 0.025 * np.sign(light[0]), v - 0.022, 0.015), rgb(255, 255, 255))
    canvas.paint(lid, _DARK, stroke=0.042 if sitter.feminine else 0.028, opacity=0.9)
    canvas.paint(shifted(lid, 0, -0.055), _SHADOW, stroke=0.022, opacity=0.7, multiply=True)
    if sitter.feminine:
        lash = [(0.11, -0.025), (0.16, -0.03), (0.195, -0.06)]
        canvas.paint(curve(np.array(lash) * mirror + center, closed=False), _DARK, stroke=0.022)


def _paint_brows(canvas: Canvas, sitter: Sitter) -> None:
    thick = 0.02 if sitter.feminine else 0.04
    arch = [(0.13, -0.285), (0.28, -0.335), (0.4, -0.33), (0.5, -0.26)]
    under = [(0.38, -0.3 + thick / 3), (0.28, -0.3 + thick / 2), (0.13, -0.262 + thick / 2)]
    brow = curve(arch + under)
    for side in (-1, 1):
        canvas.paint(brow * (side, 1), sitter.hair * _BROW, soft=0.01, opacity=0.9)


def _paint_nose(canvas: Canvas, sitter: Sitter, light: Array) -> None:
    far = -1 if light[0] > 0 else 1
    flank = curve([(far * 0.09, -0.2), (far * 0.05, 0.1), (far * 0.03, 0.28), (far * 0.18, 0.28)])
    canvas.paint(flank, _SHADOW, soft=0.03, opacity=0.6, multiply=True)
    base = curve(mirrored([(0.05, 0.29), (0.17, 0.26), (0.13, 0.34), (0.03, 0.37)]))
    canvas.paint(base, _SHADOW, soft=0.02, opacity=0.75, multiply=True)
    for side in (-1, 1):
        canvas.paint(ellipse(side * 0.075, 0.31, 0.034, 0.017), sitter.skin * 0.38, soft=0.01)
    shine = np.minimum(sitter.skin * 1.22, 1)
    canvas.paint(ellipse(-far * 0.015, 0.2, 0.05, 0.06), shine, soft=0.03, opacity=0.7)
    canvas.paint(ellipse(-far * 0.015, -0.02, 0.02, 0.16), shine, soft=0.025, opacity=0.55)


def _paint_mouth(canvas: Canvas, sitter: Sitter) -> None:
    up, half = 0.075 * sitter.smile, 0.21 + 0.05 * sitter.smile
    gap = 0.075 if sitter.open_mouth else 0.0
    corner, v = (half, 0.56 - up), 0.56
    upper = curve(mirrored([(0.02, v - 0.045), (0.09, v - 0.06), corner, (0.1, v + 0.012)]))
    fall = [(0.02, v + 0.01), corner, (0.15, v + 0.06 + gap), (0.05, v + 0.085 + gap)]
    lower = curve(mirrored(fall))
    canvas.paint(lower, np.minimum(sitter.lips * 1.1, 1))
    if gap:
        opening = curve(mirrored([(0.02, v), (half * 0.86, v - up * 0.6), (0.1, v + gap)]))
        canvas.paint(opening, _DARK)
        canvas.paint(shifted(opening, 0, -0.025), rgb(244, 240, 232), within=opening)
    canvas.paint(upper, sitter.lips * 0.88)
    if not gap:
        seam = curve([(-half, v - up), (0, v + 0.015), (half, v - up)], closed=False)
        canvas.paint(seam, sitter.lips * 0.45, stroke=0.022, opacity=0.85)
    glint = ellipse(0.03, v + 0.05 + gap, 0.07, 0.012)
    canvas.paint(glint, rgb(255, 235, 230), soft=0.015, opacity=0.45 if sitter.feminine else 0.2)


def _paint_glasses(canvas: Canvas) -> None:
    for side in (-1, 1):
        rim = curve(
            [(side * 0.1, -0.2), (side * 0.5, -0.22), (side * 0.49, 0.06), (side * 0.15, 0.08)]
        )
        canvas.paint(rim, rgb(255, 255, 255), opacity=0.08)
        canvas.paint(np.vstack([rim, rim[:2]]), _DARK, stroke=0.035)
        arm = np.array([(side * 0.52, -0.14), (side * 0.72, -0.1)])
        canvas.paint(arm, _DARK, stroke=0.035)
    canvas.paint(curve([(-0.1, -0.1), (0, -0.14), (0.1, -0.1)], closed=False), _DARK, stroke=0.035)
