"""The black-and-white photo beside the result."""

import numpy as np

from colorization.color.lightness import check_photo
from colorization.inference.recolor import recolor

GAP = 8  # pixels between photos side by side


def to_grayscale(image: np.ndarray, dtype: type[np.unsignedinteger] = np.uint8) -> np.ndarray:
    """Remove the color of a photo: `(H, W, 3)` sRGB of the same lightness and of `dtype`."""
    neutral = recolor(check_photo(image), np.zeros((1, 1, 2), np.float32), 0, dtype)
    # Rounding leaves some channels one level off.
    return np.repeat(neutral[..., 1:2], 3, axis=-1)


def side_by_side(*images: np.ndarray) -> np.ndarray:
    """Join photos `(H, W, 3)`, or alphas `(H, W)`, of one height and dtype, with white gaps."""
    height, _, *channels = images[0].shape
    dtype = images[0].dtype
    gap = np.full((height, GAP, *channels), np.iinfo(dtype).max, dtype)
    parts = [part for image in images for part in (gap, image)]
    return np.concatenate(parts[1:], axis=1)
