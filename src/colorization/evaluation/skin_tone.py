"""Skin tones of faces, to compare errors between them.

The individual typology angle orders skin from dark to light by lightness and hue together (Chardon
et al. 1991): arctan((L - 50) / b), in degrees; above about 55 is very light, below -30 dark.
"""

from collections.abc import Sequence

import numpy as np

# Shares of the height and width: below the hair, above the mouth, between the ears.
ROWS, COLUMNS = (0.40, 0.70), (0.30, 0.70)
TONES = ("dark skin", "medium skin", "light skin")


def typology_angle(lab: np.ndarray) -> float:
    """Return the typology angle, degrees, of the median color in the middle of a face.

    The Lab image `(H, W, 3)` must be filled by the face, as in CelebA.
    """
    (top, bottom), (left, right) = (
        [round(share * length) for share in shares]
        for shares, length in zip((ROWS, COLUMNS), lab.shape, strict=False)
    )
    lightness, _, b = np.median(lab[top:bottom, left:right], axis=(0, 1))
    return float(np.degrees(np.arctan2(lightness - 50, b)))


def group_by_tone(photos: Sequence[np.ndarray]) -> dict[str, list[int]]:
    """Divide faces that fill the image, `(H, W, 3)` Lab, into three groups of the same size.

    Returns the indices of the photos of each skin tone, from dark to light.
    """
    order = np.argsort([typology_angle(photo) for photo in photos], kind="stable")
    thirds = np.array_split(order, len(TONES))
    return {tone: sorted(map(int, third)) for tone, third in zip(TONES, thirds, strict=True)}
