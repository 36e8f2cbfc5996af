"""The lightness of a photo of any kind, whole or tile by tile.

NumPy alone. Integer photos are looked up in tables: a gray one costs a single look-up per pixel.
"""

import functools
from typing import Any

import numpy as np

from colorization.color.gamut import XYZ_FROM_RGB

TILE_PIXELS = 1 << 15  # what is worked on at once stays in the processor's cache
Tile = tuple[slice, slice]


def photo_lightness(im: Any) -> np.ndarray:
    """Return the lightness of a gray or color photo.

    Args:
        im: Photo, as `coloriser` takes it.

    Returns:
        `(H, W)` float32 L in [0, 100].

    Raises:
        TypeError: If `im` is not an array of numbers.
        ValueError: If its shape or range is not supported.
    """
    image = check_photo(im)
    lightness = np.empty(image.shape[:2], np.float32)
    for tile in split_into_tiles(lightness.shape):
        lightness[tile] = tile_lightness(image[tile])
    return lightness


def check_photo(im: Any) -> np.ndarray:
    """Return a photo as `tile_lightness` takes it, having checked that it is one.

    Args:
        im: Photo, as `coloriser` takes it.

    Returns:
        `(H, W)` gray or `(H, W, 3)` RGB; the same values, usually the same memory.

    Raises:
        TypeError: If `im` is not an array of numbers.
        ValueError: If its shape or range is not supported.
    """
    image = np.asarray(im)
    if image.dtype not in (np.uint8, np.uint16, np.bool_) and image.dtype.kind != "f":
        raise TypeError(f"`im` must be uint8, uint16, bool or floating point, got {image.dtype}")
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.ndim not in (2, 3) or channels not in (1, 3, 4) or image.size == 0:
        raise ValueError(
            f"`im` must be (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), received {image.shape}"
        )
    if image.ndim == 3:
        image = image[..., 0] if channels == 1 else image[..., :3]
    if image.dtype.kind == "f" and not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            f"a floating point `im` must lie in [0, 1], received values from {image.min():g} "
            f"to {image.max():g}"
        )
    return image


def tile_lightness(image: np.ndarray) -> np.ndarray:
    """Return the lightness of a part of a checked photo.

    Args:
        image: `(H, W)` or `(H, W, 3)`; uint8, uint16, bool or floating point.

    Returns:
        `(H, W)` float32 L in [0, 100].
    """
    if image.dtype.kind == "f":
        linear = _linear(image.astype(np.float32))
        return _lightness(linear if linear.ndim == 2 else linear @ XYZ_FROM_RGB[1].astype("f4"))
    if image.ndim == 2:
        return _gray_table(image.dtype)[image.astype(np.uint16)]
    red, green, blue = luminance_tables(image.dtype)
    codes = image.astype(np.uint16)
    luminance = red[codes[..., 0]]
    luminance += green[codes[..., 1]]
    luminance += blue[codes[..., 2]]
    return _lightness(luminance)


@functools.cache
def _gray_table(dtype: np.dtype) -> np.ndarray:
    return _lightness(_linear(_ramp(dtype))).astype(np.float32)


@functools.cache
def luminance_tables(dtype: np.dtype) -> np.ndarray:
    """Return what each code of red, green and blue adds to the luminance.

    Args:
        dtype: Of the photo, integer or bool.

    Returns:
        `(3, codes)` float32; a white pixel's three add up to 1.
    """
    return (XYZ_FROM_RGB[1][:, None] * _linear(_ramp(dtype))).astype(np.float32)


def _ramp(dtype: np.dtype) -> np.ndarray:
    return np.linspace(0, 1, 2 if dtype == np.bool_ else np.iinfo(dtype).max + 1)


def _linear(encoded: np.ndarray) -> np.ndarray:
    return np.where(encoded > 0.04045, ((encoded + 0.055) / 1.055) ** 2.4, encoded / 12.92)


def _lightness(luminance: np.ndarray) -> np.ndarray:
    curve = 116 * np.cbrt(luminance) - 16
    return np.where(luminance > 0.008856, curve, 116 * 7.787 * luminance).clip(0, 100)


def split_into_tiles(shape: tuple[int, ...]) -> list[Tile]:
    """Cut a photo of any proportions into tiles of at most `TILE_PIXELS`.

    Args:
        shape: `(H, W)` or `(H, W, 3)`.

    Returns:
        Rows and columns of each tile.
    """
    height, width = shape[:2]
    columns = min(width, TILE_PIXELS)
    rows = TILE_PIXELS // columns
    return [
        (slice(top, min(top + rows, height)), slice(left, min(left + columns, width)))
        for top in range(0, height, rows)
        for left in range(0, width, columns)
    ]
