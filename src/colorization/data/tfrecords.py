"""TFRecord shards of 8-bit Lab images.

A folder of records also holds `info.json`, `problems.jsonl` and `statistics.npz`. An example has
`l`, the codes of lightness, `ab`, those of chroma, and `name`, the path of the photo in its source.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from colorization.data.record_info import INFO, RecordInfo, Shard, read_info
from colorization.files import atomic_path

# A record is its length and a checksum of it, the data and a checksum of it.
HEAD, TAIL = 12, 4
# What TensorFlow raises for a record that is damaged, or is not an image of the stated size.
DAMAGES = (tf.errors.DataLossError, tf.errors.InvalidArgumentError)


def shard_name(split: str, index: int, count: int) -> str:
    """Return the file name of a shard, such as `train-00000-of-00004.tfrecord`."""
    return f"{split}-{index:05d}-of-{count:05d}.tfrecord"


def write_shard(path: Path, examples: Iterable[bytes]) -> Shard:
    """Write serialized examples as one shard, whole or not at all."""
    with atomic_path(path) as part, tf.io.TFRecordWriter(str(part)) as writer:
        for example in examples:
            writer.write(example)
    photos, checksum = scan_shard(path)
    return Shard(path.name, photos, path.stat().st_size, checksum)


def scan_shard(path: Path) -> tuple[int, str]:
    """Return the number of records in a shard and its checksum, reading their heads and tails."""
    total, position, size, records = hashlib.sha256(), 0, path.stat().st_size, 0
    with path.open("rb") as file:
        while position < size:
            head = os.pread(file.fileno(), HEAD, position)
            position += HEAD + int.from_bytes(head[:8], "little") + TAIL
            if position > size:
                raise ValueError(f"{path} does not end with a whole record: truncated or foreign")
            total.update(head + os.pread(file.fileno(), TAIL, position - TAIL))
            records += 1
    return records, total.hexdigest()


def load_info(folder: Path) -> RecordInfo:
    """Read `info.json` and check that all its shards are there, complete and unaltered."""
    info = read_info(folder)
    for shard in (shard for shards in info.splits.values() for shard in shards):
        _check_shard(folder / shard.file, shard)
    return info


def _check_shard(path: Path, shard: Shard) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing, though {INFO} names it")
    size = path.stat().st_size
    if size != shard.size:
        raise ValueError(f"{path} has {size} bytes where {INFO} states {shard.size}: truncated?")
    if scan_shard(path) != (shard.photos, shard.checksum):
        raise ValueError(f"{path} is not the shard that {INFO} describes: altered or foreign")


def parse_batch(records: tf.Tensor, image_size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Parse `(batch,)` serialized examples. Safe inside `Dataset.map`.

    Returns codes of L `(batch, image_size, image_size, 1)` and of ab `(..., 2)`, uint8.
    """
    stored = tf.io.FixedLenFeature([], tf.string)
    features = tf.io.parse_example(records, {"l": stored, "ab": stored})
    lightness = tf.io.decode_raw(features["l"], tf.uint8)
    chroma = tf.io.decode_raw(features["ab"], tf.uint8)
    side = (tf.shape(records)[0], image_size, image_size)
    return tf.reshape(lightness, (*side, 1)), tf.reshape(chroma, (*side, 2))


def check_shards(folder: Path) -> None:
    """Check every record of a folder; the `ValueError` names the shard and the record."""
    info = load_info(folder)
    for shard in (s for shards in info.splits.values() for s in shards):
        read = 0
        try:
            for record in tf.data.TFRecordDataset(str(folder / shard.file)):
                parse_batch(record[None], info.image_size)
                read += 1
        except DAMAGES as error:
            raise ValueError(f"{folder / shard.file} is altered at record {read}") from error


@contextmanager
def report_damage(*folders: Path) -> Iterator[None]:
    """Name the shard and the record if the body meets a damaged one; TensorFlow names neither."""
    try:
        yield
    except DAMAGES:
        for folder in folders:
            check_shards(folder)
        raise
