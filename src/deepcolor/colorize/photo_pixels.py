"""The pixels of a photo's file: upright, in sRGB, with all of their bits where it is possible."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from PIL import Image

from colorization.data.color_profile import ColorProfileError, convert_to_srgb
from colorization.data.image_io import split_alpha, turning
from colorization.data.tiff import gray_to_16_bits
from deepcolor.colorize.sixteen_bits import convert_16_bits, read_with_libvips, stored_bits

T = TypeVar("T")
Pixels = tuple[np.ndarray, np.ndarray | None, list[str]]  # color, alpha, warnings


def read_pixels(image: Image.Image, data: bytes, foreign: bool) -> Pixels:
    """Decode an opened image; `data` and `foreign` are those of `read_with_libvips`.

    Returns:
        Its color, gray or sRGB, upright, its alpha or None, and warnings for the user.
    """
    profile = image.info.get("icc_profile")
    decoded = read_with_libvips(image, data, foreign)
    if decoded is not None:
        pixels, alpha, problems = decoded
        converted, more = _to_srgb(_convert, pixels, profile)
        return converted, alpha, problems + more
    image.load()
    method = turning(image)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        pixels, problems = _to_srgb(convert_16_bits, gray_to_16_bits(image), profile)
        return _upright(Image.fromarray(pixels), method), None, problems
    opaque, transparency = split_alpha(image)
    opaque, problems = _to_srgb(convert_to_srgb, opaque, profile)
    if (bits := stored_bits(image, data)) > 8:
        problems.append(f"its {bits} bits per channel are reduced to 8")
    # Gray stays gray: a look-up table gives its lightness.
    color = opaque.convert("RGB") if opaque.mode == "CMYK" else opaque
    upright = _upright(color, method)
    return upright, None if transparency is None else _upright(transparency, method), problems


def _upright(image: Image.Image, method: Image.Transpose | None) -> np.ndarray:
    return np.asarray(image if method is None else image.transpose(method))


def _convert(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    if pixels.dtype == np.uint16:
        return convert_16_bits(pixels, profile)
    return np.asarray(convert_to_srgb(Image.fromarray(pixels), profile))


def _to_srgb(
    convert: Callable[[T, bytes], T], image: T, profile: bytes | None
) -> tuple[T, list[str]]:
    try:
        return convert(image, profile) if profile else image, []
    except ColorProfileError as error:
        return image, [f"{error}, and is ignored"]
