"""TFRecord shards of 8-bit Lab images, and the `info.json` that describes them.

A folder of records holds `train-00000-of-00004.tfrecord`, ..., `validation-...`, `info.json` and
`statistics.npz`. Each example is one image: `lab`, its raw bytes `(size, size, 3)` uint8, and
`name`, the photo's file name. `info.json` is written last: a folder without it is not finished.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from colorization.manifest import save_json

FORMAT = 1
ENCODING = "uint8 Lab: round(L * 255 / 100), round(a + 128), round(b + 128)"
INFO = "info.json"


@dataclass(frozen=True)
class Shard:
    """One file of records.

    Attributes:
        file: Its name.
        photos: Number of examples.
        size: Bytes.
        sha256: Digest of its content, hexadecimal.
    """

    file: str
    photos: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Info:
    """What a folder of records holds.

    Attributes:
        image_size: Side of every image, pixels.
        splits: The shards of "train" and of "validation".
        skipped: Reason by path, for each photo that is in no shard.
    """

    image_size: int
    splits: dict[str, list[Shard]]
    skipped: dict[str, str]

    def count(self, split: str) -> int:
        """Return the number of photos in a split."""
        return sum(shard.photos for shard in self.splits[split])


def shard_name(split: str, index: int, count: int) -> str:
    """Return the file name of a shard, as `train-00000-of-00004.tfrecord`."""
    return f"{split}-{index:05d}-of-{count:05d}.tfrecord"


def write_shard(path: Path, examples: Iterable[tuple[str, np.ndarray]]) -> Shard:
    """Write one shard, whole or not at all.

    Args:
        path: File to write.
        examples: `(name, codes)` pairs, codes `(size, size, 3)` uint8 Lab.

    Returns:
        Its description.
    """
    part = path.with_name(path.name + ".part")
    photos = 0
    with tf.io.TFRecordWriter(str(part)) as writer:
        for name, codes in examples:
            writer.write(_serialise(name, codes))
            photos += 1
    part.replace(path)
    return Shard(path.name, photos, path.stat().st_size, _sha256(path))


def _serialise(name: str, codes: np.ndarray) -> bytes:
    def feature(value: bytes) -> Any:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))

    features = {
        "lab": feature(codes.tobytes()),
        "name": feature(name.encode("utf-8", "surrogateescape")),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_info(folder: Path, info: Info) -> None:
    """Write `info.json`, which makes a folder of shards readable.

    Args:
        folder: Folder of the shards.
        info: Their description.
    """
    counts = {split: info.count(split) for split in info.splits}
    header = {"format": FORMAT, "encoding": ENCODING, "photos": counts}
    save_json(folder / INFO, header | asdict(info))


def load_info(folder: Path) -> Info:
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
    return Info(stated["image_size"], splits, stated["skipped"])


def _check_shard(path: Path, shard: Shard) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing, though {INFO} names it")
    size = path.stat().st_size
    if size != shard.size:
        raise ValueError(f"{path} has {size} bytes where {INFO} states {shard.size}: truncated?")


def parse_batch(records: tf.Tensor, image_size: int) -> tf.Tensor:
    """Parse a batch of serialised examples at once. Safe inside `Dataset.map`.

    Args:
        records: `(batch,)` string tensor of serialised examples.
        image_size: Side of the images, pixels.

    Returns:
        `(batch, image_size, image_size, 3)` uint8 Lab codes.
    """
    features = tf.io.parse_example(records, {"lab": tf.io.FixedLenFeature([], tf.string)})
    codes = tf.io.decode_raw(features["lab"], tf.uint8)
    return tf.reshape(codes, (-1, image_size, image_size, 3))
