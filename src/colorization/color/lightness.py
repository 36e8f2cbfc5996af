"""The lightness of a photo of any kind, whole or tile by tile; NumPy alone."""

import functools
from typing import Any

import numpy as np

from colorization.color.srgb import XYZ_FROM_RGB, lightness_from_luminance, srgb_to_linear

TILE_PIXELS = 1 << 15  # what is worked on at once stays in the processor's cache
Tile = tuple[slice, slice]


def photo_lightness(im: Any) -> np.ndarray:
    """Return the lightness of a photo, as `check_photo` takes it: `(H, W)` float32 in [0, 100]."""
    image = check_photo(im)
    lightness = np.empty(image.shape[:2], np.float32)
    for tile in split_into_tiles(lightness.shape):
        lightness[tile] = tile_lightness(image[tile])
    return lightness


def check_photo(im: Any) -> np.ndarray:
    """Check that an array is a photo, and drop its alpha channel.

    Args:
        im: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`; uint8, uint16, bool, or floating
            point in [0, 1]; or a Pillow image. Others raise a `TypeError` or a `ValueError`.

    Returns:
        `(H, W)` gray or `(H, W, 3)` RGB; the same values, usually the same memory.
    """
    image = np.asarray(_to_plain_mode(im) if hasattr(im, "getbands") else im)
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


def _to_plain_mode(image: Any) -> Any:
    """Convert a Pillow image whose array is not gray or RGB, such as a palette's or CMYK."""
    if image.mode in ("1", "LA", "La"):
        return image.convert("LA" if image.mode == "La" else "L").convert("L")
    if image.mode == "I;16B":
        return np.asarray(image).astype(np.uint16)
    known = image.mode in ("L", "RGB", "RGBA", "I;16", "I", "F")
    return image if known else image.convert("RGBA" if image.mode in ("PA", "RGBa") else "RGB")


def tile_lightness(image: np.ndarray) -> np.ndarray:
    """Return the lightness of a part of what `check_photo` returned, float32 in [0, 100]."""
    if image.dtype.kind == "f":
        linear = srgb_to_linear(image.astype(np.float32))
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
    return _lightness(srgb_to_linear(_ramp(dtype))).astype(np.float32)


@functools.cache
def luminance_tables(dtype: np.dtype) -> np.ndarray:
    """Return the luminance of each code of red, green and blue, `(3, codes)` float32."""
    return (XYZ_FROM_RGB[1][:, None] * srgb_to_linear(_ramp(dtype))).astype(np.float32)


def _ramp(dtype: np.dtype) -> np.ndarray:
    return np.linspace(0, 1, 2 if dtype == np.bool_ else np.iinfo(dtype).max + 1)


def _lightness(luminance: np.ndarray) -> np.ndarray:
    lightness: np.ndarray = lightness_from_luminance(luminance).clip(0, 100)
    return lightness


def split_into_tiles(shape: tuple[int, ...]) -> list[Tile]:
    """Return the rows and columns of tiles of at most `TILE_PIXELS` that cover `(H, W, ...)`."""
    height, width = shape[:2]
    columns = min(width, TILE_PIXELS)
    rows = TILE_PIXELS // columns
    return [
        (slice(top, min(top + rows, height)), slice(left, min(left + columns, width)))
        for top in range(0, height, rows)
        for left in range(0, width, columns)
    ]
