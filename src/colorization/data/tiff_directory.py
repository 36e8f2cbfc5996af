"""The directories of TIFF files: read with limits, and edited in place.

TIFF 6.0, Adobe 1992; a directory is a list of entries of 12 bytes: tag, type, count and value.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    EXTRASAMPLES,
    IMAGELENGTH,
    IMAGEWIDTH,
    PHOTOMETRIC_INTERPRETATION,
    ROWSPERSTRIP,
    SAMPLEFORMAT,
    SAMPLESPERPIXEL,
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


class Entry(NamedTuple):
    """An entry of a directory."""

    at: int  # in the file
    kind: int
    number: int  # of values
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


def directories(data: bytes) -> Iterator[Directory]:
    """Yield the directories of a TIFF or BigTIFF, page by page; raise `struct.error` if damaged."""
    order, big = byte_order(data), data[2:4] in (b"+\0", b"\0+")
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
    order, inside = byte_order(data), struct.calcsize(position)
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


def byte_order(data: bytes | bytearray) -> str:
    """Return the byte order of a TIFF as `struct` writes it."""
    return "<" if data[:2] == b"II" else ">"


class DirectoryEditor:
    """Entries of a directory, edited in place."""

    def __init__(self, data: bytearray, directory: Directory):
        self.data = data
        self.order = byte_order(data)
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
