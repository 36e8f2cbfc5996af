"""Shards to batches of 8-bit codes, in order or in another order each epoch.

Batches of a split that fits into memory are gathered there: twice as fast as parsing the records
again, and better shuffled. A larger split is streamed through a shuffle buffer.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.data.record_info import RecordInfo, Shard
from colorization.data.tfrecords import parse_batch

SHUFFLE_BUFFER = 8192  # serialized images of 49 kB, so 400 MB at most
RESIDENT_SHARE = 1 / 3  # of the machine's memory; CelebA, 10 GB, fits on Kaggle
LOAD_BATCH = 256  # images parsed at a time while a split is read into memory

Codes = tuple[tf.Tensor, tf.Tensor]


def worker_shards(folder: Path, shards: Sequence[Shard], part: tuple[int, int]) -> list[Shard]:
    """Return the shards of a worker: with `part` `(index, count)`, every `count`-th one."""
    index, count = part
    if not 0 <= index < count:
        raise ValueError(f"`part` must be (index, count) with index < count, received {part}")
    if count > len(shards):
        raise ValueError(
            f"{folder} has too few shards for {count} workers, each of which reads its own: "
            f"expected at least {count}, received {len(shards)}; prepare the records again with a "
            "smaller `shard_examples` (`deepcolor prepare --shard-examples`)"
        )
    return list(shards[index::count])


def fits_in_memory(shards: Sequence[Shard]) -> bool:
    """Return whether shards take at most `RESIDENT_SHARE` of the machine's memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return sum(shard.size for shard in shards) <= RESIDENT_SHARE * memory


def read_in_order(
    folder: Path, info: RecordInfo, shards: Sequence[Shard], batch_size: int
) -> tf.data.Dataset:
    """Read codes of L `(batch, size, size, 1)` and ab `(..., 2)`, uint8, in the shards' order."""
    return _parse_batches(tf.data.TFRecordDataset(_files(folder, shards)), info, batch_size)


def read_shuffled(
    folder: Path,
    info: RecordInfo,
    shards: Sequence[Shard],
    batch_size: int,
    seed: int,
    endless: bool = False,
    resident: bool = True,
) -> tf.data.Dataset:
    """Read as `read_in_order`, but in another order each epoch.

    With `endless`, images are repeated and all batches full; with `resident`, kept in memory.
    """
    photos = sum(shard.photos for shard in shards)
    if resident:
        gather = _gather_from_memory(folder, info, shards)
        indices = _repeat(tf.data.Dataset.range(photos).shuffle(photos, seed=seed), endless)
        return indices.batch(batch_size).map(gather, num_parallel_calls=tf.data.AUTOTUNE)
    files = tf.data.Dataset.from_tensor_slices(_files(folder, shards))
    records = files.shuffle(len(shards), seed=seed).interleave(
        tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=tf.data.AUTOTUNE
    )
    # Records are shuffled before batching: batches differ each epoch.
    shuffled = records.shuffle(min(SHUFFLE_BUFFER, photos), seed=seed)
    return _parse_batches(_repeat(shuffled, endless), info, batch_size)


def _gather_from_memory(
    folder: Path, info: RecordInfo, shards: Sequence[Shard]
) -> Callable[[tf.Tensor], Codes]:
    photos = sum(shard.photos for shard in shards)
    pixels = info.image_size**2
    stored = [np.empty((photos, pixels), np.uint8), np.empty((photos, 2 * pixels), np.uint8)]
    at = 0
    for batch in read_in_order(folder, info, shards, LOAD_BATCH).as_numpy_iterator():
        for kept, codes in zip(stored, batch, strict=True):
            kept[at : at + len(codes)] = codes.reshape(len(codes), -1)
        at += len(batch[0])
    lightness, chroma = (tf.convert_to_tensor(kept) for kept in stored)
    side = (-1, info.image_size, info.image_size)

    def gather(indices: tf.Tensor) -> Codes:
        x, y = tf.gather(lightness, indices), tf.gather(chroma, indices)
        return tf.reshape(x, (*side, 1)), tf.reshape(y, (*side, 2))

    return gather


def _repeat(dataset: tf.data.Dataset, endless: bool) -> tf.data.Dataset:
    # Before batching, so that every batch is full.
    return dataset.repeat() if endless else dataset


def _files(folder: Path, shards: Sequence[Shard]) -> list[str]:
    return [str(folder / shard.file) for shard in shards]


def _parse_batches(records: tf.data.Dataset, info: RecordInfo, batch_size: int) -> tf.data.Dataset:
    # Parsing a whole batch at once costs a fraction of parsing its records one by one.
    batches = records.batch(batch_size)
    return batches.map(
        lambda batch: parse_batch(batch, info.image_size), num_parallel_calls=tf.data.AUTOTUNE
    )
