"""The small picture of a photo that a network sees, and back to the photo's size.

The lightness is reduced with its aspect ratio kept, so that its longer side is `WORKING_SIDE`, and
mirrored at its borders up to multiples of 32; a smaller photo is enlarged to it, at most fourfold.
So a photo gives the same small picture, and the same colors, whatever its size. Resizing is
Pillow's bicubic (a = -0.5, half-pixel centres, weights renormalized at the borders), whose kernel
widens when it reduces, so that nothing aliases.

A faded photo is shown with the contrast of a fresh one: tones are spread around their middle until
all but a hundredth at either end lie `CONTRAST` apart. Only the network sees that.
"""

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from colorization.color.lightness import Tile, split_into_tiles, tile_lightness

WORKING_SIDE = 192
# Beyond this a tiny photo is a blur that no network was trained on: its colors get worse.
MAX_UPSAMPLING = 4
CONTRAST = 70.0  # L between the tones of a photo; fresh ones have more, and stay as they are
MAX_GAIN = 3.0  # times that of the photo: beyond it what is spread is noise
MULTIPLE = 32  # of the sides of what a network takes
BAND_PIXELS = 1 << 22  # of a large photo, reduced at once
# Beyond this reduction Pillow's tables of weights grow large: groups of pixels are averaged first.
STEEP = 1024


class ResizePlan(NamedTuple):
    """Where the small picture lies in the network's input.

    Attributes:
        height: Of the small picture, pixels.
        width: Of the small picture, pixels.
        top: Rows of padding above it.
        left: Columns of padding left of it.
        padded: `(H, W)` of the network's input.
    """

    height: int
    width: int
    top: int
    left: int
    padded: tuple[int, int]


def plan_resize(
    shape: tuple[int, ...], input_size: tuple[int, int] | None = None, side: int = WORKING_SIDE
) -> ResizePlan:
    """Decide how small a photo is shown to a network.

    Args:
        shape: Of the photo, `(H, W)` or `(H, W, 3)`.
        input_size: `(H, W)` that the network is bound to; None if it takes multiples of 32.
        side: Longer side of the small picture, pixels, where the network is bound to no size.

    Returns:
        The frame.
    """
    room = input_size or (side, side)
    most = math.inf if input_size else MAX_UPSAMPLING
    scale = min(room[0] / shape[0], room[1] / shape[1], most)
    height, width = max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))
    padded = input_size or (_round_up(height), _round_up(width))
    return ResizePlan(height, width, (padded[0] - height) // 2, (padded[1] - width) // 2, padded)


def _round_up(length: int) -> int:
    return -(-length // MULTIPLE) * MULTIPLE


def resize_and_pad(
    image: np.ndarray,
    frame: ResizePlan,
    lightness: Callable[[np.ndarray], np.ndarray] = tile_lightness,
) -> np.ndarray:
    """Make the network's input of a photo; memory does not grow with the photo.

    Args:
        image: `(H, W)` or `(H, W, 3)`, checked by `check_photo`.
        frame: Of a photo of its size.
        lightness: From a part of the image to its L, `(rows, columns)` float32.

    Returns:
        `frame.padded` float32 L in [0, 100].
    """
    count = min(frame.height, -(-image.shape[0] * image.shape[1] // BAND_PIXELS))
    edges = [frame.height * index // count for index in range(count + 1)]
    bands = [_band(image, frame, *edge, lightness) for edge in itertools.pairwise(edges)]
    # Bicubic weights overshoot where black meets white.
    small = stretch_contrast(np.concatenate(bands).clip(0, 100))
    below, right = (p - s for p, s in zip(frame.padded, small.shape, strict=True))
    widths = [(frame.top, below - frame.top), (frame.left, right - frame.left)]
    return np.pad(small, widths, mode="symmetric")


def stretch_contrast(lightness: np.ndarray) -> np.ndarray:
    """Spread the tones of a faded photo.

    Args:
        lightness: `(h, w)` float32 L in [0, 100], of the small picture.

    Returns:
        `(h, w)` float32 L in [0, 100].
    """
    few = lightness.size // 100
    tones = np.sort(lightness, axis=None)
    low, high = tones[few], tones[-1 - few]
    gain = np.clip(CONTRAST / np.maximum(high - low, 1), 1, MAX_GAIN)
    if gain == 1:
        return lightness
    middle = (low + high) / 2
    spread = (lightness - middle) * gain + middle.clip(CONTRAST / 2, 100 - CONTRAST / 2)
    return spread.clip(0, 100)


def _band(
    image: np.ndarray,
    frame: ResizePlan,
    first: int,
    last: int,
    lightness: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    # Rows beyond the band's own are those that the kernel reaches.
    height, width = image.shape[:2]
    scale = height / frame.height
    reach = 2 * max(scale, 1) + 1
    start = max(0, int(first * scale - reach))
    rows = image[start : min(height, int(last * scale + reach) + 1)]
    values = np.empty(rows.shape[:2], np.float32)
    for tile in split_into_tiles(values.shape):
        values[tile] = lightness(rows[tile])
    down, across = (max(1, int(s / STEEP)) for s in (scale, width / frame.width))
    top, bottom = ((edge * scale - start) / down for edge in (first, last))
    reduced = Image.fromarray(_averaged(values, down, across)).resize(
        (frame.width, last - first), Image.Resampling.BICUBIC, (0, top, width / across, bottom)
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


def unpad(chroma: np.ndarray, frame: ResizePlan) -> np.ndarray:
    """Cut the small picture out of what the network answered.

    Args:
        chroma: `(*frame.padded, 2)`.
        frame: What it was asked with.

    Returns:
        `(frame.height, frame.width, 2)`.
    """
    rows = slice(frame.top, frame.top + frame.height)
    return chroma[rows, frame.left : frame.left + frame.width]


def upsample(
    chroma: np.ndarray,
    shape: tuple[int, ...],
    method: Image.Resampling = Image.Resampling.BICUBIC,
) -> np.ndarray:
    """Enlarge chroma as a whole.

    Args:
        chroma: `(h, w, 2)` floating point.
        shape: `(H, W)` to enlarge to.
        method: Of Pillow.

    Returns:
        `(H, W, 2)` float32.
    """
    size = shape[1], shape[0]
    planes = [np.asarray(plane.resize(size, method)) for plane in _planes(chroma)]
    return np.stack(planes, axis=-1)


def _planes(chroma: np.ndarray) -> list[Image.Image]:
    channels = np.ascontiguousarray(np.moveaxis(chroma, -1, 0), np.float32)
    return [Image.fromarray(channel) for channel in channels]


class TiledUpsampler:
    """Small chroma, enlarged bicubically to a photo's size, tile by tile.

    Args:
        chroma: `(h, w, 2)` floating point.
        shape: Of the photo, `(H, W)` or `(H, W, 3)`.
    """

    def __init__(self, chroma: np.ndarray, shape: tuple[int, ...]):
        self._planes = _planes(chroma)
        self._steps = chroma.shape[0] / shape[0], chroma.shape[1] / shape[1]

    def tile(self, tile: Tile) -> tuple[np.ndarray, np.ndarray]:
        """Return a and b of a part of the photo, the same as if it were enlarged whole.

        Args:
            tile: Rows and columns of the photo.

        Returns:
            Two arrays `(rows, columns)` float32.
        """
        rows, columns = tile
        size = (columns.stop - columns.start, rows.stop - rows.start)
        down, across = self._steps
        box = (columns.start * across, rows.start * down, columns.stop * across, rows.stop * down)
        a, b = (plane.resize(size, Image.Resampling.BICUBIC, box) for plane in self._planes)
        return np.asarray(a), np.asarray(b)
