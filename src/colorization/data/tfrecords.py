"""TFRecord shards of 8-bit Lab images, and the `info.json` that describes them.

A folder of records holds `train-00000-of-00004.tfrecord`, ..., `validation-...`, `info.json`,
`problems.jsonl` and `statistics.npz`. Each example is one image: `l`, the codes of its lightness,
`(size, size, 1)` uint8; `ab`, those of its chroma, `(size, size, 2)` uint8; and `name`, the photo's
path in its source. `info.json` is written last: a folder without it is not finished.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import tensorflow as tf

from colorization.files import save_json

FORMAT = 2
ENCODING = "uint8 Lab: round(L * 255 / 100), round(a + 128), round(b + 128)"
INFO = "info.json"
# A record: its length, the length's checksum, the data, the data's checksum.
HEAD, TAIL = 12, 4


@dataclass(frozen=True)
class Shard:
    """One file of records.

    Attributes:
        file: Its name.
        photos: Number of examples.
        size: Bytes.
        checksum: SHA-256 of the lengths and checksums that its records carry, hexadecimal. Reading
            a record compares its data with its checksum, so this pins the data, too.
    """

    file: str
    photos: int
    size: int
    checksum: str


@dataclass(frozen=True)
class RecordInfo:
    """What a folder of records holds.

    Attributes:
        image_size: Side of every image, pixels.
        splits: The shards of "train" and of "validation".
        problems: How many photos of each kind of problem `problems.jsonl` names.
    """

    image_size: int
    splits: dict[str, list[Shard]]
    problems: dict[str, int]

    def count(self, split: str) -> int:
        """Return the number of photos in a split."""
        return sum(shard.photos for shard in self.splits[split])


def shard_name(split: str, index: int, count: int) -> str:
    """Return the file name of a shard, as `train-00000-of-00004.tfrecord`."""
    return f"{split}-{index:05d}-of-{count:05d}.tfrecord"


def write_shard(path: Path, examples: Iterable[bytes]) -> Shard:
    """Write one shard, whole or not at all.

    Args:
        path: File to write.
        examples: Serialized examples.

    Returns:
        Its description.
    """
    part = path.with_name(path.name + ".part")
    photos = 0
    with tf.io.TFRecordWriter(str(part)) as writer:
        for example in examples:
            writer.write(example)
            photos += 1
    part.replace(path)
    return Shard(path.name, photos, path.stat().st_size, shard_checksum(path))


def shard_checksum(path: Path) -> str:
    """Return the checksum of a shard; a few kilobytes of it are read, whatever its size.

    Args:
        path: The shard.

    Raises:
        ValueError: If the file is not a sequence of whole records.
    """
    total, position, size = hashlib.sha256(), 0, path.stat().st_size
    with path.open("rb") as file:
        while position < size:
            head = os.pread(file.fileno(), HEAD, position)
            position += HEAD + int.from_bytes(head[:8], "little") + TAIL
            if position > size:
                raise ValueError(f"{path} is no sequence of whole records: truncated or foreign")
            total.update(head + os.pread(file.fileno(), TAIL, position - TAIL))
    return total.hexdigest()


def save_info(folder: Path, info: RecordInfo) -> None:
    """Write `info.json`, which makes a folder of shards readable.

    Args:
        folder: Folder of the shards.
        info: Their description.
    """
    counts = {split: info.count(split) for split in info.splits}
    header = {"format": FORMAT, "encoding": ENCODING, "photos": counts}
    save_json(folder / INFO, header | asdict(info))


def load_info(folder: Path) -> RecordInfo:
    """Read `info.json` and make sure that the shards it names are there, whole.

    Args:
        folder: Folder of records.

    Returns:
        The description of the records.

    Raises:
        FileNotFoundError: If there is no `info.json`, or a shard is missing.
        ValueError: If the format is another one, or a shard's size differs.
    """
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
    """Parse a batch of serialized examples at once. Safe inside `Dataset.map`.

    Args:
        records: `(batch,)` string tensor of serialized examples.
        image_size: Side of the images, pixels.

    Returns:
        Codes of L `(batch, image_size, image_size, 1)` and of ab `(..., 2)`, uint8.
    """
    stored = tf.io.FixedLenFeature([], tf.string)
    features = tf.io.parse_example(records, {"l": stored, "ab": stored})
    lightness = tf.io.decode_raw(features["l"], tf.uint8)
    chroma = tf.io.decode_raw(features["ab"], tf.uint8)
    side = (-1, image_size, image_size)
    return tf.reshape(lightness, (*side, 1)), tf.reshape(chroma, (*side, 2))


def check_shards(folder: Path) -> None:
    """Read every record of a folder, to name the one that does not match its checksum.

    Args:
        folder: Folder of records.

    Raises:
        ValueError: If a record was altered.
    """
    for shard in (s for shards in load_info(folder).splits.values() for s in shards):
        read = 0
        try:
            for _ in tf.data.TFRecordDataset(str(folder / shard.file)):
                read += 1
        except tf.errors.DataLossError as error:
            raise ValueError(f"{folder / shard.file} is altered at record {read}") from error


@contextmanager
def report_damage(*folders: Path) -> Iterator[None]:
    """Name the shard and the record when reading meets a damaged one; TensorFlow names neither.

    Args:
        *folders: Folders of the records that are read inside.

    Raises:
        ValueError: If a record was altered.
    """
    try:
        yield
    except tf.errors.DataLossError:
        for folder in folders:
            check_shards(folder)
        raise
