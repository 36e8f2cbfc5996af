"""Photos of 16 bits per channel: their pixels, which Pillow would reduce to 8 bits."""

import logging
from typing import Any

import numpy as np
import pyvips
from PIL import Image
from PIL.TiffImagePlugin import BITSPERSAMPLE, EXTRASAMPLES, PHOTOMETRIC_INTERPRETATION

from colorization.data.image_io import ORIENTATION, UnreadablePhotoError

PNG_BIT_DEPTH = 24  # position of the byte in a PNG

pyvips.cache_set_max(0)  # each photo is read once, so a cache would only take memory
logging.getLogger("pyvips").setLevel(logging.ERROR)  # no warnings about unknown TIFF tags


def read_16_bits(
    image: Image.Image, data: bytes
) -> tuple[np.ndarray, np.ndarray | None, list[str]] | None:
    """Decode a PNG or TIFF of 16 bits per channel with libvips.

    Args:
        image: The opened image, at the page to decode; it is not loaded.
        data: Content of the file.

    Returns:
        `(H, W)` or `(H, W, 3)` uint16, upright, `(H, W)` uint16 alpha or None, and warnings for
        the user. None if Pillow can decode the image without loss, or if it is CMYK.
    """
    opened = _open(image, data)
    if opened is None:
        return None
    turn = image.getexif().get(ORIENTATION)
    if turn in range(2, 9):
        opened = opened.copy()
        opened.set_type(pyvips.GValue.gint_type, "orientation", turn)
        opened = opened.autorot()
    pixels = opened.numpy().reshape(opened.height, opened.width, opened.bands)
    channels = 3 if opened.interpretation == "rgb16" else 1
    color = np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels[..., :3])
    if opened.bands == channels:
        return color, None, []
    if max(_tags(image).get(EXTRASAMPLES, (2,))) == 0:
        return color, None, ["a channel of an unknown kind is left out"]
    return color, pixels[..., channels], []


def _open(image: Image.Image, data: bytes) -> "pyvips.Image | None":
    depth = data[PNG_BIT_DEPTH] if image.format == "PNG" else 0
    if image.format == "TIFF" and image.mode not in ("I", "F"):
        depth = max(_tags(image).get(BITSPERSAMPLE, (1,)))
    if depth != 16:
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
    known = opened.format == "ushort" and opened.interpretation.endswith("16")
    return opened if known else None


def scale_to_16_bits(image: Image.Image) -> np.ndarray:
    """Convert gray of mode "I", "F" or "I;16" and of any depth to `(H, W)` uint16.

    Raises:
        UnreadablePhotoError: If the pixels do not lie within [0, 1] or 16 bits.
    """
    bits = max(_tags(image).get(BITSPERSAMPLE, (16,)))
    white = 1.0 if image.mode == "F" else 2.0 ** min(bits, 16) - 1
    values = np.asarray(image)
    if not (values.min() >= 0 and values.max() <= white):
        unit = "[0, 1]" if image.mode == "F" else "16 bits"
        raise UnreadablePhotoError(f"its {image.mode}-type pixels do not lie within {unit}")
    if white != 65535:
        values = np.rint(values * np.float32(65535 / white))
    values = values.astype(np.uint16)
    return 65535 - values if _tags(image).get(PHOTOMETRIC_INTERPRETATION) == 0 else values


def _tags(image: Any) -> Any:
    return getattr(image, "tag_v2", {})
