"""Lab colors in linear light, and the compression of those that lie outside the sRGB gamut.

NumPy alone, so that colorizing starts fast; on planes, several times faster than on pixels.
"""

import numpy as np

from colorization.color.srgb import RGB_FROM_XYZ, inverse_lab_curve

STEPS = 10  # halvings of the interval; chroma is exact to 1/1024
TOLERANCE = 1e-5  # linear light; the rounding of float32 Lab
# Four times the largest chroma of sRGB: from farther away the halvings would end at gray.
MAX_CHROMA = 512.0


def scale_chroma(chroma: np.ndarray, strength: float) -> np.ndarray:
    """Multiply `(..., 2)` ab by `strength`, at least 0, at constant hue, up to `MAX_CHROMA`."""
    size = np.hypot(chroma[..., :1], chroma[..., 1:])
    factor = np.minimum(np.float64(strength), MAX_CHROMA / np.maximum(size, 1e-6))
    return (chroma * factor).astype(np.float32)


def lab_to_linear_in_gamut(lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Convert as `lab_to_linear`, with chroma scaled toward gray until a color fits: in [0, 1].

    Clipping R, G and B one by one, as `lab2rgb` does, would shift hue and lightness.
    """
    linear = lab_to_linear(lightness, a, b)
    outside = np.flatnonzero(~in_gamut(linear))
    if len(outside):
        lightness, a, b = lightness[outside], a[outside], b[outside]
        factor = _factor(lightness, a, b)
        linear[:, outside] = lab_to_linear(lightness, a * factor, b * factor)
    return np.clip(linear, 0, 1, out=linear)


def lab_to_linear(lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Convert `(n,)` float32 L, a and b to linear sRGB `(3, n)`, in [0, 1] inside the gamut."""
    y = (lightness + 16) / 116
    f = np.stack([y + a / 500, y, y - b / 200])
    return RGB_FROM_XYZ @ inverse_lab_curve(f)


def in_gamut(linear: np.ndarray) -> np.ndarray:
    """Return which of `(3, n)` linear colors sRGB can show, as `(n,)` bool."""
    inside: np.ndarray = (linear.min(axis=0) >= -TOLERANCE) & (linear.max(axis=0) <= 1 + TOLERANCE)
    return inside


def _factor(lightness: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low, high = np.zeros_like(lightness), np.ones_like(lightness)
    for _ in range(STEPS):
        middle = (low + high) / 2
        fits = in_gamut(lab_to_linear(lightness, a * middle, b * middle))
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return low
