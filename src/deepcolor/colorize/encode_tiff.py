"""TIFF files of one or several pages, of 8 or 16 bits per channel, with metadata.

Pillow writes no color of 16 bits, and libvips no EXIF; but Pillow writes directories.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, TiffImagePlugin
from PIL.ExifTags import IFD
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from deepcolor.colorize.iptc import IPTC_TAG

HEADER = b"II*\0"
START = 8  # bytes before the first directory
ENTRY = 12  # bytes of an entry of a directory
MAX_SIZE = (1 << 32) - 1  # bytes that an offset reaches
STRIP = 1 << 20  # bytes of a strip before compression, about
DEFLATE, HORIZONTAL, RGB, UNASSOCIATED, INCH, XMP = 8, 2, 2, 2, 2, 700
BYTE, UNDEFINED = 1, 7  # types of an entry


class TiffPage(NamedTuple):
    """A page of a TIFF: its directory, whose strips begin where it ends, and the strips."""

    directory: ImageFileDirectory_v2
    strips: list[bytes]


def make_page(
    pixels: np.ndarray,
    exif: Image.Exif,
    xmp: bytes,
    iptc: bytes = b"",
    icc_profile: bytes | None = None,
    dpi: tuple[float, float] | None = None,
) -> TiffPage:
    """Make a page of `(H, W, 3)` or, with alpha, `(H, W, 4)` uint8 or uint16 sRGB."""
    directory = _metadata(exif, xmp, iptc, icc_profile, dpi)
    height, width, channels = pixels.shape
    rows = max(1, STRIP // pixels[0].nbytes)
    strips = [_compress(pixels[top : top + rows]) for top in range(0, height, rows)]
    sizes = [len(strip) for strip in strips]
    directory[TiffImagePlugin.IMAGEWIDTH] = width
    directory[TiffImagePlugin.IMAGELENGTH] = height
    directory[TiffImagePlugin.BITSPERSAMPLE] = (pixels.itemsize * 8,) * channels
    directory[TiffImagePlugin.COMPRESSION] = DEFLATE
    directory[TiffImagePlugin.PREDICTOR] = HORIZONTAL
    directory[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = RGB
    directory[TiffImagePlugin.SAMPLESPERPIXEL] = channels
    directory[TiffImagePlugin.ROWSPERSTRIP] = rows
    directory[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(sizes)
    # Pillow adds where the directory ends.
    directory[TiffImagePlugin.STRIPOFFSETS] = tuple(np.cumsum([0, *sizes[:-1]]).tolist())
    if channels == 4:
        directory[TiffImagePlugin.EXTRASAMPLES] = UNASSOCIATED
    directory.tobytes()  # fails here, where it can be told, for metadata that cannot be written
    return TiffPage(directory, strips)


def join_pages(pages: Sequence[TiffPage]) -> bytes:
    """Return the content of a TIFF with these pages.

    Raises:
        ValueError: If it has over 4 GB.
    """
    parts: list[bytes | bytearray] = [HEADER, struct.pack("<I", START)]
    at = START
    for page in pages:
        directory = bytearray(page.directory.tobytes(at))
        content: list[bytes | bytearray] = [directory, *page.strips]
        size = sum(map(len, content))
        content.append(bytes(size % 2))
        at += size + size % 2
        if at > MAX_SIZE:
            raise ValueError("a TIFF has at most 4 GB: colorize its pages one by one")
        following = 0 if page is pages[-1] else at
        struct.pack_into("<I", directory, _end_of_entries(directory), following)
        parts += content
    return b"".join(parts)


def _end_of_entries(directory: bytearray) -> int:
    return 2 + ENTRY * int.from_bytes(directory[:2], "little")


def _compress(rows: np.ndarray) -> bytes:
    little = rows.astype(rows.dtype.newbyteorder("<"))
    little[:, 1:] -= rows[:, :-1]
    return zlib.compress(little.tobytes())


def _metadata(
    exif: Image.Exif,
    xmp: bytes,
    iptc: bytes,
    icc_profile: bytes | None,
    dpi: tuple[float, float] | None,
) -> ImageFileDirectory_v2:
    directory = ImageFileDirectory_v2()
    for tag, value in exif.items():
        directory[tag] = value
    for ifd in (IFD.Exif, IFD.GPSInfo):
        if entries := exif.get_ifd(ifd):
            directory[ifd] = entries
    if dpi:
        directory[TiffImagePlugin.X_RESOLUTION], directory[TiffImagePlugin.Y_RESOLUTION] = dpi
        directory[TiffImagePlugin.RESOLUTION_UNIT] = INCH
    if icc_profile:
        directory[TiffImagePlugin.ICCPROFILE] = icc_profile
    directory.tagtype[XMP] = BYTE
    directory[XMP] = xmp
    if iptc:
        directory.tagtype[IPTC_TAG] = UNDEFINED
        directory[IPTC_TAG] = iptc
    return directory
