"""RGB of 16 bits a channel, which Pillow knows only as a kind of 8-bit RGB.

It does unpack such files, to the high bytes; asked for the other byte order, to the low ones.
"""

import io
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import BITSPERSAMPLE

BAND = 1 << 22  # bytes compressed at once
PLANAR_CONFIGURATION = 284  # a tag of TIFFs


def is_deep(image: Image.Image) -> bool:
    """Return whether an opened image has more than 8 bits a channel that Pillow would drop."""
    raw = _rawmode(image).startswith(("RGB;16", "RGBA;16"))
    return image.mode in ("RGB", "RGBA") and (raw or _has_planes(image))


def _has_planes(image: Image.Image) -> bool:
    # Of 16 bits, one channel after the other, in a TIFF: Pillow's pixels of these are noise.
    tags = getattr(image, "tag_v2", {})
    return tags.get(PLANAR_CONFIGURATION) == 2 and max(tags.get(BITSPERSAMPLE, (8,))) == 16


def read_deep(image: Image.Image, data: bytes) -> np.ndarray:
    """Decode an image of which `is_deep` is true.

    Args:
        image: Opened, not loaded yet.
        data: Content of its file, a PNG or TIFF.

    Returns:
        `(H, W, 3 | 4)` uint16.
    """
    if _has_planes(image):
        import tifffile

        planes = tifffile.imread(io.BytesIO(data), key=0)
        return np.ascontiguousarray(np.moveaxis(planes, 0, -1), np.uint16)
    pixels = np.array(image, np.uint16)
    pixels <<= 8
    with Image.open(io.BytesIO(data)) as again:
        order = _rawmode(again)[-1]
        if order == "N":  # the machine's own
            order = "L" if sys.byteorder == "little" else "B"
        _unpack_as(again, "B" if order == "L" else "L")
        pixels |= np.asarray(again)
    return pixels


def _rawmode(image: Image.Image) -> str:
    tile = getattr(image, "tile", None)
    arguments = tile[0][3] if tile else ""
    return str(arguments if isinstance(arguments, str) else arguments[0])


def _unpack_as(image: Any, order: str) -> None:
    def other(arguments: Any) -> Any:
        if isinstance(arguments, str):
            return arguments[:-1] + order
        return (arguments[0][:-1] + order, *arguments[1:])

    image.tile = [tile._replace(args=other(tile.args)) for tile in image.tile]


def png_of(
    pixels: np.ndarray,
    texts: PngImagePlugin.PngInfo,
    exif: bytes,
    icc: bytes | None,
    dpi: tuple[float, float] | None,
) -> bytes:
    """Encode a PNG of 16 bits a channel.

    Args:
        pixels: `(H, W, 3 | 4)` uint16.
        texts: Its texts.
        exif: Its EXIF, as bytes from the byte order mark on.
        icc: Its color profile.
        dpi: Its resolution.

    Returns:
        Content of the file.
    """
    file = io.BytesIO()
    height, width, channels = pixels.shape
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    file.write(b"\x89PNG\r\n\x1a\n")
    PngImagePlugin.putchunk(file, b"IHDR", size, bytes([16, {3: 2, 4: 6}[channels], 0, 0, 0]))
    if icc:
        PngImagePlugin.putchunk(file, b"iCCP", b"ICC Profile\0\0", zlib.compress(icc))
    if dpi:
        meter = b"".join(round(d / 0.0254).to_bytes(4, "big") for d in dpi)
        PngImagePlugin.putchunk(file, b"pHYs", meter, b"\x01")
    for chunk in texts.chunks:
        PngImagePlugin.putchunk(file, *chunk[:2])
    PngImagePlugin.putchunk(file, b"eXIf", exif)
    for part in _compressed(pixels):
        PngImagePlugin.putchunk(file, b"IDAT", part)
    PngImagePlugin.putchunk(file, b"IEND")
    return file.getvalue()


def _compressed(pixels: np.ndarray) -> Iterator[bytes]:
    # Each row as its difference from the one above: filter 2 of PNG.
    compressor = zlib.compressobj()
    above = np.zeros((1, pixels[0].size * 2), np.uint8)
    step = max(1, BAND // above.size)
    for top in range(0, len(pixels), step):
        rows = pixels[top : top + step].astype(">u2").view(np.uint8).reshape(-1, above.size)
        filtered = np.full((len(rows), above.size + 1), 2, np.uint8)
        filtered[:, 1:] = rows - np.concatenate([above, rows[:-1]])
        yield compressor.compress(filtered.tobytes())
        above = rows[-1:]
    yield compressor.flush()
