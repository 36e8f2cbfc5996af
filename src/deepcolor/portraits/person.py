"""A person: traits that are drawn together, so that lightness and texture tell the colors."""

from dataclasses import dataclass

import numpy as np

from deepcolor.portraits.canvas import Array, Canvas, rgb

_SKIN = np.array([rgb(84, 52, 40), rgb(154, 100, 70), rgb(212, 160, 126), rgb(246, 214, 196)])
# Each color of hair has a lightness and a wave of its own: strands per head, and their swing.
_HAIR = {
    "black": (rgb(38, 32, 34), 24, 0.5),
    "brown": (rgb(96, 62, 40), 30, 2.0),
    "red": (rgb(160, 80, 40), 16, 5.0),
    "blond": (rgb(218, 180, 116), 44, 1.0),
    "gray": (rgb(182, 179, 175), 60, 3.0),
}
_SHADOW = rgb(170, 128, 118)
_DARK = rgb(36, 26, 26)


@dataclass(frozen=True)
class Person:
    """A person; colors are `(3,)` in [0, 1], `length` of hair and `fringe` are heights, heads."""

    skin: Array
    hair: str
    length: float
    fringe: float
    smile: float
    lips: Array


def draw_person(rng: np.random.Generator) -> Person:
    """Draw the traits of a person at random."""
    tone = rng.random()
    skin = np.array([np.interp(3 * tone, range(4), channel) for channel in _SKIN.T])
    kinds = ("black", "gray") if tone < 0.45 else ("black", "brown", "red", "blond", "gray")
    long = bool(rng.random() < 0.5)
    return Person(
        skin=skin,
        hair=str(rng.choice(kinds)),
        length=float(rng.uniform(0.5, 1.5)) if long else -0.1,
        fringe=float(rng.uniform(-0.72, -0.5)),
        smile=float(rng.uniform(0.2, 1)),
        lips=skin * (rgb(226, 134, 138) if long else rgb(226, 164, 158)),
    )


def paint_neck(canvas: Canvas, person: Person, light: float) -> None:
    """Paint the neck and the hair behind it, with light from the left (-1) or the right (1)."""
    u, v = canvas.u, canvas.v
    if person.length > 0:
        fall = np.minimum(0.84 + 0.05 * np.sin(9 * v + 1.3) - np.abs(u), person.length - v)
        behind = np.where(v < -0.15, canvas.ellipse(0, -0.15, 0.84, 1.08), fall)
        canvas.paint(behind, _strands(canvas, person.hair, light) * 0.8, soft=0.03)
    neck = np.minimum(0.4 + np.clip(v - 1.05, 0, 0.25) - np.abs(u), v - 0.3)
    canvas.paint(neck, _lit(canvas, person.skin * 0.95, light))
    chin = np.minimum(neck, canvas.ellipse(-0.1 * light, 0.4, 0.7, 0.85))
    canvas.paint(chin, _SHADOW, 0.8, 0.15, shade=True)


def paint_head(canvas: Canvas, person: Person, light: float) -> None:
    """Paint the head, with light as for `paint_neck`."""
    u, v = canvas.u, canvas.v
    skin = _lit(canvas, person.skin, light)
    for side in (-1, 1):
        canvas.paint(canvas.ellipse(side * 0.73, 0.02, 0.1, 0.2), skin * 0.88)
    face = (1 - np.hypot(u / (0.73 - 0.13 * v - 0.06 * v**2), v / 1.02)) * 0.7
    canvas.paint(face, skin)
    for side in (-1, 1):
        cheek = np.minimum(face, canvas.ellipse(side * 0.4, 0.3, 0.2, 0.15))
        canvas.paint(cheek, rgb(255, 208, 198), 1, 0.2, shade=True)
        _paint_eye(canvas, person, side)
    _paint_nose_and_mouth(canvas, person, light)
    top = np.where(v < -0.15, canvas.ellipse(0, -0.15, 0.84, 1.08), 0.84 - np.abs(u))
    if person.length > 0:
        opening = canvas.ellipse(0.16, 0.3, 0.68, 0.3 - person.fringe)
    else:
        temple = 0.58 + 0.25 * np.clip(v + 0.5, 0, 1) - np.abs(u)
        opening = np.minimum(temple, v - person.fringe - 0.1 * np.cos(4 * u))
    cap = np.minimum(np.minimum(top, -opening), max(person.length, 0.1) - v)
    canvas.paint(np.minimum(face, cap + 0.07), _SHADOW, 0.7, 0.1, shade=True)
    canvas.paint(cap, _strands(canvas, person.hair, light), soft=0.03)


def _paint_eye(canvas: Canvas, person: Person, side: int) -> None:
    center = side * 0.3
    across, bend = np.abs(canvas.u - center), 2.2 * (canvas.u - center) ** 2
    white = canvas.ellipse(center, -0.08, 0.15, 0.07)
    canvas.paint(white, rgb(236, 230, 226) * (0.8 + 0.2 * person.skin))
    iris = rgb(96, 136, 160) if person.hair in ("blond", "gray") else rgb(84, 54, 36)
    canvas.paint(np.minimum(white, canvas.ellipse(center, -0.09, 0.065, 0.065)), iris)
    canvas.paint(np.minimum(white, canvas.ellipse(center, -0.09, 0.03, 0.03)), _DARK)
    lid = np.minimum(0.15 - across, 0.02 - np.abs(canvas.v + 0.145 - bend))
    canvas.paint(lid, _DARK, 0.9, 0.01)
    brow = np.minimum(0.19 - across, 0.03 - np.abs(canvas.v + 0.31 - bend))
    canvas.paint(brow, _HAIR[person.hair][0] * 0.75, 0.9, 0.02)


def _paint_nose_and_mouth(canvas: Canvas, person: Person, light: float) -> None:
    canvas.paint(canvas.ellipse(-0.08 * light, 0.1, 0.05, 0.24), _SHADOW, 0.6, 0.06, shade=True)
    canvas.paint(canvas.ellipse(0, 0.31, 0.15, 0.06), _SHADOW, 0.5, 0.05, shade=True)
    for side in (-1, 1):
        canvas.paint(canvas.ellipse(side * 0.08, 0.31, 0.04, 0.022), person.skin * 0.4, 1, 0.02)
    width = 0.2 + 0.06 * person.smile - np.abs(canvas.u)
    line = np.abs(canvas.v - 0.58 + 1.4 * person.smile * canvas.u**2)
    canvas.paint(np.minimum(width * 0.35, 0.065 - line), person.lips, soft=0.01)
    canvas.paint(np.minimum(width, 0.012 - line), person.lips * 0.4, 0.9, 0.01)


def _lit(canvas: Canvas, color: Array, light: float) -> Array:
    x, y = canvas.u / 1.05, canvas.v / 1.5
    z = np.sqrt(np.clip(1 - x**2 - y**2, 0.05, 1))
    lit = np.clip(0.5 * light * x - 0.35 * y + 0.7 * z, 0, 1)[..., None]
    # Skin in the shade is redder, not grayer.
    return np.asarray(color * (0.62 + 0.48 * lit) ** np.array([0.85, 1.05, 1.15]))


def _strands(canvas: Canvas, hair: str, light: float) -> Array:
    color, strands, swing = _HAIR[hair]
    along = np.hypot(canvas.u, np.minimum(canvas.v, 0)) + 0.02 * swing * np.sin(7 * canvas.v)
    grain = 0.1 * np.sin(strands * along + swing * np.sin(5 * canvas.v + 3 * canvas.u))
    shade = 0.85 + 0.2 * light * canvas.u + 0.15 * np.exp(-(((along - 0.8) / 0.15) ** 2)) + grain
    return np.asarray(color * shade[..., None])
