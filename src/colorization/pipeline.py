"""Records to batches of (x, y) = (lightness, chroma), ready for `model.fit`.

A split that fits into memory is read once, as 8-bit codes, and each batch is gathered from there in
a new order: twice as fast as reading and parsing the records again in each epoch, and a better
shuffle. What does not fit is streamed through a shuffle buffer.
"""

import os
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path

import numpy as np
import tensorflow as tf

from colorization.augment import Augmentation, augment, random_translation
from colorization.lab import CODE_OFFSET, CODE_SCALE, split_lab
from colorization.records import Info, Shard, load_info, parse_batch

SHUFFLE_BUFFER = 8192  # serialised images of 49 kB, so 400 MB at most
RESIDENT_SHARE = 1 / 3  # of the machine's memory; CelebA, 10 GB, fits on Kaggle
READ = 256  # images parsed at a time while a split is read into memory

Codes = tuple[tf.Tensor, tf.Tensor]


def training(
    folder: Path,
    batch_size: int,
    seed: int,
    translation: float = 0.0,
    part: tuple[int, int] = (0, 1),
    resident: bool | None = None,
    augmentation: Augmentation | None = None,
) -> tf.data.Dataset:
    """Read the training split, in another order each epoch.

    Args:
        folder: Folder of records.
        batch_size: Images per batch; the last batch of an epoch may be smaller.
        seed: Seed of the order and of the translations.
        translation: Largest random shift, as a fraction of the side.
        part: `(index, count)`: the index-th of `count` parts of the split, for one of several
            workers; a part is every `count`-th shard.
        resident: Whether to keep the images in memory; by default, if they fit.
        augmentation: Further random changes.

    Returns:
        Dataset of `(x, y)`: L `(batch, size, size, 1)` float32 in [0, 100] and ab
        `(batch, size, size, 2)` float32 in [-128, 127].

    Raises:
        ValueError: If there are fewer shards than parts.
    """
    info = load_info(folder)
    shards = _part_of(info.splits["train"], part)
    photos = sum(shard.photos for shard in shards)
    if resident is None:
        resident = _fits(shards)
    codes = _resident if resident else _streamed
    pairs = codes(folder, info, shards, batch_size, seed).map(_decode, tf.data.AUTOTUNE)
    if translation:
        pairs = _augmented(pairs, random_translation(translation, seed))
    if augmentation and (change := augment(augmentation, seed)):
        pairs = _changed(pairs, change, seed)
    return _counted(pairs, ceil(photos / batch_size))


def validation(folder: Path, batch_size: int) -> tf.data.Dataset:
    """Read the validation split, always in the same order.

    Args:
        folder: Folder of records.
        batch_size: Images per batch; the last one may be smaller.

    Returns:
        Dataset of `(x, y)` as `training` returns it.
    """
    info = load_info(folder)
    codes = _parsed(_records(folder, info.splits["validation"]), info, batch_size)
    pairs = codes.map(_decode, tf.data.AUTOTUNE)
    return _counted(pairs, ceil(info.count("validation") / batch_size))


def mixture(
    folders: Mapping[Path, float], batch_size: int, seed: int, translation: float = 0.0
) -> tf.data.Dataset:
    """Read the training splits of several folders together; each image comes from one by chance.

    An epoch has as many images as all folders together, whatever the weights.

    Args:
        folders: Weight of each folder of records, above 0. They agree in image size.
        batch_size: Images per batch.
        seed: Seed of the choice, of the orders and of the translations.
        translation: Largest random shift, as a fraction of the side.

    Returns:
        Dataset of `(x, y)` as `training` returns it.

    Raises:
        ValueError: If a weight is not positive, or image sizes differ.
    """
    infos = {folder: load_info(folder) for folder in folders}
    sizes = {info.image_size for info in infos.values()}
    if len(sizes) != 1 or min(folders.values()) <= 0:
        raise ValueError(
            "`folders` must agree in image size and have weights above 0, received "
            f"sizes {sorted(sizes)} and weights {list(folders.values())}"
        )
    weights = np.array(list(folders.values())) / sum(folders.values())
    images = [training(folder, READ, seed).unbatch().repeat() for folder in folders]
    photos = sum(info.count("train") for info in infos.values())
    mixed = tf.data.Dataset.sample_from_datasets(images, weights, seed).take(photos)
    pairs = mixed.batch(batch_size, num_parallel_calls=tf.data.AUTOTUNE)
    if translation:
        pairs = _augmented(pairs, random_translation(translation, seed))
    return _counted(pairs, ceil(photos / batch_size))


def _part_of(shards: list[Shard], part: tuple[int, int]) -> list[Shard]:
    index, count = part
    if not 0 <= index < count <= len(shards):
        raise ValueError(
            f"`part` must be (index, count) with index < count <= {len(shards)} shards, "
            f"received {part}; prepare the records with fewer photos per shard"
        )
    return shards[index::count]


def _fits(shards: list[Shard]) -> bool:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return sum(shard.size for shard in shards) <= RESIDENT_SHARE * memory


def _resident(
    folder: Path, info: Info, shards: list[Shard], batch_size: int, seed: int
) -> tf.data.Dataset:
    photos = sum(shard.photos for shard in shards)
    pixels = info.image_size**2
    stored = [np.empty((photos, pixels), np.uint8), np.empty((photos, 2 * pixels), np.uint8)]
    at = 0
    for batch in _parsed(_records(folder, shards), info, READ).as_numpy_iterator():
        for kept, codes in zip(stored, batch, strict=True):
            kept[at : at + len(codes)] = codes.reshape(len(codes), -1)
        at += len(batch[0])
    lightness, chroma = (tf.convert_to_tensor(kept) for kept in stored)
    side = (-1, info.image_size, info.image_size)

    def gather(indices: tf.Tensor) -> Codes:
        x, y = tf.gather(lightness, indices), tf.gather(chroma, indices)
        return tf.reshape(x, (*side, 1)), tf.reshape(y, (*side, 2))

    indices = tf.data.Dataset.range(photos).shuffle(photos, seed=seed).batch(batch_size)
    return indices.map(gather, num_parallel_calls=tf.data.AUTOTUNE)


def _streamed(
    folder: Path, info: Info, shards: list[Shard], batch_size: int, seed: int
) -> tf.data.Dataset:
    files = tf.data.Dataset.from_tensor_slices([str(folder / shard.file) for shard in shards])
    records = files.shuffle(len(shards), seed=seed).interleave(
        tf.data.TFRecordDataset, cycle_length=4, num_parallel_calls=tf.data.AUTOTUNE
    )
    # Serialised records are shuffled, before batching: batches differ each epoch.
    photos = sum(shard.photos for shard in shards)
    return _parsed(records.shuffle(min(SHUFFLE_BUFFER, photos), seed=seed), info, batch_size)


def _records(folder: Path, shards: list[Shard]) -> tf.data.Dataset:
    return tf.data.TFRecordDataset([str(folder / shard.file) for shard in shards])


def _parsed(records: tf.data.Dataset, info: Info, batch_size: int) -> tf.data.Dataset:
    # Parsing a whole batch at once costs a fraction of parsing its records one by one.
    batches = records.batch(batch_size)
    return batches.map(
        lambda batch: parse_batch(batch, info.image_size), num_parallel_calls=tf.data.AUTOTUNE
    )


def _decode(lightness: tf.Tensor, chroma: tf.Tensor) -> Codes:
    x = tf.cast(lightness, tf.float32) * CODE_SCALE[0]
    return x, tf.cast(chroma, tf.float32) + CODE_OFFSET[1]


def _augmented(
    pairs: tf.data.Dataset, augment: Callable[[tf.Tensor], tf.Tensor]
) -> tf.data.Dataset:
    # Sequential on purpose: parallel calls would draw the random numbers in any order.
    return pairs.map(lambda x, y: split_lab(augment(tf.concat([x, y], axis=-1))))


def _changed(
    pairs: tf.data.Dataset, change: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], seed: int
) -> tf.data.Dataset:
    # In parallel: what a batch becomes depends on a key of its own, not on the order of calls.
    keys = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(pairs, keys).map(
        lambda pair, key: split_lab(change(tf.concat(pair, axis=-1), key)), tf.data.AUTOTUNE
    )


def _counted(pairs: tf.data.Dataset, batches: int) -> tf.data.Dataset:
    count = tf.data.experimental.assert_cardinality(batches)
    return pairs.apply(count).prefetch(tf.data.AUTOTUNE)
