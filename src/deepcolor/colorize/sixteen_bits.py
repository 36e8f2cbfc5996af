"""Photos of 16 bits per channel: their pixels, which Pillow would reduce to 8 bits."""

import logging
import re
from typing import Any

import numpy as np
import pyvips
from PIL import Image
from PIL.TiffImagePlugin import BITSPERSAMPLE, EXTRASAMPLES

from colorization.data.color_profile import srgb_transform
from colorization.data.image_io import ORIENTATION, UnreadablePhotoError
from colorization.data.photo_formats import explain_unknown
from colorization.data.tiff_directory import MOVED

PNG_BIT_DEPTH = 24  # position of the byte in a PNG
PILLOW_LACKS = ("webp", "zstd")  # compressions of TIFF
# Sample formats and color spaces of libvips that are used as they are.
DECODED = {("ushort", "grey16"), ("ushort", "rgb16"), ("uchar", "b-w"), ("uchar", "srgb")}

pyvips.cache_set_max(0)  # each photo is read once, so a cache would only take memory
logging.getLogger("pyvips").setLevel(logging.ERROR)  # no warnings about unknown TIFF tags


def read_with_libvips(
    image: Image.Image, data: bytes, foreign: bool = False
) -> tuple[np.ndarray, np.ndarray | None, list[str]] | None:
    """Decode what Pillow cannot, or would reduce to 8 bits: 16-bit PNG and many kinds of TIFF.

    Args:
        image: The opened image, at the page to decode; it is not loaded.
        data: Content of the file.
        foreign: Whether Pillow cannot decode its pixels (see `call_gray`).

    Returns:
        `(H, W)` or `(H, W, 3)` uint8 or uint16, upright, `(H, W)` alpha or None, and warnings for
        the user. None if Pillow can decode the image without loss, or if it is CMYK.
    """
    opened = _open(image, data, foreign)
    if opened is None:
        return None
    turn = _orientation(image)
    if turn in range(2, 9):
        opened = opened.copy()
        opened.set_type(pyvips.GValue.gint_type, "orientation", turn)
        opened = opened.autorot()
    pixels = opened.numpy().reshape(opened.height, opened.width, opened.bands)
    channels = 3 if opened.interpretation in ("rgb16", "srgb") else 1
    color = np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels[..., :3])
    kinds = _extra_samples(image, opened.bands - channels)
    alphas = [channels + index for index, kind in enumerate(kinds) if kind]
    unknown = ["a channel of an unknown kind is left out"] if 0 in kinds else []
    return color, pixels[..., alphas[0]] if alphas else None, unknown


def _extra_samples(image: Image.Image, count: int) -> tuple[int, ...]:
    """Return the kinds of the channels after the colors: 0 is unknown, 1 and 2 are alpha."""
    tags = _tags(image)
    kinds = tags.get(EXTRASAMPLES) or tags.get(MOVED + EXTRASAMPLES) or (2,)
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    return (*kinds, *[0] * count)[:count]


def _open(image: Image.Image, data: bytes, foreign: bool) -> "pyvips.Image | None":
    if image.format not in ("PNG", "TIFF") or image.mode in ("I", "F"):
        return None
    foreign = foreign or image.info.get("compression") in PILLOW_LACKS
    if stored_bits(image, data) != 16 and not foreign:
        return None
    # To libvips, an impossible orientation is an error like damaged pixels.
    fail_on = "error" if _tags(image).get(ORIENTATION, 1) in range(1, 9) else "truncated"
    try:
        if image.format == "PNG":
            opened = pyvips.Image.pngload_buffer(data, fail_on="error")
        else:
            opened = pyvips.Image.tiffload_buffer(data, page=image.tell(), fail_on=fail_on)
    except pyvips.Error:
        if image.mode.startswith("I;16"):
            return None
        raise
    if {opened.width, opened.height} != {*image.size}:  # Pillow's size may be turned already
        raise UnreadablePhotoError("its size is given twice, and differs")
    if opened.interpretation == "labs":
        opened = opened.LabS2Lab().Lab2XYZ().XYZ2scRGB().scRGB2sRGB(depth=16)
    if (opened.format, opened.interpretation) in DECODED:
        return opened
    if foreign:
        raise UnreadablePhotoError(*explain_unknown(data))
    return None


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # Pillow raises a dozen types for damaged EXIF
        return 1


def stored_bits(image: Image.Image, data: bytes) -> int:
    """Return the bits per channel that the file of an opened image stores."""
    match image.format:
        case "PNG":
            return data[PNG_BIT_DEPTH]
        case "TIFF":
            return int(max(_tags(image).get(BITSPERSAMPLE, (1,))))
        case "PPM":
            header = re.match(rb"P[2356](?:\s+|#[^\n]*\n)+(?:\d+(?:\s+|#[^\n]*\n)+){2}(\d+)", data)
            return int(header[1]).bit_length() if header else 8
        case "JPEG2000":
            at = data.find(b"\xff\x51")  # the segment SIZ: sizes, then the depth of a component
            return (data[at + 40] & 127) + 1 if 0 < at < len(data) - 40 else 8
        case "AVIF":
            at = data.find(b"av1C")  # the box of the decoder's settings
            return 10 if at > 0 and data[at + 6] & 64 else 8
    return 8


def convert_16_bits(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    """Convert `(H, W)` gray or `(H, W, 3)` RGB, uint16, to sRGB of the same shape and dtype.

    Raises:
        ColorProfileError: If the profile cannot be applied to this photo.
    """
    gray = pixels.ndim == 2
    transform = srgb_transform(profile, "L" if gray else "RGB")
    if transform is None:
        return pixels
    if gray and transform.input_mode == "RGB":
        pixels = np.stack([pixels] * 3, axis=-1)
    image = pyvips.Image.new_from_array(pixels)
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    converted = image.icc_transform("srgb", embedded=True, depth=16, intent="perceptual")
    result: np.ndarray = (converted[1] if gray else converted).numpy()
    return result


def _tags(image: Any) -> Any:
    return getattr(image, "tag_v2", {})
