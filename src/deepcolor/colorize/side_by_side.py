"""The black-and-white photo beside the result."""

import numpy as np

from colorization.color.lightness import check_photo
from colorization.inference.recolor import recolor

GAP = 8  # pixels between photos side by side


def to_grayscale(image: np.ndarray, dtype: type[np.unsignedinteger] = np.uint8) -> np.ndarray:
    """Return a photo without its color.

    Args:
        image: Photo, as `coloriser` takes it.
        dtype: Of the result, np.uint8 or np.uint16.

    Returns:
        `(H, W, 3)` sRGB of the same lightness.
    """
    neutral = recolor(check_photo(image), np.zeros((1, 1, 2), np.float32), 0, dtype)
    # The rounding of white's coordinates leaves a channel one code off here and there.
    return np.repeat(neutral[..., 1:2], 3, axis=-1)


def side_by_side(*images: np.ndarray) -> np.ndarray:
    """Put photos of one size side by side, with a white gap.

    Args:
        *images: `(H, W, 3)`, all of one unsigned dtype.

    Returns:
        `(H, W', 3)` of that dtype.
    """
    dtype = images[0].dtype
    gap = np.full((images[0].shape[0], GAP, 3), np.iinfo(dtype).max, dtype)
    parts = [part for image in images for part in (gap, image)]
    return np.concatenate(parts[1:], axis=1)
