"""The head, painted back to front on a `Canvas`: neck, ears, face, features, hair."""

from dataclasses import replace

import numpy as np

from deepcolor.portraits.canvas import Array, Canvas, Paint, curve, ellipse, mirrored, rgb, shifted
from deepcolor.portraits.features import paint_brows_and_glasses, paint_features
from deepcolor.portraits.hair import HIDES_EARS, paint_back_hair, paint_front_hair, strands
from deepcolor.portraits.subject import Sitter

_SHADOW = rgb(150, 112, 104)


def paint_head(canvas: Canvas, sitter: Sitter, light: Array) -> None:
    """Paint everything above the collar; the back hair and the neck are already there.

    Args:
        canvas: where to paint.
        sitter: whose head.
        light: `(3,)` unit vector toward the light: right, down, out of the picture.
    """
    face = _face_outline(sitter)
    if sitter.cut not in HIDES_EARS:
        _paint_ears(canvas, sitter, light)
    canvas.paint(face, _rounded(sitter.skin, light))
    _paint_relief(canvas, sitter, face, light)
    _paint_age(canvas, sitter)
    _paint_beard(canvas, sitter, face, light)
    paint_features(canvas, sitter, light)
    paint_front_hair(canvas, sitter, light, face)
    paint_brows_and_glasses(canvas, sitter)


def paint_neck(canvas: Canvas, sitter: Sitter, light: Array) -> None:
    """Paint what the collar will cut: the hair that falls behind, the neck and its shadow.

    Args:
        canvas: where to paint.
        sitter: whose neck.
        light: `(3,)` unit vector toward the light.
    """
    paint_back_hair(canvas, sitter, light)
    half = 0.38 if sitter.feminine else 0.46
    outline = [(half, 0.45), (half - 0.02, 1.05), (half + 0.1, 1.3), (1.1, 1.5), (1.2, 2.2)]
    neck = curve(mirrored(outline))
    canvas.paint(neck, _rounded(sitter.skin * 0.95, light))
    chin = shifted(_face_outline(sitter), -0.12 * light[0], 0.18)
    canvas.paint(chin, _SHADOW, soft=0.08, opacity=0.8, within=neck, multiply=True)
    for side in (-1, 1):
        bone = curve([(side * 0.12, 1.5), (side * 0.4, 1.43), (side * 0.75, 1.46)], closed=False)
        canvas.paint(bone, _SHADOW, opacity=0.5, soft=0.03, stroke=0.05, multiply=True)


def _face_outline(sitter: Sitter) -> Array:
    jaw = 0.0 if sitter.feminine else 0.035
    right = [(0.2, -1.06), (0.52, -0.88), (0.69, -0.5), (0.72, -0.1), (0.69, 0.25)]
    right += [(0.57 + jaw, 0.62), (0.36 + jaw, 0.87), (0.14, 1.0)]
    return curve(mirrored(right)) * (sitter.face_width, 1)


def _rounded(color: Array, light: Array) -> Paint:
    def paint(u: Array, v: Array) -> Array:
        x, y = u / 1.0, v / 1.5
        z = np.sqrt(np.clip(1 - x * x - y * y, 0.05, 1))
        lit = np.clip(x * light[0] + y * light[1] + z * light[2], 0, 1)
        # Light leaves skin from the blue end first: shadows go red, not gray.
        shade = 0.62 + 0.46 * lit[..., None]
        return np.asarray(color * shade ** np.array([0.85, 1.05, 1.15]))

    return paint


def _paint_ears(canvas: Canvas, sitter: Sitter, light: Array) -> None:
    for u in (-0.72 * sitter.face_width, 0.72 * sitter.face_width):
        canvas.paint(ellipse(u, 0.0, 0.11, 0.21), _rounded(sitter.skin * 0.96, light))
        canvas.paint(ellipse(u, 0.0, 0.05, 0.13), _SHADOW, soft=0.03, opacity=0.7, multiply=True)


def _paint_relief(canvas: Canvas, sitter: Sitter, face: Array, light: Array) -> None:
    far = -1 if light[0] > 0 else 1
    blush = rgb(255, 200, 188) if sitter.feminine else rgb(255, 216, 204)
    for side in (-1, 1):
        canvas.paint(
            ellipse(side * 0.42, 0.26, 0.2, 0.14), blush, soft=0.09, within=face, multiply=True
        )
        socket = ellipse(side * 0.3, -0.15, 0.19, 0.12)
        canvas.paint(socket, _SHADOW, soft=0.07, opacity=0.45, multiply=True)
    cheek = curve([(far * 0.75, -0.6), (far * 0.55, 0.1), (far * 0.35, 0.95), (far * 0.9, 0.8)])
    canvas.paint(cheek, _SHADOW, soft=0.12, opacity=0.4, within=face, multiply=True)
    canvas.paint(ellipse(0, 0.76, 0.13, 0.03), _SHADOW, soft=0.05, opacity=0.5, multiply=True)
    shine = np.minimum(sitter.skin * 1.18, 1)
    canvas.paint(ellipse(-far * 0.2, -0.5, 0.2, 0.12), shine, soft=0.1, opacity=0.5)
    canvas.paint(ellipse(-far * 0.43, 0.12, 0.1, 0.06), shine, soft=0.06, opacity=0.6)


def _paint_age(canvas: Canvas, sitter: Sitter) -> None:
    depth = max(0.0, sitter.age - 0.45) * 1.3
    if not depth:
        return
    lines = [[(-0.3, v), (0, v - 0.03), (0.3, v)] for v in (-0.52, -0.63)]
    for side in (-1, 1):
        lines.append([(side * 0.17, 0.27), (side * 0.28, 0.42), (side * 0.33, 0.6)])
        lines.append([(side * 0.2, 0.03), (side * 0.32, 0.06), (side * 0.44, 0.01)])
    for line in lines:
        crease = curve(line, closed=False)
        canvas.paint(crease, _SHADOW, opacity=depth, soft=0.012, stroke=0.03, multiply=True)


def _paint_beard(canvas: Canvas, sitter: Sitter, face: Array, light: Array) -> None:
    # Whatever the cut, a beard falls straight down, as long hair does.
    hair = strands(replace(sitter, cut="long"), light, shine=0.0)
    right = [(0.1, 0.36), (0.32, 0.44), (0.46, 0.35), (0.62, 0.12), (0.75, 0.1), (0.75, 1.0)]
    right += [(0.3, 1.15)]
    if sitter.beard == "stubble":
        tint = 0.55 + 0.45 * sitter.hair
        canvas.paint(
            curve(mirrored(right)), tint, soft=0.06, opacity=0.5, within=face, multiply=True
        )
    elif sitter.beard == "full":
        grown = face * (1.02, 1.06)
        canvas.paint(curve(mirrored(right)), hair, soft=0.03, opacity=0.92, within=grown)
    if sitter.beard in ("moustache", "full"):
        lip = [(0.03, 0.41), (0.18, 0.43), (0.3, 0.57), (0.14, 0.52), (0.02, 0.5)]
        canvas.paint(curve(mirrored(lip)), hair, soft=0.012, opacity=0.95)
