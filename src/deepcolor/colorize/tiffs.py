"""Writing TIFFs of 8 or 16 bits a channel, with all of their photo's EXIF.

Pillow writes neither 16-bit RGB nor, in a compressed TIFF, the EXIF of the exposure; but it writes
directories, and the rest is a few deflated strips.
"""

import io
import zlib

import numpy as np
from PIL import Image, TiffImagePlugin
from PIL.ExifTags import IFD
from PIL.TiffImagePlugin import ImageFileDirectory_v2

STRIP = 1 << 20  # bytes before compression, about
DEFLATE, HORIZONTAL, RGB, UNASSOCIATED, INCH = 8, 2, 2, 2, 2
XMP = 700


def tiff_of(
    pixels: np.ndarray,
    exif: Image.Exif,
    xmp: bytes,
    icc: bytes | None,
    dpi: tuple[float, float] | None,
) -> bytes:
    """Encode a TIFF.

    Args:
        pixels: `(H, W, 3 | 4)` uint8 or uint16 sRGB.
        exif: Its EXIF.
        xmp: Its XMP packet.
        icc: Its color profile.
        dpi: Its resolution.

    Returns:
        Content of the file.
    """
    height, width, channels = pixels.shape
    rows = max(1, STRIP // pixels[0].nbytes)
    strips = [_deflated(pixels[top : top + rows]) for top in range(0, height, rows)]
    sizes = [len(strip) for strip in strips]
    directory = ImageFileDirectory_v2()
    for tag, value in exif.items():
        directory[tag] = value
    for ifd in (IFD.Exif, IFD.GPSInfo):
        if entries := exif.get_ifd(ifd):
            directory[ifd] = entries
    directory[TiffImagePlugin.IMAGEWIDTH] = width
    directory[TiffImagePlugin.IMAGELENGTH] = height
    directory[TiffImagePlugin.BITSPERSAMPLE] = (pixels.itemsize * 8,) * channels
    directory[TiffImagePlugin.COMPRESSION] = DEFLATE
    directory[TiffImagePlugin.PREDICTOR] = HORIZONTAL
    directory[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = RGB
    directory[TiffImagePlugin.SAMPLESPERPIXEL] = channels
    directory[TiffImagePlugin.ROWSPERSTRIP] = rows
    directory[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(sizes)
    directory[TiffImagePlugin.STRIPOFFSETS] = tuple(np.cumsum([0, *sizes[:-1]]).tolist())
    if channels == 4:
        directory[TiffImagePlugin.EXTRASAMPLES] = UNASSOCIATED
    if dpi:
        directory[TiffImagePlugin.X_RESOLUTION], directory[TiffImagePlugin.Y_RESOLUTION] = dpi
        directory[TiffImagePlugin.RESOLUTION_UNIT] = INCH
    if icc:
        directory[TiffImagePlugin.ICCPROFILE] = icc
    directory.tagtype[XMP] = 1
    directory[XMP] = xmp
    file = io.BytesIO()
    directory.save(file)
    for strip in strips:
        file.write(strip)
    return file.getvalue()


def _deflated(rows: np.ndarray) -> bytes:
    little = rows.astype(rows.dtype.newbyteorder("<"))
    little[:, 1:] -= rows[:, :-1]
    return zlib.compress(little.tobytes())
