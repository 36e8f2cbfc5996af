"""Clothes: the weave decides the color, so that a black-and-white drawing gives it away."""

import numpy as np

from deepcolor.portraits.canvas import Array, Canvas, Paint, curve, mirrored, rgb, shifted

_WHITE = rgb(240, 241, 243)
_SHADE = rgb(130, 122, 130)
_LAPEL = [(0.42, 1.24), (0.62, 1.19), (0.86, 1.72), (0.66, 1.78), (0.7, 1.9), (0.0, 2.5)]
_SHOULDERS = [(1.02, 1.37), (1.42, 1.56), (1.66, 1.9), (1.8, 2.6), (2.0, 6.0)]
_NECKLINES = {
    "crew": [(0.1, 1.44), (0.34, 1.36), (0.52, 1.2)],
    "scoop": [(0.1, 1.74), (0.4, 1.6), (0.62, 1.26)],
    "v": [(0.02, 1.95), (0.28, 1.6), (0.52, 1.22)],
}


def paint_clothes(canvas: Canvas, rng: np.random.Generator, feminine: bool, light: Array) -> None:
    """Dress the sitter.

    Args:
        canvas: where to paint.
        rng: where the choice of the garment and the slight change of its color come from.
        feminine: which wardrobe to choose from.
        light: `(3,)` unit vector toward the light.
    """
    wardrobe = ("suit", "stripes", "knit", "denim") + (
        ("dots", "satin", "satin") if feminine else ("suit", "knit", "leather")
    )
    name = str(rng.choice(wardrobe))
    dye = rng.uniform(0.9, 1.1) * (1 + rng.normal(0, 0.025, 3))
    if name in ("suit", "leather", "denim"):
        _paint_jacket(canvas, _woven(name, dye, light), tie=name == "suit" and not feminine)
    else:
        neckline = {"dots": "scoop", "satin": "v"}.get(name, "crew")
        _paint_top(canvas, _woven(name, dye, light), neckline, ribbed=name == "knit")


def _body(neckline: str) -> Array:
    return curve(mirrored(_NECKLINES[neckline] + _SHOULDERS))


def _paint_top(canvas: Canvas, paint: Paint, neckline: str, ribbed: bool) -> None:
    body, edge = _body(neckline), _NECKLINES[neckline]
    canvas.paint(shifted(body, 0, -0.03), _SHADE, soft=0.04, opacity=0.4, multiply=True)
    canvas.paint(body, paint)
    hem = shifted(curve([(-u, v) for u, v in edge[::-1]] + edge, closed=False), 0, 0.05)
    width = 0.1 if ribbed else 0.03
    canvas.paint(hem, _SHADE, stroke=width, opacity=0.55, within=body, multiply=True)


def _paint_jacket(canvas: Canvas, paint: Paint, tie: bool) -> None:
    body, shirt = _body("crew"), mirrored([(0.02, 1.45), (0.34, 1.36), (0.5, 1.2), (0.02, 2.45)])
    canvas.paint(body, paint)
    canvas.paint(shirt, _shirt)
    if tie:
        canvas.paint(mirrored([(0.12, 1.42), (0.08, 1.58), (0.17, 2.45)]), _silk, within=shirt)
        canvas.paint(mirrored([(0.08, 1.55), (0.09, 1.6)]), _SHADE, soft=0.015, multiply=True)
    for side in (-1, 1):
        lapel = np.array(_LAPEL) * (side, 1)
        canvas.paint(shifted(lapel, 0, 0.04), _SHADE, soft=0.03, within=body, multiply=True)
        canvas.paint(lapel, lambda u, v: paint(u, v) * 1.15)
        collar = np.array([(0.0, 1.44), (0.48, 1.14), (0.54, 1.3), (0.28, 1.66)]) * (side, 1)
        canvas.paint(
            shifted(collar, 0, 0.04), _SHADE, soft=0.02, opacity=0.7, within=body, multiply=True
        )
        canvas.paint(collar, _WHITE)


def _shirt(u: Array, v: Array) -> Array:
    return np.asarray(_WHITE * (0.95 - 0.06 * np.cos(9 * u))[..., None])


def _silk(u: Array, v: Array) -> Array:
    stripe = (np.sin(30 * (u + v)) > 0.3)[..., None]
    return np.where(stripe, rgb(188, 150, 150), rgb(132, 24, 38)) * (1.1 - np.abs(u) * 2)[..., None]


def _woven(name: str, dye: Array, light: Array) -> Paint:
    def paint(u: Array, v: Array) -> Array:
        color, weave = _WEAVES[name](u, v)
        lit = 0.92 + 0.16 * u * light[0] - 0.18 * np.abs(u) ** 3 * (np.abs(u) < 3) * 0.3
        return np.asarray(color * dye * (np.clip(lit, 0.6, 1.2) + weave)[..., None])

    return paint


def _suit(u: Array, v: Array) -> tuple[Array, Array]:
    return rgb(40, 48, 74), np.asarray(0.16 * (np.sin(44 * u) > 0.95))


def _stripes(u: Array, v: Array) -> tuple[Array, Array]:
    light = (np.sin(27 * (v + 0.12 * u * u)) > 0.1)[..., None]
    return np.where(light, rgb(238, 228, 218), rgb(184, 38, 44)), 0.04 * np.sin(5 * u)


def _knit(u: Array, v: Array) -> tuple[Array, Array]:
    cable = np.sin(62 * v + 4 * np.abs(np.sin(15 * u)))
    return rgb(64, 118, 76), np.asarray(0.2 * cable * np.abs(np.cos(15 * u)) - 0.04)


def _denim(u: Array, v: Array) -> tuple[Array, Array]:
    return rgb(72, 104, 152), np.asarray(0.13 * np.sin(75 * (u + 1.4 * v)) + 0.06 * np.sin(7 * u))


def _leather(u: Array, v: Array) -> tuple[Array, Array]:
    fold = np.sin(5 * u + 6 * v + 1.5 * np.sin(7 * u))
    return rgb(86, 54, 38), np.asarray(0.7 * np.clip(fold - 0.6, 0, 1) + 0.05 * fold)


def _dots(u: Array, v: Array) -> tuple[Array, Array]:
    row = np.floor(v / 0.17)
    du = (u / 0.17 + 0.5 * (row % 2)) % 1 - 0.5
    spot = (du**2 + (v / 0.17 - row - 0.5) ** 2 < 0.07)[..., None]
    return np.where(spot, rgb(250, 246, 236), rgb(222, 164, 44)), 0.05 * np.sin(4 * u)


def _satin(u: Array, v: Array) -> tuple[Array, Array]:
    fold = np.sin(8 * u + 3 * np.sin(2.5 * v + u))
    return rgb(136, 76, 142), np.asarray(0.14 * fold + 0.25 * np.clip(fold, 0, 1) ** 4)


_WEAVES = {
    "suit": _suit,
    "stripes": _stripes,
    "knit": _knit,
    "denim": _denim,
    "leather": _leather,
    "dots": _dots,
    "satin": _satin,
}
