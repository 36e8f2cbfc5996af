"""From a photo to a network's input, and from its chroma back to the photo's size.

A photo is reduced to one size, whatever its own, and mirrored at its borders to multiples of 32.
Resizing is Pillow's antialiased bicubic: a = -0.5, weights renormalized at the borders.
"""

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from colorization.color.lightness import Tile, split_into_tiles, tile_lightness

WORKING_SIDE = 160
# Upsampled further, a tiny photo is a blur unlike the training photos: its colors get worse.
MAX_UPSAMPLING = 4
CONTRAST = 70.0  # units of L; photos with more contrast stay as they are
MAX_GAIN = 3.0  # a larger gain would amplify noise
MULTIPLE = 32  # the sides of a network's input are multiples of this
BAND_PIXELS = 1 << 22  # pixels of a large photo that are reduced at once
# For larger reductions Pillow's weight tables grow large: groups of pixels are averaged first.
MAX_REDUCTION = 1024


class ResizePlan(NamedTuple):
    """Size of a reduced photo and its padding in the network's input, pixels."""

    height: int
    width: int
    top: int  # rows of padding above it
    left: int  # columns of padding left of it
    padded: tuple[int, int]  # `(H, W)` of the network's input


def plan_resize(
    shape: tuple[int, ...], input_size: tuple[int, int] | None = None, side: int = WORKING_SIDE
) -> ResizePlan:
    """Decide how a photo `(H, W, ...)` is resized and padded for a network.

    Its longer side becomes `side` pixels; or it fits into `input_size`, as in `Predictor`.
    """
    bounds = input_size or (side, side)
    limit = math.inf if input_size else MAX_UPSAMPLING
    scale = min(bounds[0] / shape[0], bounds[1] / shape[1], limit)
    height, width = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    padded = input_size or (_round_up(height), _round_up(width))
    return ResizePlan(height, width, (padded[0] - height) // 2, (padded[1] - width) // 2, padded)


def _round_up(length: int) -> int:
    return -(-length // MULTIPLE) * MULTIPLE


def resize_and_pad(
    image: np.ndarray,
    plan: ResizePlan,
    lightness: Callable[[np.ndarray], np.ndarray] = tile_lightness,
) -> np.ndarray:
    """Make the network's input from a photo; extra memory does not grow with the photo.

    Args:
        image: `(H, W)` or `(H, W, 3)`, checked by `check_photo`.
        plan: `plan_resize` of the photo's shape.
        lightness: From a part of the image to its L, `(rows, columns)` float32.

    Returns:
        `plan.padded` float32 L in [0, 100].
    """
    return pad(stretch_contrast(reduce_photo(image, plan, lightness)), plan)


def pad(small: np.ndarray, plan: ResizePlan) -> np.ndarray:
    """Mirror a reduced photo at its sides: from `(plan.height, plan.width)` to `plan.padded`."""
    below, right = (p - s for p, s in zip(plan.padded, small.shape, strict=True))
    widths = [(plan.top, below - plan.top), (plan.left, right - plan.left)]
    return np.pad(small, widths, mode="symmetric")


def reduce_photo(
    image: np.ndarray,
    plan: ResizePlan,
    lightness: Callable[[np.ndarray], np.ndarray] = tile_lightness,
) -> np.ndarray:
    """Reduce a photo to L `(plan.height, plan.width)`; arguments as of `resize_and_pad`."""
    count = min(plan.height, -(-image.shape[0] * image.shape[1] // BAND_PIXELS))
    edges = [plan.height * index // count for index in range(count + 1)]
    bands = [_band(image, plan, *edge, lightness) for edge in itertools.pairwise(edges)]
    # Bicubic weights overshoot where black meets white.
    return np.concatenate(bands).clip(0, 100)


def stretch_contrast(lightness: np.ndarray) -> np.ndarray:
    """Spread the tones of a faded photo; L `(h, w)` float32 in [0, 100] in and out.

    The 1st and the 99th percentile will be `CONTRAST` apart, around their middle.
    """
    percent = lightness.size // 100
    tones = np.sort(lightness, axis=None)
    low, high = tones[percent], tones[-1 - percent]
    gain = np.clip(CONTRAST / np.maximum(high - low, 1), 1, MAX_GAIN)
    if gain == 1:
        return lightness
    middle = (low + high) / 2
    spread = (lightness - middle) * gain + middle.clip(CONTRAST / 2, 100 - CONTRAST / 2)
    return spread.clip(0, 100)


def _band(
    image: np.ndarray,
    plan: ResizePlan,
    first: int,
    last: int,
    lightness: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    # The band's own rows and those that the kernel reaches beyond them.
    height, width = image.shape[:2]
    scale = height / plan.height
    reach = 2 * max(scale, 1) + 1
    start = max(0, int(first * scale - reach))
    rows = image[start : min(height, int(last * scale + reach) + 1)]
    values = np.empty(rows.shape[:2], np.float32)
    for tile in split_into_tiles(values.shape):
        values[tile] = lightness(rows[tile])
    down, across = (max(1, int(s / MAX_REDUCTION)) for s in (scale, width / plan.width))
    top, bottom = ((edge * scale - start) / down for edge in (first, last))
    reduced = Image.fromarray(_averaged(values, down, across)).resize(
        (plan.width, last - first), Image.Resampling.BICUBIC, (0, top, width / across, bottom)
    )
    return np.asarray(reduced)


def _averaged(values: np.ndarray, down: int, across: int) -> np.ndarray:
    for axis, step in enumerate((down, across)):
        if step > 1:
            starts = np.arange(0, values.shape[axis], step)
            counts = np.diff(np.append(starts, values.shape[axis])).astype(np.float32)
            sums = np.add.reduceat(values, starts, axis)
            values = sums / np.expand_dims(counts, 1 - axis)
    return values


def unpad(padded: np.ndarray, plan: ResizePlan) -> np.ndarray:
    """Remove the padding: from `(*plan.padded, ...)` to `(plan.height, plan.width, ...)`."""
    rows = slice(plan.top, plan.top + plan.height)
    return padded[rows, plan.left : plan.left + plan.width]


def upsample(
    chroma: np.ndarray,
    shape: tuple[int, ...],
    method: Image.Resampling = Image.Resampling.BICUBIC,
) -> np.ndarray:
    """Upsample chroma `(h, w, 2)` to `(H, W, 2)` float32, by default bicubically."""
    size = shape[1], shape[0]
    planes = [np.asarray(plane.resize(size, method)) for plane in _planes(chroma)]
    return np.stack(planes, axis=-1)


def _planes(chroma: np.ndarray) -> list[Image.Image]:
    channels = np.ascontiguousarray(np.moveaxis(chroma, -1, 0), np.float32)
    return [Image.fromarray(channel) for channel in channels]


class TiledUpsampler:
    """Upsamples chroma `(h, w, 2)` bicubically to a photo's `(H, W)`, tile by tile."""

    def __init__(self, chroma: np.ndarray, shape: tuple[int, ...]):
        self._planes = _planes(chroma)
        self._steps = chroma.shape[0] / shape[0], chroma.shape[1] / shape[1]

    def tile(self, tile: Tile) -> tuple[np.ndarray, np.ndarray]:
        """Return a and b of a tile of the photo, `(rows, columns)` float32 each."""
        rows, columns = tile
        size = (columns.stop - columns.start, rows.stop - rows.start)
        down, across = self._steps
        box = (columns.start * across, rows.start * down, columns.stop * across, rows.stop * down)
        a, b = (plane.resize(size, Image.Resampling.BICUBIC, box) for plane in self._planes)
        return np.asarray(a), np.asarray(b)
