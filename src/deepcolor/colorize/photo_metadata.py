"""Reading the metadata of a photo's file: what is damaged is left out and told."""

import numpy as np
from PIL import Image, TiffTags
from PIL.ExifTags import GPSTAGS, IFD, TAGS

from deepcolor.colorize.provenance import DROPPED, KEPT

EMPTY_EXIF = 14  # bytes of EXIF without entries


def read_exif(image: Image.Image) -> tuple[Image.Exif, list[str]]:
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


def read_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Return the horizontal and vertical resolution, dots per inch, if it is sound."""
    dpi = image.info.get("dpi")
    sound = dpi and all(np.isfinite(float(value)) and 0 < float(value) < 1e5 for value in dpi)
    return (float(dpi[0]), float(dpi[1])) if dpi and sound else None


def to_bytes(value: bytes | str | None) -> bytes:
    """Return metadata that Pillow gives as either, or not at all, as bytes."""
    return value.encode() if isinstance(value, str) else bytes(value or b"")


def is_lossless_webp(data: bytes) -> bool:
    """Return whether the content of a file is that of a lossless WebP."""
    # RIFF: a chunk's name, its size and its content, padded to an even size.
    at = 12 if data[8:12] == b"WEBP" else len(data)
    while at < len(data):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if kind in (b"VP8L", b"VP8 "):
            return kind == b"VP8L"
        # A frame of an animation holds such a chunk after its own header.
        at += 8 + (16 if kind == b"ANMF" else size + size % 2)
    return False
