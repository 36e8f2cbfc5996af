"""Records to batches of (x, y) = (lightness, chroma), ready for `model.fit`."""

from math import ceil
from pathlib import Path

import tensorflow as tf

from colorization.augment import random_translation
from colorization.lab import decode_lab, split_lab
from colorization.records import Info, load_info, parse_batch

SHUFFLE_BUFFER = 8192  # images; serialised records of 49 kB, so 400 MB at most


def training(folder: Path, batch_size: int, seed: int, translation: float = 0.0) -> tf.data.Dataset:
    """Read the training split, in another order each epoch.

    Args:
        folder: Folder of records.
        batch_size: Images per batch; the last batch of an epoch may be smaller.
        seed: Seed of the order and of the translations.
        translation: Largest random shift, as a fraction of the side.

    Returns:
        Dataset of `(x, y)`: L `(batch, size, size, 1)` float32 in [0, 100] and ab
        `(batch, size, size, 2)` float32 in [-128, 127].
    """
    info = load_info(folder)
    records = _records(folder, info, "train")
    # Shuffle serialised records, before batching: cheap in memory, and batches differ each epoch.
    records = records.shuffle(min(SHUFFLE_BUFFER, info.count("train")), seed=seed)
    lab = _lab_batches(records, info, batch_size)
    if translation:
        # Sequential on purpose: parallel calls would draw the random shifts in any order.
        lab = lab.map(random_translation(translation, seed))
    return _pairs(lab, info.count("train"), batch_size)


def validation(folder: Path, batch_size: int) -> tf.data.Dataset:
    """Read the validation split, always in the same order.

    Args:
        folder: Folder of records.
        batch_size: Images per batch; the last one may be smaller.

    Returns:
        Dataset of `(x, y)` as `training` returns it.
    """
    info = load_info(folder)
    lab = _lab_batches(_records(folder, info, "validation"), info, batch_size)
    return _pairs(lab, info.count("validation"), batch_size)


def _records(folder: Path, info: Info, split: str) -> tf.data.Dataset:
    files = [str(folder / shard.file) for shard in info.splits[split]]
    return tf.data.TFRecordDataset(files)


def _lab_batches(records: tf.data.Dataset, info: Info, batch_size: int) -> tf.data.Dataset:
    def parse(batch: tf.Tensor) -> tf.Tensor:
        codes = tf.concat(parse_batch(batch, info.image_size), axis=-1)
        return decode_lab(tf.cast(codes, tf.float32))

    # Parsing a whole batch at once costs a fraction of parsing its records one by one.
    batches = records.batch(batch_size, num_parallel_calls=tf.data.AUTOTUNE)
    return batches.map(parse, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def _pairs(lab: tf.data.Dataset, photos: int, batch_size: int) -> tf.data.Dataset:
    batches = tf.data.experimental.assert_cardinality(ceil(photos / batch_size))
    return lab.map(split_lab).apply(batches).prefetch(tf.data.AUTOTUNE)
