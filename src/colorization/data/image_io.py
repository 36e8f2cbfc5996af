"""Photos: one decoder for all formats, and the resizing to small squares.

The same bytes give the same pixels on any machine with the same Pillow.
"""

import io
import os
import stat
import struct
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from colorization.data.color_profile import ColorProfileError, convert_to_srgb
from colorization.data.photo_cost import too_expensive
from colorization.data.photo_formats import PILLOW_FORMATS, explain_unknown
from colorization.data.tiff import gray_to_16_bits, photo_pages, unpack_tiff

MAX_PIXELS = 100_000_000
ORIENTATION = 0x0112  # EXIF tag
_TURNINGS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Problem(NamedTuple):
    """A photo that is left out of the records, or a duplicate that is kept."""

    photo: str  # path relative to the source
    kind: str  # "unreadable", "unsupported", "too large", "grayscale" or "duplicate"
    reason: str  # for the user


# What only damaged content makes a decoder raise; such a message says nothing to a user.
_INTERNAL = (
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError,
    struct.error,
)  # fmt: skip


class UnreadablePhotoError(ValueError):
    """A file that cannot be read as a photo; `kind` is one of `Problem`'s."""

    def __init__(self, reason: str, kind: str = "unreadable"):
        super().__init__(reason)
        self.kind = kind


class UnknownFormatError(UnreadablePhotoError):
    """A file whose format is none of those that are read."""


def read_photo(path: str | Path) -> np.ndarray:
    """Read a photo as `(H, W, 3)` uint8 sRGB, as `decode_photo` decodes it."""
    return np.array(decode_photo(read_bytes(path)))


def read_bytes(path: str | Path) -> bytes:
    """Read a regular file, or raise `UnreadablePhotoError`."""
    try:
        # Opening a pipe would wait for ever; a device such as /dev/zero has no end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise UnreadablePhotoError("it is not a regular file")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UnreadablePhotoError(f"{type(error).__name__}: {error.strerror}") from error


def decode_photo(data: bytes, shortest: int | None = None) -> Image.Image:
    """Decode a photo as 8-bit sRGB of mode "RGB", upright.

    EXIF orientation and an embedded color profile are applied, transparency is laid on white,
    gray of 9 to 16 bits is scaled to 8 bits, and the first frame of an animation is taken, or the
    first page of a TIFF that is not a thumbnail.

    Args:
        data: Content of the file.
        shortest: Pixels that both sides of a JPEG still need: a larger one may be decoded at a
            half, a quarter or an eighth of its size, which is many times faster.

    Raises:
        UnreadablePhotoError: If the file is empty, truncated, no photo, or over `MAX_PIXELS`.
    """
    try:
        check_cost(data, MAX_PIXELS)
        data = unpack_tiff(data)
        with Image.open(io.BytesIO(data), formats=PILLOW_FORMATS) as image:
            select_photo(image, data)
            if image.width * image.height > MAX_PIXELS:
                raise too_large(MAX_PIXELS)
            if shortest and isinstance(image, JpegImageFile) and image.mode in ("RGB", "L"):
                image.draft(None, (shortest, shortest))
            image.load()
            method = turning(image)
            rgb = _to_rgb(image)
            return rgb.transpose(method) if method is not None else rgb
    except UnreadablePhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise too_large(MAX_PIXELS) from error
    except (UnidentifiedImageError, SyntaxError) as error:  # SyntaxError: of a page of a TIFF
        raise UnknownFormatError(*explain_unknown(data)) from error
    except Exception as error:  # Pillow raises a dozen types for a broken file
        raise UnreadablePhotoError(explain_failure(error)) from error


def check_cost(data: bytes, max_pixels: int) -> None:
    """Raise an `UnreadablePhotoError` if decoding this file would take too much time or memory."""
    if reason := too_expensive(data, max_pixels):
        raise UnreadablePhotoError(reason, "too large")


def explain_failure(error: Exception) -> str:
    """Explain for a user why a decoder has failed."""
    if isinstance(error, MemoryError):
        return "it needs too much memory"
    reason = " ".join(str(error).split())
    if "truncated" in reason.lower():
        return "the file ends too early, part of it is missing"
    return reason if reason and not isinstance(error, _INTERNAL) else "it is damaged"


def too_large(max_pixels: int) -> UnreadablePhotoError:
    """Return the error of a photo of too many pixels."""
    return UnreadablePhotoError(f"it has over {max_pixels / 1e6:g} megapixels", "too large")


def select_photo(image: Image.Image, data: bytes, page: int = 0) -> int:
    """Move to a page of an opened TIFF, counted without thumbnails; return how many there are.

    Raises:
        UnreadablePhotoError: If there is none.
        SyntaxError: If Pillow cannot decode such a page.
    """
    if image.format != "TIFF":
        return 1
    pages = photo_pages(data)
    if not pages:
        raise UnreadablePhotoError("only a thumbnail of it can be read", "unsupported")
    image.seek(pages[page])
    return len(pages)


def turning(image: Image.Image) -> Image.Transpose | None:
    """Return what turns a loaded photo upright; None if it is, or if its EXIF is damaged.

    Pillow itself turns a TIFF when it is loaded.
    """
    if image.format == "JXL":
        return None  # its own orientation, which its decoder applies, overrules that of the EXIF
    # Asking a JPEG without EXIF for its orientation takes a tenth of the time of decoding it.
    if image.format == "JPEG" and "exif" not in image.info:
        return None
    try:
        return _TURNINGS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # Pillow raises a dozen types for damaged EXIF
        return None


def _to_rgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        image = Image.fromarray((gray_to_16_bits(image) // 257).astype(np.uint8))
    opaque, alpha = split_alpha(image)
    with suppress(ColorProfileError):  # a broken profile, or one of another mode, is ignored
        opaque = convert_to_srgb(opaque, profile) if profile else opaque
    rgb = opaque if opaque.mode == "RGB" else opaque.convert("RGB")  # `convert` always copies
    if alpha is None:
        return rgb
    rgb.putalpha(alpha)
    return Image.alpha_composite(Image.new("RGBA", rgb.size, "white"), rgb).convert("RGB")


def split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Return a photo of 8 bits as mode "L", "RGB" or "CMYK", and its alpha if it has one."""
    gray = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        both = image.convert("LA" if gray else "RGBA")
        return both.convert("L" if gray else "RGB"), both.getchannel("A")
    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("L" if gray else "RGB")
    return image, None


def crop_and_resize(image: Image.Image, size: int, crop: str = "squash") -> Image.Image:
    """Resize a photo of mode "RGB" to a square of `size` pixels, with antialiasing.

    `crop` is "squash", as in the assignment; "center", for the largest square in the middle; or
    "upper", for one nearer to the top.
    """
    return image.resize((size, size), Image.Resampling.BILINEAR, _box(image, crop))


def _box(image: Image.Image, crop: str) -> tuple[int, int, int, int] | None:
    if crop == "squash" or image.width == image.height:
        return None
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    if crop == "upper":
        top = (image.height - side) // 5
    return left, top, left + side, top + side


def decode_square(data: bytes, size: int, crop: str = "squash") -> np.ndarray:
    """Decode a photo and resize it as `crop_and_resize` does, to `(size, size, 3)` uint8 sRGB."""
    return np.array(crop_and_resize(decode_photo(data, shortest=2 * size), size, crop))
