"""Shards to batches of 8-bit codes, in order or in another order each epoch.

A split that fits into memory is read once, and batches are gathered from there in a new order each
epoch: twice as fast as reading and parsing the records again, and better shuffled. A larger split
is streamed through a shuffle buffer.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.data.tfrecords import RecordInfo, Shard, parse_batch

SHUFFLE_BUFFER = 8192  # serialized images of 49 kB, so 400 MB at most
RESIDENT_SHARE = 1 / 3  # of the machine's memory; CelebA, 10 GB, fits on Kaggle
LOAD_BATCH = 256  # images parsed at a time while a split is read into memory

Codes = tuple[tf.Tensor, tf.Tensor]


def worker_shards(folder: Path, shards: Sequence[Shard], part: tuple[int, int]) -> list[Shard]:
    """Return the shards of one of several workers.

    `part` is `(index, count)`: the worker reads every `count`-th shard, from the index-th on.
    """
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
    """Read shards of a folder in their order; the last batch may be smaller.

    Returns:
        Dataset of codes of L `(batch, size, size, 1)` and of ab `(batch, size, size, 2)`, uint8.
    """
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
    """Read shards in another order each epoch; arguments and result as in `read_in_order`.

    With `endless`, the images are repeated for ever and all batches are full. With `resident`,
    they are kept in memory.
    """
    read = _read_resident if resident else _read_streamed
    return read(folder, info, shards, batch_size, seed, endless)


def _read_resident(
    folder: Path,
    info: RecordInfo,
    shards: Sequence[Shard],
    batch_size: int,
    seed: int,
    endless: bool,
) -> tf.data.Dataset:
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

    indices = _repeat(tf.data.Dataset.range(photos).shuffle(photos, seed=seed), endless)
    return indices.batch(batch_size).map(gather, num_parallel_calls=tf.data.AUTOTUNE)


def _read_streamed(
    folder: Path,
    info: RecordInfo,
    shards: Sequence[Shard],
    batch_size: int,
    seed: int,
    endless: bool,
) -> tf.data.Dataset:
    files = tf.data.Dataset.from_tensor_slices(_files(folder, shards))
    records = files.shuffle(len(shards), seed=seed).interleave(
        tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=tf.data.AUTOTUNE
    )
    # Records are shuffled before batching: batches differ each epoch.
    photos = sum(shard.photos for shard in shards)
    shuffled = records.shuffle(min(SHUFFLE_BUFFER, photos), seed=seed)
    return _parse_batches(_repeat(shuffled, endless), info, batch_size)


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
