"""One photo as people have it: reading it, upright and as sRGB, whole or as a small square."""

import io
from functools import cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
MAX_PIXELS = 100_000_000
ORIENTATION = 0x0112  # EXIF


class Problem(NamedTuple):
    """A photo that is not stored, or is stored and worth a word.

    Attributes:
        photo: Its path, relative to the source.
        kind: "unreadable", "too large", "grayscale" or "duplicate".
        reason: What exactly.
    """

    photo: str
    kind: str
    reason: str


class UnreadablePhotoError(ValueError):
    """A file that has a photo's name and cannot be read as one.

    Args:
        reason: Why.
        kind: "unreadable" or "too large".
    """

    def __init__(self, reason: str, kind: str = "unreadable"):
        super().__init__(reason)
        self.kind = kind


def is_photo_name(path: PurePath) -> bool:
    """Return whether a path looks like a photo; hidden files and macOS's copies do not."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def read_photo(path: str | Path) -> np.ndarray:
    """Read a photo of any kind as 8-bit sRGB, upright.

    EXIF orientation and an embedded color profile are applied, transparency is laid on white,
    16-bit gray is scaled to 8; of an animation the first frame is taken.

    Args:
        path: A photo.

    Returns:
        `(H, W, 3)` uint8 sRGB in [0, 255].

    Raises:
        UnreadablePhotoError: If the file is empty, truncated, no image, or over `MAX_PIXELS`.
    """
    return np.array(decode_photo(read_bytes(path)))


def read_bytes(path: str | Path) -> bytes:
    """Return the content of a photo's file; what prevents it makes the photo unreadable."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UnreadablePhotoError(f"{type(error).__name__}: {error.strerror}") from error


def decode_photo(data: bytes, longest: int | None = None) -> Image.Image:
    """Decode the bytes of a photo as `read_photo` does.

    Args:
        data: Content of the file.
        longest: If a JPEG is more than twice as large as a square of this side it may be decoded
            at a half, a quarter or an eighth of its size, which is many times faster.

    Returns:
        An image of mode "RGB".

    Raises:
        UnreadablePhotoError: As `read_photo`.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise _too_large()
            if longest and image.format == "JPEG" and image.mode in ("RGB", "L"):
                image.draft(None, (longest, longest))
            return _to_rgb(_upright(image))
    except UnreadablePhotoError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except UnidentifiedImageError as error:
        # Its own message is the address of our buffer, which is another one each time.
        raise UnreadablePhotoError("UnidentifiedImageError: this is no image") from error
    except Exception as error:  # Pillow raises a dozen types for a broken file
        raise UnreadablePhotoError(f"{type(error).__name__}: {error}") from error


def _too_large() -> UnreadablePhotoError:
    return UnreadablePhotoError("it has over 100 megapixels", "too large")


def _upright(image: Image.Image) -> Image.Image:
    # Asking a JPEG without EXIF for its orientation costs as much as a tenth of decoding it.
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
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return image.copy()
        converted = ImageCms.profileToProfile(image, source, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A broken or unfitting profile says nothing about the colors: as if there were none.
        return image.convert("RGB")
    assert converted is not None  # it is None only when asked to work in place
    return converted


@cache
def _srgb() -> Any:
    return ImageCms.createProfile("sRGB")


def crop_and_resize(image: Image.Image, size: int, crop: str = "squash") -> Image.Image:
    """Make a square of a photo, smoothing away what is too fine for its size.

    Args:
        image: Mode "RGB".
        size: Side of the square, pixels.
        crop: "squash" as the assignment does, ignoring the aspect ratio; "center" cuts out the
            largest square in the middle; "upper" cuts a portrait's surplus mostly from below,
            where faces are not.

    Returns:
        `(size, size)` image of mode "RGB".
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
    """Read any photo as a small square; the same bytes give the same square on any machine.

    Args:
        data: Content of the file.
        size: Side of the square, pixels.
        crop: As in `crop_and_resize`.

    Returns:
        `(size, size, 3)` uint8 sRGB.

    Raises:
        UnreadablePhotoError: As `read_photo`.
    """
    return np.array(crop_and_resize(decode_photo(data, longest=2 * size), size, crop))
