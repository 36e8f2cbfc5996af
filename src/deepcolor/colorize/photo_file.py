"""Reading a photo's file: gray, 16 bits and transparency stay, and so does the metadata.

Pillow reads it, except for the pixels of PNG and TIFF files with 16 bits, which libvips reads: it
cannot replace Pillow, because it reads no BMP and loses the EXIF of a TIFF.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from colorization.data.image_io import MAX_PIXELS, UnreadablePhotoError
from deepcolor.colorize.color_profile import ColorProfileError, convert_16_bits, convert_image
from deepcolor.colorize.provenance import without_orientation
from deepcolor.colorize.sixteen_bits import read_16_bits, scale_to_16_bits

NEW_SUBFILE_TYPE, REDUCED = 254, 1  # a TIFF tag, and its bit for a reduced-resolution copy
# EXIF and XMP in the texts of a PNG, as older programs wrote them; Pillow reads both.
OLD_METADATA = ("Raw profile type exif", "Raw profile type APP1")

T = TypeVar("T")
Pixels = tuple[np.ndarray, np.ndarray | None, list[str]]  # color, alpha, warnings


@dataclass(frozen=True)
class PhotoFile:
    """A photo and the metadata of its file.

    Attributes:
        pixels: `(H, W)` gray or `(H, W, 3)` sRGB, uint8 or uint16, upright.
        alpha: `(H, W)` of the same dtype, or None if the photo is opaque.
        format: Pillow's name of the file format, e.g. "JPEG".
        exif: EXIF of the file, as it stands there.
        xmp: XMP packet without an orientation; empty if there is none.
        texts: Texts of a PNG by keyword.
        dpi: Horizontal and vertical resolution, dots per inch, or None.
        has_profile: Whether the file had a color profile.
        lossless: Whether the file is a lossless WebP.
        notes: Warnings for the user, without a full stop.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    format: str
    exif: Image.Exif
    xmp: bytes
    texts: dict[str, str]
    dpi: tuple[float, float] | None
    has_profile: bool
    lossless: bool
    notes: tuple[str, ...]

    @property
    def dtype(self) -> type[np.unsignedinteger]:
        """np.uint8 or np.uint16."""
        return np.uint16 if self.pixels.dtype == np.uint16 else np.uint8


def read_photo_file(data: bytes) -> PhotoFile:
    """Decode the content of a photo's file and its metadata.

    Returns:
        The photo: the first frame of an animation, or the first page of a TIFF that is not a
        thumbnail.

    Raises:
        UnreadablePhotoError: If the file is empty, damaged, no image, or over 100 megapixels.
    """
    if not data:
        raise UnreadablePhotoError("the file is empty")
    try:
        with warnings.catch_warnings():
            # Our own limit is stricter than Pillow's.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                return _photo_file(image, data)
    except UnreadablePhotoError:
        raise
    except UnidentifiedImageError as error:
        raise UnreadablePhotoError("this is not an image of a known format") from error
    except Exception as error:  # Pillow raises a dozen types for a broken file
        reason = " ".join(str(error).split())
        raise UnreadablePhotoError(f"the image cannot be read: {reason}") from error


def _photo_file(image: Image.Image, data: bytes) -> PhotoFile:
    notes = _select_page(image)
    if image.width * image.height > MAX_PIXELS:
        size = f"{image.width}x{image.height}"
        raise UnreadablePhotoError(f"{size} is over 100 megapixels", "too large")
    exif = image.getexif()
    dpi, texts = _dpi(image), getattr(image, "text", {})
    pixels, alpha, problems = _read_pixels(image, data)
    return PhotoFile(
        pixels=pixels,
        alpha=None if alpha is None or alpha.min() == np.iinfo(alpha.dtype).max else alpha,
        format="JPEG" if image.format == "MPO" else image.format or "PNG",
        exif=exif,
        xmp=without_orientation(_xmp(image)),
        texts={str(key): str(text) for key, text in texts.items() if key not in OLD_METADATA},
        dpi=dpi,
        has_profile="icc_profile" in image.info,
        lossless=_is_lossless_webp(data),
        notes=(*notes, *problems),
    )


def _select_page(image: Image.Image) -> list[str]:
    pages = getattr(image, "n_frames", 1)
    if image.format == "TIFF":
        full = (page for page in range(pages) if not _is_thumbnail(image, page))
        page = next(full, None)
        if page is None:
            raise UnreadablePhotoError("only a thumbnail of it can be read")
        image.seek(page)
        return [f"only page {page + 1} of {pages} is colorized"] if pages > 1 else []
    several = pages > 1 and image.format != "MPO"  # a phone's depth map is no photo
    return [f"only the first of {pages} frames is colorized"] if several else []


def _is_thumbnail(image: Any, page: int) -> bool:
    image.seek(page)
    return bool(image.tag_v2.get(NEW_SUBFILE_TYPE, 0) & REDUCED)


def _read_pixels(image: Image.Image, data: bytes) -> Pixels:
    profile = image.info.get("icc_profile")
    deep = read_16_bits(image, data)
    if deep is not None:
        pixels, alpha, problems = deep
        converted, more = _to_srgb(convert_16_bits, pixels, profile)
        return converted, alpha, problems + more
    for encoded in ("exif", "Raw profile type exif"):
        image.info.pop(encoded, None)  # not to be encoded again when the image is turned
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        pixels, problems = _to_srgb(convert_16_bits, scale_to_16_bits(image), profile)
        return pixels, None, problems
    return _read_8_bits(image, profile)


def _to_srgb(
    convert: Callable[[T, bytes], T], image: T, profile: bytes | None
) -> tuple[T, list[str]]:
    try:
        return convert(image, profile) if profile else image, []
    except ColorProfileError as error:
        return image, [f"{error}, and is ignored"]


def _read_8_bits(image: Image.Image, profile: bytes | None) -> Pixels:
    opaque, alpha = _split_alpha(image)
    if opaque.mode not in ("L", "RGB", "CMYK"):
        opaque = opaque.convert("L" if opaque.mode == "1" else "RGB")
    opaque, problems = _to_srgb(convert_image, opaque, profile)
    # Gray stays gray: a look-up table gives its lightness.
    return np.asarray(opaque.convert("RGB") if opaque.mode == "CMYK" else opaque), alpha, problems


def _split_alpha(image: Image.Image) -> tuple[Image.Image, np.ndarray | None]:
    if not image.has_transparency_data:
        return image, None
    gray = image.mode in ("1", "L", "LA", "La")
    both = image.convert("LA" if gray else "RGBA")
    return both.convert("L" if gray else "RGB"), np.asarray(both.getchannel("A"))


def _xmp(image: Image.Image) -> bytes:
    found = image.info.get("xmp") or b""
    return found.encode() if isinstance(found, str) else bytes(found)


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    dpi = image.info.get("dpi")
    sound = dpi and all(np.isfinite(float(value)) and 0 < float(value) < 1e5 for value in dpi)
    return (float(dpi[0]), float(dpi[1])) if dpi and sound else None


def _is_lossless_webp(data: bytes) -> bool:
    # RIFF: a chunk's name, its size and its content, padded to an even size.
    at = 12 if data[8:12] == b"WEBP" else len(data)
    while at < len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"VP8L", b"VP8 "):
            return kind == b"VP8L"
        at += 8 + size + size % 2
    return False
