"""TIFF files: which page is the photo, and samples of bit depths that Pillow does not read.

TIFF 6.0, Adobe 1992; a directory is a list of entries of 12 bytes: tag, type, count and value.
"""

import io
import struct
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COMPRESSION,
    EXTRASAMPLES,
    FILLORDER,
    IMAGELENGTH,
    IMAGEWIDTH,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    ROWSPERSTRIP,
    SAMPLEFORMAT,
    SAMPLESPERPIXEL,
    STRIPBYTECOUNTS,
    STRIPOFFSETS,
)

NEW_SUBFILE_TYPE, REDUCED_OR_MASK = 254, 1 | 4  # a tag, and its bits for what is no photo
SUBFILE_TYPE, REDUCED = 255, 2  # the same in files of before 1992
SIGNATURES = (b"II*\0", b"MM\0*")
MOVED = 40_000  # added to tags that are hidden from Pillow
SHORT, LONG = 3, 4  # types of an entry
SIZES = {1: 1, SHORT: 2, LONG: 4}  # bytes of a value
BLOBS = (1, 2, 6, 7)  # types of bytes and text
# Tags that decide how much there is to decode. Of two, decoders choose differently.
LAYOUT = {IMAGEWIDTH, IMAGELENGTH, BITSPERSAMPLE, SAMPLESPERPIXEL, ROWSPERSTRIP, STRIPOFFSETS}
MAX_ENTRIES = 100_000  # of all directories; usual are 20 in each
KINDS = {0: "gray", 1: "gray", 2: "RGB", 3: "palette", 5: "CMYK", 6: "YCbCr", 8: "Lab", 9: "Lab"}
KINDS |= {32803: "camera raw", 34892: "camera raw"}


def photo_pages(data: bytes) -> list[int]:
    """Return the pages of a TIFF that are neither thumbnails nor masks."""
    try:
        return [page for page, found in enumerate(directories(data)) if found.is_photo]
    except struct.error:  # Pillow says what is wrong with it
        return [0]


def gray_to_16_bits(image: Image.Image) -> np.ndarray:
    """Convert gray of mode "I", "F" or "I;16" and of any bit depth to `(H, W)` uint16.

    Raises:
        ValueError: If the pixels do not lie within [0, 1] or 16 bits.
    """
    tags = getattr(image, "tag_v2", {})
    bits = max(tags.get(BITSPERSAMPLE, (16,)))
    white = 1.0 if image.mode == "F" else 2.0 ** min(bits, 16) - 1
    values = np.asarray(image)
    if not (values.min() >= 0 and values.max() <= white):
        unit = "[0, 1]" if image.mode == "F" else "16 bits"
        raise ValueError(f"its {image.mode}-type pixels do not lie within {unit}")
    if white != 65535:
        values = np.rint(values * np.float32(65535 / white))
    values = values.astype(np.uint16)
    return 65535 - values if tags.get(PHOTOMETRIC_INTERPRETATION) == 0 else values


class Entry(NamedTuple):
    """An entry of a directory."""

    at: int  # in the file
    kind: int
    count: int  # of values
    value: int | None  # the first; None for other types than whole numbers


class Directory(NamedTuple):
    """A directory, which describes a page."""

    at: int
    entries: dict[int, Entry]
    is_ambiguous: bool  # whether it has two entries of a tag in `LAYOUT`

    def value(self, tag: int, default: int) -> int:
        """Return the first number of an entry."""
        entry = self.entries.get(tag)
        return default if entry is None or entry.value is None else entry.value

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.value(IMAGEWIDTH, 0) * self.value(IMAGELENGTH, 0)

    @property
    def channels(self) -> int:
        """Samples per pixel."""
        return self.value(SAMPLESPERPIXEL, 1)

    @property
    def is_photo(self) -> bool:
        """Whether it is neither a thumbnail nor a mask."""
        is_copy = self.value(NEW_SUBFILE_TYPE, 0) & REDUCED_OR_MASK
        return not is_copy and self.value(SUBFILE_TYPE, 1) != REDUCED

    @property
    def bits(self) -> int:
        """Bits per sample."""
        return self.value(BITSPERSAMPLE, 1)


def is_tiff(data: bytes) -> bool:
    """Return whether the content of a file begins as a TIFF's does, other than a BigTIFF's."""
    return data[:4] in SIGNATURES


def describe_tiff(data: bytes) -> str:
    """Return what the photo of a TIFF holds, e.g. "32-bit RGB"; empty if it is no TIFF."""
    if not is_tiff(data):
        return ""
    try:
        found = [directory for directory in directories(data) if directory.is_photo]
    except struct.error:
        found = []
    if not found:
        return "damaged"
    kind = KINDS.get(found[0].value(PHOTOMETRIC_INTERPRETATION, -1), "unknown")
    extra = " with more channels" if EXTRASAMPLES in found[0].entries else ""
    return f"{found[0].bits}-bit {kind}{extra}"


def unpack_tiff(data: bytes, page: int = 0) -> bytes:
    """Return a TIFF whose samples have 9 to 15 bits as one of 16 bits, and other files as they are.

    White stays white. Only this page is unpacked, counted without thumbnails and masks; tiles,
    separate planes and BigTIFF are not.
    """
    if not is_tiff(data):
        return data
    try:
        photos = (found for found in directories(data) if found.is_photo)
        photo = next(islice(photos, page, None), None)
    except struct.error:  # Pillow says what is wrong with it
        return data
    return _unpack(data, photo) if photo and _is_packed(photo) else data


def _is_packed(directory: Directory) -> bool:
    planes = directory.value(PLANAR_CONFIGURATION, 1)
    return 8 < directory.bits < 16 and planes == 1 and STRIPOFFSETS in directory.entries


def directories(data: bytes) -> Iterator[Directory]:
    """Yield the directories of a TIFF or BigTIFF, page by page; raise `struct.error` if damaged."""
    order, big = _order(data), data[2:4] in (b"+\0", b"\0+")
    number, position, size = ("Q", "Q", 20) if big else ("H", "I", 12)
    (at,) = struct.unpack_from(order + position, data, 8 if big else 4)
    seen: set[int] = set()
    left = MAX_ENTRIES
    while at and at not in seen:
        seen.add(at)
        (count,) = struct.unpack_from(order + number, data, at)
        left -= count
        if left < 0:
            raise struct.error("too many entries")
        first = at + struct.calcsize(number)
        entries = [_read_entry(data, first + size * index, position) for index in range(count)]
        layout = [tag for tag, _ in entries if tag in LAYOUT]
        yield Directory(at, dict(entries), len(layout) != len({*layout}))
        (at,) = struct.unpack_from(order + position, data, first + size * count)


def _read_entry(data: bytes, at: int, position: str) -> tuple[int, Entry]:
    order, inside = _order(data), struct.calcsize(position)
    tag, kind = struct.unpack_from(order + "HH", data, at)
    count, value = struct.unpack_from(order + 2 * position, data, at + 4)
    size = SIZES.get(kind, 0)
    if not size or not 0 < count <= len(data):
        return tag, Entry(at, kind, count, None)
    where = at + 4 + inside if size * count <= inside else value
    if where + size * count > len(data):
        raise struct.error("an entry that points beyond the end")
    (first,) = struct.unpack_from(order + "BHxI"[size - 1], data, where)
    return tag, Entry(at, kind, count, first)


def _order(data: bytes | bytearray) -> str:
    return "<" if data[:2] == b"II" else ">"


def _unpack(data: bytes, directory: Directory) -> bytes:
    pixels = _unpack_rows(_decompress(data, directory), directory)
    if directory.value(PHOTOMETRIC_INTERPRETATION, 1) == 0:
        pixels = 65535 - pixels
    content = pixels.astype(_order(data) + "u2").tobytes()
    channels = directory.value(SAMPLESPERPIXEL, 1)
    depths = struct.pack(f"{_order(data)}{channels}H", *[16] * channels)
    end = len(data) + len(data) % 2
    edited = _Editor(bytearray(data.ljust(end, b"\0") + depths + content), directory)
    edited.set(BITSPERSAMPLE, end if channels > 2 else 16, SHORT, channels)
    edited.set(COMPRESSION, 1)
    edited.set(FILLORDER, 1)
    if channels == 1:
        edited.set(PHOTOMETRIC_INTERPRETATION, 1)
    edited.set(ROWSPERSTRIP, len(pixels), LONG)
    edited.set(STRIPOFFSETS, end + len(depths), LONG)
    edited.set(STRIPBYTECOUNTS, len(content), LONG)
    return bytes(edited.data)


def _decompress(data: bytes, directory: Directory) -> np.ndarray:
    """Return the packed rows, `(H, bytes)` uint8: Pillow reads them as gray of 8 bits."""
    samples = directory.value(IMAGEWIDTH, 0) * directory.value(SAMPLESPERPIXEL, 1)
    edited = _Editor(bytearray(data), directory)
    edited.call_gray()
    edited.set(IMAGEWIDTH, (samples * directory.bits + 7) // 8, LONG)
    struct.pack_into(_order(data) + "I", edited.data, 4, directory.at)
    with Image.open(io.BytesIO(edited.data), formats=["TIFF"]) as image:
        image.load()
        return np.asarray(image)


def call_gray(data: bytes) -> bytes:
    """Return a TIFF whose pages all claim to be gray of 8 bits, so that Pillow opens any kind.

    Size and metadata stay; the pixels cannot be decoded. The tags that do not fit gray are found
    with `MOVED` added to them.
    """
    try:
        pages = list(directories(data))
    except struct.error:  # Pillow says what is wrong with it
        return data
    copy = bytearray(data)
    for directory in pages:
        edited = _Editor(copy, directory)
        edited.call_gray()
        edited.set(COMPRESSION, 1)
    return bytes(copy)


def _unpack_rows(rows: np.ndarray, directory: Directory) -> np.ndarray:
    """Return the samples of packed rows, `(H, samples)` uint16 whose white is 65535."""
    count = directory.value(IMAGEWIDTH, 0) * directory.value(SAMPLESPERPIXEL, 1)
    samples = np.zeros((len(rows), count), np.uint16)
    first = np.arange(count) * directory.bits  # the first bit of each sample in its row
    at, shift = first // 8, (first % 8).astype(np.uint32)
    white = 2**directory.bits - 1
    for top in range(0, len(rows), 64):  # in parts, to save memory
        part = np.pad(rows[top : top + 64], ((0, 0), (0, 2))).astype(np.uint32)
        bits = part[:, at] << 16 | part[:, at + 1] << 8 | part[:, at + 2]
        codes = bits << (8 + shift) >> (32 - directory.bits)
        samples[top : top + 64] = (codes * 65535 + white // 2) // white
    return samples


class _Editor:
    """Entries of a directory, edited in place."""

    def __init__(self, data: bytearray, directory: Directory):
        self.data = data
        self.order = _order(data)
        self.entries = directory.entries

    def set(self, tag: int, value: int, kind: int = SHORT, count: int = 1) -> None:
        """Replace the value of an entry, if there is one; all of its values if these are two."""
        if (entry := self.entries.get(tag)) is None:
            return
        is_wide = kind == LONG or count > 2  # a number, or where the values are
        values = struct.pack(self.order + ("I" if is_wide else "HH"), *[value] * (2 - is_wide))
        struct.pack_into(self.order + "HI4s", self.data, entry.at + 2, kind, count, values)

    def call_gray(self) -> None:
        """Describe the pixels as gray of 8 bits."""
        for tag in (BITSPERSAMPLE, SAMPLESPERPIXEL, PHOTOMETRIC_INTERPRETATION):
            self.set(tag, 8 if tag == BITSPERSAMPLE else 1)
        for tag in (EXTRASAMPLES, SAMPLEFORMAT):
            if tag in self.entries:
                struct.pack_into(self.order + "H", self.data, self.entries[tag].at, MOVED + tag)
