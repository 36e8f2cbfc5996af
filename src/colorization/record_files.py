"""Files of records, byte for byte as `tf.io.TFRecordWriter` writes them.

A record is its length, the length's checksum, the data, the data's checksum. The checksum is
CRC-32C. `google_crc32c` computes it several times as fast as TensorFlow; Kaggle's image has it,
and without it TensorFlow writes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import tensorflow as tf

try:
    import google_crc32c

    FAST = google_crc32c.implementation == "c"
except ImportError:
    FAST = False

BUFFER = 1 << 20  # bytes that are handed to the file system at once


@contextmanager
def record_writer(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Open a file of records in the fastest way there is.

    Args:
        path: File to write.

    Yields:
        What appends a record.
    """
    if FAST:
        with path.open("wb", buffering=BUFFER) as file:
            yield partial(_append, file)
    else:
        with tf.io.TFRecordWriter(str(path)) as writer:
            yield writer.write


def _append(file: BinaryIO, record: bytes) -> None:
    length = len(record).to_bytes(8, "little")
    file.write(length + _masked(length))
    file.write(record)
    file.write(_masked(record))


def _masked(data: bytes) -> bytes:
    # A checksum of data that hold checksums says little: TensorFlow stores it turned and shifted.
    checksum = google_crc32c.value(data)
    turned = (checksum >> 15 | checksum << 17) + 0xA282EAD8
    return (turned & 0xFFFFFFFF).to_bytes(4, "little")
