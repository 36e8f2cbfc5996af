"""Reading a photo's file: gray, 16 bits and transparency stay, and so does the metadata.

Pillow reads it, except for the pixels of PNG and TIFF files that only libvips reads as they are. It
cannot replace Pillow, because it reads no BMP and loses the EXIF of a TIFF.
"""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from PIL import Image, TiffTags, UnidentifiedImageError
from PIL.ExifTags import GPSTAGS, IFD, TAGS

from colorization.data.color_profile import ColorProfileError, convert_to_srgb
from colorization.data.image_io import (
    MAX_PIXELS,
    UnknownFormatError,
    UnreadablePhotoError,
    check_cost,
    explain_failure,
    select_photo,
    split_alpha,
    too_large,
    turning,
)
from colorization.data.photo_formats import PILLOW_FORMATS, explain_unknown
from colorization.data.tiff import call_gray, gray_to_16_bits, is_tiff, unpack_tiff
from deepcolor.colorize.iptc import PNG_TEXT, read_iptc
from deepcolor.colorize.provenance import DROPPED, KEPT, XMP_KEYWORD, without_orientation
from deepcolor.colorize.sixteen_bits import convert_16_bits, read_with_libvips, stored_bits

# EXIF, XMP and IPTC in the texts of a PNG are read from there.
OLD_METADATA = (XMP_KEYWORD, "Raw profile type exif", "Raw profile type APP1", PNG_TEXT)
EMPTY_EXIF = 14  # bytes of EXIF without entries

T = TypeVar("T")
Pixels = tuple[np.ndarray, np.ndarray | None, list[str]]  # color, alpha, warnings


@dataclass(frozen=True)
class PhotoFile:
    """A photo and the metadata of its file.

    Attributes:
        pixels: `(H, W)` gray or `(H, W, 3)` sRGB, uint8 or uint16, upright.
        alpha: `(H, W)` of the same dtype, or None if the photo is opaque.
        format: Pillow's name of the file format, e.g. "JPEG".
        exif: EXIF of the file, without damaged entries.
        xmp: XMP packet without an orientation; empty if there is none.
        iptc: Captions, keywords and by-lines as IPTC records; empty if there are none.
        comment: Comment of a JPEG or GIF; empty if there is none.
        texts: Texts of a PNG by keyword.
        dpi: Horizontal and vertical resolution, dots per inch, or None.
        has_profile: Whether the file had a color profile.
        lossless: Whether the file is a lossless WebP.
        pages: Number of photos in the file: above 1 for a TIFF of several pages only.
        notes: Warnings for the user, without a full stop.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    format: str
    exif: Image.Exif
    xmp: bytes
    iptc: bytes
    comment: bytes
    texts: dict[str, str]
    dpi: tuple[float, float] | None
    has_profile: bool
    lossless: bool
    pages: int
    notes: tuple[str, ...]

    @property
    def dtype(self) -> type[np.unsignedinteger]:
        """np.uint8 or np.uint16."""
        return np.uint16 if self.pixels.dtype == np.uint16 else np.uint8


def read_photo_file(
    data: bytes, page: int = 0, max_pixels: int = MAX_PIXELS, max_frames: int | None = None
) -> PhotoFile:
    """Decode the content of a photo's file and its metadata.

    Args:
        data: The content.
        page: Of a TIFF, counted from 0 without thumbnails.
        max_pixels: Of the photo.
        max_frames: Of an animation, or pages of a TIFF.

    Returns:
        The photo: the first frame of an animation.

    Raises:
        UnreadablePhotoError: If the file is empty, damaged, no image, or beyond these limits; its
            `kind` is "too large" or "too many frames" for the latter.
    """
    if not data:
        raise UnreadablePhotoError("the file is empty")
    try:
        with warnings.catch_warnings():
            # Our own limit is stricter than Pillow's, and our notes name damaged metadata.
            warnings.simplefilter("ignore")
            check_cost(data, max_pixels)
            return _read(unpack_tiff(data, page), page, max_pixels, max_frames)
    except UnreadablePhotoError:
        raise
    except UnidentifiedImageError as error:
        raise UnknownFormatError(*explain_unknown(data)) from error
    except Image.DecompressionBombError as error:
        raise too_large(max_pixels) from error
    except Exception as error:  # Pillow raises a dozen types for a broken file
        reason = explain_failure(error)
        raise UnreadablePhotoError(f"the image cannot be read: {reason}") from error


def _read(data: bytes, page: int, max_pixels: int, max_frames: int | None) -> PhotoFile:
    try:
        with Image.open(io.BytesIO(data), formats=PILLOW_FORMATS) as image:
            _check_frames(image, max_frames)
            return _photo_file(image, data, page, max_pixels)
    except (UnidentifiedImageError, SyntaxError):
        if not is_tiff(data):
            raise
    # Pillow reads its metadata, if not its pixels.
    with Image.open(io.BytesIO(call_gray(data)), formats=["TIFF"]) as image:
        _check_frames(image, max_frames)
        return _photo_file(image, data, page, max_pixels, foreign=True)


def _check_frames(image: Image.Image, max_frames: int | None) -> None:
    if max_frames and getattr(image, "n_frames", 1) > max_frames:
        raise UnreadablePhotoError(f"it has over {max_frames} frames", "too many frames")


def _photo_file(
    image: Image.Image, data: bytes, page: int, max_pixels: int, foreign: bool = False
) -> PhotoFile:
    pages = select_photo(image, data, page)
    if image.width * image.height > max_pixels:
        size = f"{image.width}x{image.height}"
        raise UnreadablePhotoError(f"{size} is over {max_pixels / 1e6:g} megapixels", "too large")
    exif, damage = _exif(image)
    dpi, texts, iptc = _dpi(image), getattr(image, "text", {}), read_iptc(image)
    pixels, alpha, problems = _read_pixels(image, data, foreign)
    return PhotoFile(
        pixels=pixels,
        alpha=None if alpha is None or alpha.min() == np.iinfo(alpha.dtype).max else alpha,
        format="JPEG" if image.format == "MPO" else image.format or "PNG",
        exif=exif,
        xmp=without_orientation(_bytes(image.info.get("xmp"))),
        iptc=iptc,
        comment=_bytes(image.info.get("comment")),
        texts={str(key): str(text) for key, text in texts.items() if key not in OLD_METADATA},
        dpi=dpi,
        has_profile="icc_profile" in image.info,
        lossless=_is_lossless_webp(data),
        pages=pages,
        notes=(*_warn_of_frames(image), *damage, *problems),
    )


def _warn_of_frames(image: Image.Image) -> list[str]:
    if image.format in ("TIFF", "MPO"):  # pages are colorized; a phone's depth map is no photo
        return []
    frames = getattr(image, "n_frames", 1)
    return [f"only the first of {frames} frames is colorized"] if frames > 1 else []


def _exif(image: Image.Image) -> tuple[Image.Exif, list[str]]:
    """Return the EXIF without the entries that cannot be read or written, and warnings."""
    try:
        exif = image.getexif()
        if len(image.info.get("exif", b"")) > EMPTY_EXIF and not exif:
            raise ValueError("its beginning cannot be read")
        damaged = _remove_damaged(exif)
    except Exception:  # Pillow raises a dozen types for damaged EXIF
        return Image.Exif(), ["its EXIF is damaged and is left out"]
    names = ", ".join(damaged)
    return exif, [f"{names} of its EXIF is damaged and is left out"] if damaged else []


def _remove_damaged(exif: Image.Exif) -> list[str]:
    """Remove the entries that cannot be written, and return their names."""
    damaged = []
    for ifd, names in ((None, TAGS), (IFD.Exif, TAGS), (IFD.GPSInfo, GPSTAGS)):
        entries = exif if ifd is None else exif.get_ifd(ifd)
        kept = [tag for tag in entries if (tag in KEPT if ifd is None else tag not in DROPPED)]
        for tag in kept:
            if not _is_sound(tag, entries[tag], ifd):
                del entries[tag]
                damaged.append(names.get(tag, str(tag)))
    return damaged


def _is_sound(tag: int, value: object, ifd: int | None = None) -> bool:
    is_text = TiffTags.lookup(tag, ifd).type == TiffTags.ASCII
    if is_text and not isinstance(value, str | bytes):
        return False
    alone = Image.Exif()
    entries = alone if ifd is None else alone.get_ifd(ifd)
    entries[tag] = value
    try:
        alone.tobytes()
    except Exception:  # Pillow raises a dozen types for what it cannot write
        return False
    return True


def _read_pixels(image: Image.Image, data: bytes, foreign: bool) -> Pixels:
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


def _bytes(value: bytes | str | None) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value or b"")


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
        # A frame of an animation holds such a chunk after its own header.
        at += 8 + (16 if kind == b"ANMF" else size + size % 2)
    return False
