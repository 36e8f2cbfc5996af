"""Hair: a cut is an outline behind the head and one in front; its texture goes with its color."""

import numpy as np

from deepcolor.portraits.canvas import Array, Canvas, Paint, curve, ellipse, mirrored, rgb, shifted
from deepcolor.portraits.subject import Sitter

# The right half of what hangs behind the head, from top to bottom.
_BACK = {
    "long": [(0.3, -1.26), (0.72, -0.95), (0.9, -0.4), (0.95, 0.3), (1.02, 1.0), (0.9, 1.62)],
    "swept": [(0.3, -1.26), (0.74, -0.95), (0.92, -0.4), (0.93, 0.3), (0.97, 0.9), (0.6, 1.2)],
    "bob": [(0.3, -1.26), (0.72, -0.98), (0.93, -0.4), (0.98, 0.2), (0.9, 0.72), (0.5, 0.78)],
    "afro": [(0.35, -1.5), (0.85, -1.25), (1.15, -0.75), (1.18, -0.2), (1.0, 0.3), (0.6, 0.4)],
}
HIDES_EARS = ("long", "swept", "bob", "afro")
# The skull cap from the middle of the head down to the ear, and the hairline back up again.
_CAP = [(0.0, -1.27), (0.36, -1.2), (0.66, -0.95), (0.8, -0.55), (0.79, -0.12)]
_HAIRLINE = {
    "long": [(0.69, 0.1), (0.62, -0.35), (0.4, -0.68), (0.04, -0.95)],
    "bob": [(0.7, 0.05), (0.62, -0.32), (0.56, -0.42), (0.28, -0.4), (0.0, -0.41)],
    "afro": [(0.68, -0.1), (0.62, -0.45), (0.42, -0.68), (0.0, -0.74)],
    "bun": [(0.69, -0.05), (0.64, -0.45), (0.4, -0.76), (0.0, -0.86)],
    "crop": [
        (0.7, -0.02),
        (0.65, -0.42),
        (0.55, -0.62),
        (0.44, -0.69),
        (0.33, -0.63),
        (0.2, -0.7),
        (0.1, -0.65),
    ],
    "quiff": [(0.7, -0.02), (0.66, -0.42), (0.5, -0.7), (0.2, -0.76), (0.0, -0.76)],
    "receding": [(0.7, 0.0), (0.67, -0.4), (0.6, -0.72), (0.5, -0.95), (0.3, -1.0), (0.0, -0.95)],
}


def paint_back_hair(canvas: Canvas, sitter: Sitter, light: Array) -> None:
    """Paint the hair that neck and face will cover.

    Args:
        canvas: where to paint.
        sitter: whose hair.
        light: `(3,)` unit vector toward the light.
    """
    paint = strands(sitter, light, shine=0.6)
    if sitter.cut == "bun":
        canvas.paint(_ruffled(ellipse(0, -1.32, 0.36, 0.3), sitter), paint)
    if sitter.cut in _BACK:
        canvas.paint(_ruffled(curve(mirrored(_BACK[sitter.cut])), sitter), paint)


def paint_front_hair(canvas: Canvas, sitter: Sitter, light: Array, face: Array) -> None:
    """Paint the hair that falls over the face, and its shadow on the forehead.

    Args:
        canvas: where to paint.
        sitter: whose hair.
        light: `(3,)` unit vector toward the light.
        face: `(n, 2)` outline of the face, which catches the shadow.
    """
    front = _front(sitter)
    shadow = shifted(front, -0.05 * light[0], 0.06)
    canvas.paint(shadow, rgb(160, 125, 120), soft=0.045, opacity=0.8, within=face, multiply=True)
    canvas.paint(front, strands(sitter, light, shine=1.0), soft=0.012)


def _front(sitter: Sitter) -> Array:
    if sitter.cut in ("parted", "swept"):
        line = [(0.7, 0.0), (0.66, -0.45), (0.5, -0.66), (0.1, -0.72), (-0.42, -0.98)]
        rest = [(-0.6, -0.68), (-0.67, -0.4), (-0.7, 0.0)]
        left = [(-u, v) for u, v in _CAP[:0:-1]]
        return _ruffled(curve(np.array(_CAP + line + rest + left)), sitter)
    width, height = {"crop": (0.95, 1), "quiff": (0.95, 1), "receding": (0.95, 0.95)}.get(
        sitter.cut, (1, 1)
    )
    half = np.concatenate([np.array(_CAP) * (width, height), np.array(_HAIRLINE[sitter.cut])])
    outline = _ruffled(curve(np.concatenate([half, half[-2:0:-1] * (-1, 1)])), sitter)
    if sitter.cut == "quiff":
        volume = np.clip(-0.8 - outline[:, 1], 0, 0.3)
        outline += volume[:, None] * np.array([0.3, -0.35])
    return outline


def _ruffled(outline: Array, sitter: Sitter) -> Array:
    depth = {"curls": 0.07, "coils": 0.05, "waves": 0.02}.get(sitter.hair_texture, 0.0)
    phase = np.arange(len(outline)) * 0.75
    swell = 1 + depth * np.abs(np.sin(phase))
    return np.asarray(outline * swell[:, None])


def strands(sitter: Sitter, light: Array, shine: float) -> Paint:
    """Make the color of hair, strand by strand.

    Args:
        sitter: whose hair.
        light: `(3,)` unit vector toward the light.
        shine: strength of the gloss around the crown, [0, 1].

    Returns:
        A function of (u, v) for `Canvas.paint`.
    """
    gloss = shine * {"sleek": 0.3, "strands": 0.2, "waves": 0.16}.get(sitter.hair_texture, 0.06)
    sheen = gloss * (0.6 + 0.4 * sitter.hair)

    faded = 0.22 if sitter.cut in ("crop", "quiff") else 0.0

    def paint(u: Array, v: Array) -> Array:
        grain = _TEXTURES[sitter.hair_texture](u, v, _flow(sitter.cut, u, v))
        toward = np.clip(0.5 + 0.5 * (u * light[0] + v * light[1]), 0, 1)
        band = np.exp(-(((np.hypot(u * 1.15, v + 0.05) - 1.03) / 0.13) ** 2)) * toward**2
        shade = 0.64 + 0.5 * toward + grain - faded * _temples(u, v)
        return np.asarray(
            sitter.hair * shade[..., None] + sheen * (band * (1 + 3 * grain))[..., None]
        )

    return paint


def _temples(u: Array, v: Array) -> Array:
    side, low = np.clip((np.abs(u) - 0.5) / 0.15, 0, 1), np.clip((v + 0.95) / 0.3, 0, 1)
    return np.asarray(side * low)


def _flow(cut: str, u: Array, v: Array) -> Array:
    """Number the strands: constant along each of them, one unit from ear to ear or so."""
    if cut in ("long", "swept", "parted", "bun"):
        return np.asarray(np.hypot(u, np.minimum(v - 0.05, 0)))
    if cut == "bob":
        return np.asarray(np.arctan2(u, v + 2.1) * 1.4)
    return np.asarray(np.arctan2(u + 0.25, 0.6 - v))


def _sleek(u: Array, v: Array, flow: Array) -> Array:
    return np.asarray(
        0.05 * np.sin(37 * flow + 2 * np.sin(11 * flow)) + 0.04 * np.sin(83 * flow + 3 * v)
    )


def _fine(u: Array, v: Array, flow: Array) -> Array:
    lock = np.sin(31 * flow + 2.5 * np.sin(7 * flow) + v)
    return np.asarray(0.07 * lock + 0.06 * np.sin(89 * flow + 3 * np.sin(13 * flow) - v))


def _waves(u: Array, v: Array, flow: Array) -> Array:
    lock = np.sin(29 * flow + 1.8 * np.sin(6 * v + 2 * u) + 2 * np.sin(5 * flow))
    return np.asarray(0.09 * lock + 0.05 * np.sin(71 * flow + 2 * np.sin(6 * v)))


def _curls(u: Array, v: Array, flow: Array) -> Array:
    across = 18 * u + 1.6 * np.sin(9 * v) + 1.2 * np.sin(5 * u + 4 * v)
    return np.asarray(0.17 * np.sin(across) * np.sin(17 * v + 1.6 * np.sin(8 * u)))


def _coils(u: Array, v: Array, flow: Array) -> Array:
    across = 38 * u + 2 * np.sin(13 * v) + 2 * np.sin(7 * u - 5 * v)
    return np.asarray(0.2 * np.sin(across) * np.sin(37 * v + 2 * np.sin(11 * u)))


_TEXTURES = {
    "sleek": _sleek,
    "strands": _fine,
    "wisps": _fine,
    "waves": _waves,
    "curls": _curls,
    "coils": _coils,
}
