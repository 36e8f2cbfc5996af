"""Reading a photo's file: gray, 16 bits and transparency stay, and so does the metadata.

Pillow reads it, except for the pixels of PNG and TIFF files that only libvips reads as they are. It
cannot replace Pillow, because it reads no BMP and loses the EXIF of a TIFF.
"""

import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from colorization.data.image_io import (
    MAX_PIXELS,
    UnknownFormatError,
    UnreadablePhotoError,
    check_cost,
    explain_failure,
    select_photo,
    too_large,
)
from colorization.data.photo_formats import PILLOW_FORMATS, explain_unknown
from colorization.data.tiff import call_gray, unpack_tiff
from colorization.data.tiff_directory import is_tiff
from deepcolor.colorize.iptc import PNG_TEXT, read_iptc
from deepcolor.colorize.photo_metadata import is_lossless_webp, read_dpi, read_exif, to_bytes
from deepcolor.colorize.photo_pixels import read_pixels
from deepcolor.colorize.provenance import XMP_KEYWORD, without_orientation

# EXIF, XMP and IPTC in the texts of a PNG are read from there.
OLD_METADATA = (XMP_KEYWORD, "Raw profile type exif", "Raw profile type APP1", PNG_TEXT)


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
    exif, damage = read_exif(image)
    dpi, texts, iptc = read_dpi(image), getattr(image, "text", {}), read_iptc(image)
    pixels, alpha, problems = read_pixels(image, data, foreign)
    return PhotoFile(
        pixels=pixels,
        alpha=None if alpha is None or alpha.min() == np.iinfo(alpha.dtype).max else alpha,
        format="JPEG" if image.format == "MPO" else image.format or "PNG",
        exif=exif,
        xmp=without_orientation(to_bytes(image.info.get("xmp"))),
        iptc=iptc,
        comment=to_bytes(image.info.get("comment")),
        texts={str(key): str(text) for key, text in texts.items() if key not in OLD_METADATA},
        dpi=dpi,
        has_profile="icc_profile" in image.info,
        lossless=is_lossless_webp(data),
        pages=pages,
        notes=(*_warn_of_frames(image), *damage, *problems),
    )


def _warn_of_frames(image: Image.Image) -> list[str]:
    if image.format in ("TIFF", "MPO"):  # pages are colorized; a phone's depth map is no photo
        return []
    frames = getattr(image, "n_frames", 1)
    return [f"only the first of {frames} frames is colorized"] if frames > 1 else []
