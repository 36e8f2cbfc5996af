"""What decoding a photo would cost, from its file alone: small files can be made to take hours."""

import re
import struct

from PIL.TiffImagePlugin import PREFIXES

from colorization.data.tiff_directory import BLOBS, Directory, directories

MAX_SCANS = 100  # of a JPEG: usual are 1 to 12, and each is a pass over all of its pixels
MAX_VALUES = 1 << 19  # of one entry of a TIFF, such as the places of its strips
CHANNELS = 8  # of a pixel of a TIFF; more of them count as more pixels
_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")  # the others stand within a scan's data
_START_OF_SCAN, _END, _ALONE = 0xDA, 0xD9, frozenset({0x01, *range(0xD0, 0xD9)})


def too_expensive(data: bytes, max_pixels: int) -> str:
    """Return why a photo must not be decoded; empty if nothing in its file speaks against it."""
    if data[:3] == b"\xff\xd8\xff":
        excess = count_scans(data, MAX_SCANS + 1) > MAX_SCANS
        return f"it has over {MAX_SCANS} scans" if excess else ""
    if data[:4] not in PREFIXES:
        return ""
    try:
        return next(filter(None, (_judge(found, max_pixels) for found in directories(data))), "")
    except struct.error:  # its decoder says what is wrong with it
        return ""


def count_scans(data: bytes, most: int) -> int:
    """Count the scans of a JPEG, without those of its thumbnails, up to `most`."""
    at, scans = 2, 0
    while scans < most and (found := _MARKER.search(data, at)):
        marker, at = data[found.end() - 1], found.end()
        if marker == _END:
            break
        scans += marker == _START_OF_SCAN
        if marker not in _ALONE:
            at += int.from_bytes(data[at : at + 2], "big")
    return scans


def _judge(directory: Directory, max_pixels: int) -> str:
    if directory.is_ambiguous:
        return "its size is given twice"
    if directory.pixels * max(1, directory.channels / CHANNELS) > max_pixels:
        return f"it has over {max_pixels / 1e6:g} megapixels"
    counts = [entry.number for entry in directory.entries.values() if entry.kind not in BLOBS]
    excess = max(counts, default=0) > MAX_VALUES
    return f"it has over {MAX_VALUES:,} strips or tiles" if excess else ""
