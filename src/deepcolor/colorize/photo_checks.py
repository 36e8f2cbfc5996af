"""What a photo should not be: colorized before, in color, or a color negative."""

import numpy as np
from PIL import Image

from deepcolor.colorize.photo_file import PhotoFile
from deepcolor.colorize.provenance import COLORIZED_BEFORE, NeedsForceError, is_tagged

IN_COLOR = "it is in color already; --force colorizes it all the same"
NEGATIVE = "it looks like a color negative: invert it first, or --force colorizes it as it is"
GRAY = 2.0  # mean difference between channels, of 255, below which a result looks gray
# The clearest parts of a color negative are its orange mask: differences of 255, and a ratio. White
# paper that has yellowed stays far below.
ORANGE, MASK_BLUE = 100.0, 0.6
CLEAREST = 0.98  # quantile of the green
VARIED = 12.0  # mean difference from the tint of its tone, of 255, above which a photo has color


def check_photo_file(photo: PhotoFile) -> None:
    """Refuse a photo that is to be colorized with `--force` only.

    A black-and-white negative is not noticed: see docs/colorize.md.

    Raises:
        NeedsForceError: If this program has colorized it, or it is in color, or a color negative.
    """
    if is_tagged(photo.exif):
        raise NeedsForceError(COLORIZED_BEFORE)
    if photo.pixels.ndim == 2:
        return
    small = _reduce(photo.pixels)
    if _is_orange_negative(small):
        raise NeedsForceError(NEGATIVE)
    if _color_variety(small) > VARIED:
        raise NeedsForceError(IN_COLOR)


def warn_of_gray(result: np.ndarray) -> list[str]:
    """Return a warning if a result `(H, W, 3)` has hardly any color."""
    gray = np.ptp(_sample(result), axis=-1).mean() < GRAY
    return ["the result has hardly any color"] if gray else []


def _sample(image: np.ndarray) -> np.ndarray:
    """Return some pixels in [0, 255]."""
    step = max(1, max(image.shape) // 512)
    return image[::step, ::step].astype(np.float32) * (255 / np.iinfo(image.dtype).max)


def _reduce(pixels: np.ndarray) -> np.ndarray:
    """Return `(n, 3)` colors of a small copy, without the noise of a scanner."""
    sample = Image.fromarray(_sample(pixels).astype(np.uint8))
    small = sample.resize((64, 64), Image.Resampling.BOX)
    return np.asarray(small, np.float32).reshape(-1, 3)


def _color_variety(colors: np.ndarray) -> float:
    """Return the mean difference of pixels from the tint of their tone: 0 for sepia."""
    tones = colors[:, 1].astype(int) // 16
    counts = np.maximum(np.bincount(tones, minlength=16), 1)
    variety = 0.0
    for channel in (0, 2):
        tint = colors[:, channel] - colors[:, 1]
        mean = np.bincount(tones, tint, minlength=16) / counts
        variety += float(np.abs(tint - mean[tones]).mean())
    return variety


def _is_orange_negative(colors: np.ndarray) -> bool:
    red, green, blue = colors[colors[:, 1] >= np.quantile(colors[:, 1], CLEAREST)].mean(axis=0)
    return bool(red > green > blue and red - blue > ORANGE and blue < MASK_BLUE * red)
