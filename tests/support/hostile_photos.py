"""Small files that are expensive to decode, or that are not what they are called."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{} loop\n"


def tiff_of_tags(tags, tail=b""):
    """Return a little-endian TIFF of `(tag, type, count, value)`, and bytes after its directory."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + tail


def tiff_of_two_sizes(side=40_000, bits=12):
    """A TIFF that is 16 pixels wide and high, and then `side`; 12 bits have a reader of ours."""
    row = zlib.compress(bytes(side * bits // 8 * 16), 9)
    start = 8 + 2 + 12 * 11 + 4
    small = [(256, 4, 1, 16), (257, 4, 1, 16)]
    large = [(256, 4, 1, side), (257, 4, 1, side)]
    rest = [(258, 3, 1, bits), (259, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, start)]
    rest += [(277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, len(row))]
    return tiff_of_tags(small + large + rest, row)


def tiff_of_many_strips(strips):
    """A TIFF of one row of pixels per strip, all of them in the same place."""
    start = 8 + 2 + 12 * 8 + 4
    tags = [(256, 4, 1, 1), (257, 4, 1, strips), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, strips, start), (278, 4, 1, 1), (279, 4, strips, start)]
    return tiff_of_tags(tags, struct.pack("<I", 1) * strips)


def jpeg_of_many_scans(scans, side=2000):
    """A progressive JPEG whose last scan stands in it many times."""
    file = io.BytesIO()
    Image.new("L", (side, side), 128).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + data[-2:]


def gif_of_many_frames(frames, side=7000):
    """An animation whose every frame is as large as a gray screen of `side` pixels."""
    file = io.BytesIO()
    Image.new("P", (side, side)).save(file, "GIF")
    data = file.getvalue()
    frame = data[data.index(b",\0\0\0\0") : -1]
    return data[: data.index(b",\0\0\0\0")] + frame * frames + b";"


def fits(side):
    """A FITS file of a few kilobytes that claims `side` pixels a side."""
    cards = ["SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 2", f"NAXIS1  = {side}", f"NAXIS2  = {side}"]
    head = "".join(card.ljust(80) for card in [*cards, "END"]).ljust(2880)
    return head.encode() + bytes(2880)


def mutations(data, count, seed):
    """Yield copies of a file with some bytes changed, left out, doubled or cut off."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(int(random.integers(1, 8))):
            at = int(random.integers(0, len(copy)))
            match int(random.integers(0, 4)):
                case 0:
                    copy[at] = int(random.integers(0, 256))
                case 1:
                    del copy[at : at + int(random.integers(1, 64))]
                case 2:
                    copy[at:at] = copy[at : at + int(random.integers(1, 64))]
                case 3 if at > 64:
                    del copy[at:]
            copy = copy or bytearray(b"\0")
        yield bytes(copy)
