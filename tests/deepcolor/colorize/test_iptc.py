import io
import struct

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from tests.support.photos import content, tiff

from deepcolor.colorize.iptc import add_to_jpeg, png_text, read_iptc, resource_block

RECORDS = b"\x1c\x02\x78\0\x0bGrandmother"
BLOCK = struct.pack(">4sHH2s", b"8BIM", 1005, 0, b"\0\0") + b"\0\2ab" + resource_block(RECORDS)
IMAGE = Image.new("L", (8, 8), 99)


def found(data):
    with Image.open(io.BytesIO(data)) as image:
        return read_iptc(image)


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"])
def test_records_are_found_in_a_jpeg_and_it_still_opens(exif):
    jpeg = content(IMAGE, "JPEG", exif=exif, dpi=(300, 300))
    tagged = add_to_jpeg(jpeg, RECORDS)
    assert found(jpeg) == b"" and found(tagged) == RECORDS
    with Image.open(io.BytesIO(tagged)) as image:
        assert image.info["dpi"] == (300, 300) and image.info.get("exif", b"") == exif
        image.load()


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", ["bytes", "long integers", "resources"])
def test_records_are_found_in_a_tiff(order, kind):
    tag, value = (34377, BLOCK) if kind == "resources" else (33723, RECORDS)
    entry = (tag, 7, len(value), value, True)
    if kind == "long integers":
        value = value.ljust(-(-len(value) // 4) * 4, b"\0")
        entry = (tag, 4, len(value) // 4, struct.unpack(f"{order}{len(value) // 4}I", value), True)
    data = tiff(np.zeros((4, 4), np.uint8), byteorder=order, extratags=[entry])
    assert found(data) == RECORDS


@pytest.mark.parametrize(
    "kept", [png_text(RECORDS), f"\niptc\n{len(RECORDS):8}\n{RECORDS.hex()}\n"]
)
def test_records_are_found_in_a_png(kept):
    info = PngInfo()
    info.add_text("Raw profile type iptc", kept, zip=True)
    assert found(content(IMAGE, pnginfo=info)) == RECORDS


def test_damaged_records_are_none():
    info = PngInfo()
    info.add_text("Raw profile type iptc", "\niptc\n 9\nno hex")
    assert found(content(IMAGE, pnginfo=info)) == b""
    entry = (34377, 7, 9, b"8BIM\x04\x04\0\0\0", True)
    assert found(tiff(np.zeros((4, 4), np.uint8), extratags=[entry])) == b""
