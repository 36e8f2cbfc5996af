"""Bringing Lab colours into the sRGB gamut without changing their lightness or hue."""

import numpy as np
from skimage.color.colorconv import rgb_from_xyz

from colorization.lab import D65

STEPS = 10  # halvings of the interval; chroma is exact to 1/1024
TOLERANCE = 1e-4  # linear light; far below one 8-bit level


def into_gamut(lab: np.ndarray) -> np.ndarray:
    """Scale chroma towards grey, at constant lightness and hue, until a colour fits into sRGB.

    Clipping R, G and B one by one, as `lab2rgb` does, would shift hue and lightness.

    Args:
        lab: `(..., 3)` float32. L in [0, 100], a and b in [-128, 128].

    Returns:
        `(..., 3)` float32, equal to `lab` where it was in gamut.
    """
    outside = ~_displayable(lab)
    fitted = lab.copy()
    fitted[outside] = _shrink(lab[outside])
    return fitted


def _shrink(lab: np.ndarray) -> np.ndarray:
    low, high = np.zeros(len(lab), np.float32), np.ones(len(lab), np.float32)
    for _ in range(STEPS):
        middle = (low + high) / 2
        fits = _displayable(_scale_chroma(lab, middle))
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return _scale_chroma(lab, low)


def _scale_chroma(lab: np.ndarray, factor: np.ndarray) -> np.ndarray:
    return np.stack([lab[..., 0], lab[..., 1] * factor, lab[..., 2] * factor], axis=-1)


def _displayable(lab: np.ndarray) -> np.ndarray:
    y = (lab[..., 0] + 16) / 116
    f = np.stack([lab[..., 1] / 500 + y, y, y - lab[..., 2] / 200], axis=-1)
    xyz = np.where(f > 0.2068966, f**3, (f - 16 / 116) / 7.787)
    linear = xyz @ (rgb_from_xyz.T * np.array(D65)[:, None]).astype(np.float32)
    return ((linear >= -TOLERANCE) & (linear <= 1 + TOLERANCE)).all(axis=-1)
