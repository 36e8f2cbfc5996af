"""Photos: the formats, one decoder for all of them, and the resizing to small squares.

The same bytes give the same pixels on any machine with the same Pillow.
"""

import io
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile


class PhotoFormat(NamedTuple):
    """A file format of photos. All of them can be read."""

    suffix: str  # lower case, with the dot
    pillow: str  # Pillow's name
    media_type: str
    writable: bool


# The first suffix of a format is the usual one.
FORMATS = (
    PhotoFormat(".jpg", "JPEG", "image/jpeg", True),
    PhotoFormat(".jpeg", "JPEG", "image/jpeg", True),
    PhotoFormat(".png", "PNG", "image/png", True),
    PhotoFormat(".webp", "WEBP", "image/webp", True),
    PhotoFormat(".tif", "TIFF", "image/tiff", True),
    PhotoFormat(".tiff", "TIFF", "image/tiff", True),
    PhotoFormat(".gif", "GIF", "image/gif", False),
    PhotoFormat(".bmp", "BMP", "image/bmp", False),
    PhotoFormat(".avif", "AVIF", "image/avif", False),
)
SUFFIXES = frozenset(form.suffix for form in FORMATS)
PILLOW_FORMATS = tuple(dict.fromkeys(form.pillow for form in FORMATS))
MAX_PIXELS = 100_000_000
ORIENTATION = 0x0112  # EXIF tag


class Problem(NamedTuple):
    """A photo that is left out of the records, or a duplicate that is kept."""

    photo: str  # path relative to the source
    kind: str  # "unreadable", "too large", "grayscale" or "duplicate"
    reason: str  # for the user


class UnreadablePhotoError(ValueError):
    """A file that cannot be read as a photo; `kind` is "unreadable" or "too large"."""

    def __init__(self, reason: str, kind: str = "unreadable"):
        super().__init__(reason)
        self.kind = kind


def is_photo_name(path: PurePath) -> bool:
    """Return whether the suffix is a photo's, and the file neither hidden nor macOS metadata."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def read_photo(path: str | Path) -> np.ndarray:
    """Read a photo as `(H, W, 3)` uint8 sRGB, as `decode_photo` decodes it."""
    return np.array(decode_photo(read_bytes(path)))


def read_bytes(path: str | Path) -> bytes:
    """Read a file, or raise `UnreadablePhotoError`."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UnreadablePhotoError(f"{type(error).__name__}: {error.strerror}") from error


def decode_photo(data: bytes, shortest: int | None = None) -> Image.Image:
    """Decode a photo as 8-bit sRGB of mode "RGB", upright.

    EXIF orientation and an embedded color profile are applied, transparency is laid on white,
    16-bit gray is scaled to 8 bits, and the first frame of an animation is taken.

    Args:
        data: Content of the file.
        shortest: Pixels that both sides of a JPEG still need: a larger one may be decoded at a
            half, a quarter or an eighth of its size, which is many times faster.

    Raises:
        UnreadablePhotoError: If the file is empty, truncated, no photo, or over `MAX_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=PILLOW_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_large()
            if shortest and isinstance(image, JpegImageFile) and image.mode in ("RGB", "L"):
                image.draft(None, (shortest, shortest))
            return _to_rgb(_upright(image))
    except UnreadablePhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        # Pillow's message holds the address of our buffer, which differs each time.
        formats = ", ".join(PILLOW_FORMATS)
        raise UnreadablePhotoError(f"UnidentifiedImageError: not one of {formats}") from error
    except Exception as error:  # Pillow raises a dozen types for a broken file
        raise UnreadablePhotoError(f"{type(error).__name__}: {error}") from error


def _too_large() -> UnreadablePhotoError:
    return UnreadablePhotoError("it has over 100 megapixels", "too large")


def _upright(image: Image.Image) -> Image.Image:
    # Asking a JPEG without EXIF for its orientation takes a tenth of the time of decoding it.
    if image.format == "JPEG" and "exif" not in image.info:
        return image
    if image.getexif().get(ORIENTATION, 1) == 1:
        return image
    return ImageOps.exif_transpose(image)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        return Image.fromarray((np.asarray(image) // 257).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    if (profile := image.info.get("icc_profile")) and image.mode in ("RGB", "CMYK"):
        return _to_srgb(image, profile)
    return _to_mode_rgb(image)


def _to_mode_rgb(image: Image.Image) -> Image.Image:
    image.load()
    return image if image.mode == "RGB" else image.convert("RGB")  # `convert` always copies


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return _to_mode_rgb(image)
        converted = ImageCms.profileToProfile(image, source, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A broken profile, or one of another mode, is ignored.
        return _to_mode_rgb(image)
    assert converted is not None  # it is None only when asked to work in place
    return converted


@cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


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
