"""IPTC captions, keywords and by-lines, as archives and Photoshop keep them.

They are records of the Information Interchange Model (IIM 4.2), inside an image resource block of
Photoshop: in the segment APP13 of a JPEG, in a tag of a TIFF, and in a text of a PNG.
"""

import struct
from typing import Any

from PIL import Image

IIM, IPTC_TAG, PHOTOSHOP_TAG = 0x0404, 33723, 34377  # a resource's number, and tags of a TIFF
PNG_TEXT = "Raw profile type iptc"  # as ImageMagick and ExifTool write it
SEGMENT = b"Photoshop 3.0\0"
LONGEST = 65_533  # bytes of a JPEG's segment


def read_iptc(image: Image.Image) -> bytes:
    """Return the IPTC records of an opened photo; empty if there are none, or if damaged."""
    try:
        return _find_records(image)
    except (ValueError, struct.error):
        return b""


def _find_records(image: Any) -> bytes:
    if image.format == "TIFF":
        # The bytes of the file: Pillow cuts records that are declared as long integers.
        raw = image.tag_v2._tagdata
        return raw.get(IPTC_TAG, b"").rstrip(b"\0") or _from_resources(raw.get(PHOTOSHOP_TAG, b""))
    if text := image.info.get(PNG_TEXT):
        content = bytes.fromhex("".join(str(text).split("\n")[3:]))
        return _from_resources(content) or content
    found = image.info.get("photoshop", {})
    return bytes(found.get(IIM, b"")) if isinstance(found, dict) else b""


def _from_resources(data: bytes) -> bytes:
    at = 0
    while data[at : at + 4] == b"8BIM":
        (number,) = struct.unpack_from(">H", data, at + 4)
        at += 6 + data[at + 6] + 1 + (data[at + 6] + 1) % 2  # a name, padded
        (size,) = struct.unpack_from(">I", data, at)
        if number == IIM:
            return data[at + 4 : at + 4 + size]
        at += 4 + size + size % 2
    return b""


def resource_block(iptc: bytes) -> bytes:
    """Return Photoshop's image resource block of IPTC records."""
    head = struct.pack(">4sHHI", b"8BIM", IIM, 0, len(iptc))
    return head + iptc + b"\0" * (len(iptc) % 2)


def add_to_jpeg(jpeg: bytes, iptc: bytes) -> bytes:
    """Insert IPTC records into a JPEG as its segment APP13.

    Raises:
        ValueError: If they are longer than a segment can be.
    """
    content = SEGMENT + resource_block(iptc)
    if len(content) > LONGEST:
        raise ValueError(f"a JPEG holds at most {LONGEST} bytes of IPTC, received {len(content)}")
    at = 2
    while jpeg[at + 1] in (0xE0, 0xE1):  # JFIF and EXIF come first
        at += 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
    return jpeg[:at] + b"\xff\xed" + struct.pack(">H", len(content) + 2) + content + jpeg[at:]


def png_text(iptc: bytes) -> str:
    """Return IPTC records as the text `PNG_TEXT` of a PNG."""
    block = resource_block(iptc)
    return f"\niptc\n{len(block):8}\n{block.hex()}\n"
