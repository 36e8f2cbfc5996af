"""TFRecord shards of 8-bit Lab images, and `info.json`, which is written last and describes them.

A folder of records also holds `problems.jsonl` and `statistics.npz`. An example has `l`, the codes
of lightness, `ab`, those of chroma, and `name`, the path of the photo in its source.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import tensorflow as tf

from colorization.files import atomic_path, save_json

FORMAT = 2
ENCODING = "uint8 Lab: round(L * 255 / 100), round(a + 128), round(b + 128)"
INFO = "info.json"
# A record is its length and a checksum of it, the data and a checksum of it.
HEAD, TAIL = 12, 4


@dataclass(frozen=True)
class Shard:
    """One file of records."""

    file: str
    photos: int
    size: int  # bytes
    # SHA-256 of the lengths and checksums in the records, hexadecimal. Reading a record compares
    # its data with its checksum, so this pins the data, too.
    checksum: str


@dataclass(frozen=True)
class RecordInfo:
    """Description of a folder of records."""

    image_size: int  # side of every image, pixels
    splits: dict[str, list[Shard]]  # "train" and "validation"
    problems: dict[str, int]  # photos in `problems.jsonl` by kind

    def count(self, split: str) -> int:
        """Return the number of photos in a split."""
        return sum(shard.photos for shard in self.splits[split])


def shard_name(split: str, index: int, count: int) -> str:
    """Return the file name of a shard, such as `train-00000-of-00004.tfrecord`."""
    return f"{split}-{index:05d}-of-{count:05d}.tfrecord"


def write_shard(path: Path, examples: Iterable[bytes]) -> Shard:
    """Write serialized examples as one shard, whole or not at all."""
    photos = 0
    with atomic_path(path) as part, tf.io.TFRecordWriter(str(part)) as writer:
        for example in examples:
            writer.write(example)
            photos += 1
    return Shard(path.name, photos, path.stat().st_size, shard_checksum(path))


def shard_checksum(path: Path) -> str:
    """Return the checksum of a shard, reading the heads and tails of its records only."""
    total, position, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while position < size:
            head = os.pread(file.fileno(), HEAD, position)
            position += HEAD + int.from_bytes(head[:8], "little") + TAIL
            if position > size:
                raise ValueError(f"{path} does not end with a whole record: truncated or foreign")
            total.update(head + os.pread(file.fileno(), TAIL, position - TAIL))
    return total.hexdigest()


def save_info(folder: Path, info: RecordInfo) -> None:
    """Write `info.json` to a folder of shards."""
    counts = {split: info.count(split) for split in info.splits}
    header = {"format": FORMAT, "encoding": ENCODING, "photos": counts}
    save_json(folder / INFO, header | asdict(info))


def load_info(folder: Path) -> RecordInfo:
    """Read `info.json` and check that all its shards are there, complete and unaltered."""
    file = folder / INFO
    if not file.is_file():
        raise FileNotFoundError(f"{folder} holds no {INFO}: not records, or not finished")
    stated = json.loads(file.read_text("utf-8"))
    if stated.get("format") != FORMAT:
        raise ValueError(f"{file} is of format {stated.get('format')}, this code reads {FORMAT}")
    splits = {
        name: [Shard(**shard) for shard in shards] for name, shards in stated["splits"].items()
    }
    for shard in (shard for shards in splits.values() for shard in shards):
        _check_shard(folder / shard.file, shard)
    return RecordInfo(stated["image_size"], splits, stated["problems"])


def _check_shard(path: Path, shard: Shard) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing, though {INFO} names it")
    size = path.stat().st_size
    if size != shard.size:
        raise ValueError(f"{path} has {size} bytes where {INFO} states {shard.size}: truncated?")
    if shard_checksum(path) != shard.checksum:
        raise ValueError(f"{path} is not the shard that {INFO} describes: altered or foreign")


def parse_batch(records: tf.Tensor, image_size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Parse `(batch,)` serialized examples. Safe inside `Dataset.map`.

    Returns codes of L `(batch, image_size, image_size, 1)` and of ab `(..., 2)`, uint8.
    """
    stored = tf.io.FixedLenFeature([], tf.string)
    features = tf.io.parse_example(records, {"l": stored, "ab": stored})
    lightness = tf.io.decode_raw(features["l"], tf.uint8)
    chroma = tf.io.decode_raw(features["ab"], tf.uint8)
    side = (-1, image_size, image_size)
    return tf.reshape(lightness, (*side, 1)), tf.reshape(chroma, (*side, 2))


def check_shards(folder: Path) -> None:
    """Check every record of a folder; the `ValueError` names the shard and the record."""
    for shard in (s for shards in load_info(folder).splits.values() for s in shards):
        read = 0
        try:
            for _ in tf.data.TFRecordDataset(str(folder / shard.file)):
                read += 1
        except tf.errors.DataLossError as error:
            raise ValueError(f"{folder / shard.file} is altered at record {read}") from error


@contextmanager
def report_damage(*folders: Path) -> Iterator[None]:
    """Name the shard and the record if the body meets a damaged one; TensorFlow names neither."""
    try:
        yield
    except tf.errors.DataLossError:
        for folder in folders:
            check_shards(folder)
        raise
