"""Skin tones of the photographed, so that errors can be told apart by them.

The individual typology angle orders skin from dark to light by lightness and hue together (Chardon
et al. 1991): arctan((L - 50) / b), in degrees; about 55 and more is very light, below -30 dark.
"""

from collections.abc import Sequence

import numpy as np

# Of a face that fills the picture: below the hair, above the mouth, between the ears.
ROWS, COLUMNS = (0.40, 0.70), (0.30, 0.70)
TONES = ("dark skin", "medium skin", "light skin")


def typology_angle(lab: np.ndarray) -> float:
    """Return the individual typology angle of a face.

    Args:
        lab: `(H, W, 3)` Lab of a face that fills the picture, as in CelebA.

    Returns:
        Degrees, in (-180, 180]; of the median color over the middle of the face.
    """
    (top, bottom), (left, right) = (
        [round(share * length) for share in shares]
        for shares, length in zip((ROWS, COLUMNS), lab.shape, strict=False)
    )
    lightness, _, b = np.median(lab[top:bottom, left:right], axis=(0, 1))
    return float(np.degrees(np.arctan2(lightness - 50, b)))


def group_by_tone(photos: Sequence[np.ndarray]) -> dict[str, list[int]]:
    """Divide faces into three groups of the same size by the tone of their skin.

    Args:
        photos: `(H, W, 3)` Lab images of faces that fill the picture.

    Returns:
        Indices of the photos of each tone, from dark to light.
    """
    order = np.argsort([typology_angle(photo) for photo in photos], kind="stable")
    thirds = np.array_split(order, len(TONES))
    return {tone: sorted(map(int, third)) for tone, third in zip(TONES, thirds, strict=True)}
