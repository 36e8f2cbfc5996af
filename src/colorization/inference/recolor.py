"""Join a photo's own lightness with predicted chroma, tile by tile on all cores."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from colorization.color.gamut import lab_to_linear_in_gamut, scale_chroma
from colorization.color.lightness import Tile, split_into_tiles, tile_lightness
from colorization.color.srgb import linear_to_srgb
from colorization.inference.preprocess import TiledUpsampler


def recolor(
    image: np.ndarray,
    chroma: np.ndarray,
    strength: float,
    dtype: type[np.unsignedinteger] = np.uint8,
) -> np.ndarray:
    """Color a photo; extra memory does not grow with its size.

    Args:
        image: `(H, W)` or `(H, W, 3)`, checked by `check_photo`.
        chroma: `(h, w, 2)` float32 ab of a reduced copy.
        strength: Factor on the chroma.
        dtype: np.uint8 or np.uint16, of the `(H, W, 3)` sRGB result.
    """
    result = np.empty((*image.shape[:2], 3), dtype)
    upsampler = TiledUpsampler(scale_chroma(chroma, strength), image.shape)

    def color(tile: Tile) -> None:
        lightness = tile_lightness(image[tile])
        a, b = upsampler.tile(tile)
        linear = lab_to_linear_in_gamut(lightness.ravel(), a.ravel(), b.ravel())
        planes = np.rint(linear_to_srgb(linear, np.iinfo(dtype).max)).astype(dtype)
        for channel in range(3):
            result[tile][..., channel] = planes[channel].reshape(lightness.shape)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(color, split_into_tiles(image.shape)):
            pass
    return result
