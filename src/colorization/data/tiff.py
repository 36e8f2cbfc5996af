"""TIFF files: which page is the photo, and samples of bit depths that Pillow does not read.

tifffile does not do this: without a package that Kaggle's image lacks, it unpacks no 12 bits.
"""

import io
import struct
from itertools import islice

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COMPRESSION,
    EXTRASAMPLES,
    FILLORDER,
    IMAGEWIDTH,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    ROWSPERSTRIP,
    SAMPLESPERPIXEL,
    STRIPBYTECOUNTS,
    STRIPOFFSETS,
)

from colorization.data.tiff_directory import (
    LONG,
    SHORT,
    Directory,
    DirectoryEditor,
    byte_order,
    directories,
    is_tiff,
)

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


def _unpack(data: bytes, directory: Directory) -> bytes:
    pixels = _unpack_rows(_decompress(data, directory), directory)
    if directory.value(PHOTOMETRIC_INTERPRETATION, 1) == 0:
        pixels = 65535 - pixels
    content = pixels.astype(byte_order(data) + "u2").tobytes()
    channels = directory.value(SAMPLESPERPIXEL, 1)
    depths = struct.pack(f"{byte_order(data)}{channels}H", *[16] * channels)
    end = len(data) + len(data) % 2
    edited = DirectoryEditor(bytearray(data.ljust(end, b"\0") + depths + content), directory)
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
    edited = DirectoryEditor(bytearray(data), directory)
    edited.call_gray()
    edited.set(IMAGEWIDTH, (samples * directory.bits + 7) // 8, LONG)
    struct.pack_into(byte_order(data) + "I", edited.data, 4, directory.at)
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
        edited = DirectoryEditor(copy, directory)
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
