"""Records to batches of (x, y) = (lightness, chroma), ready for `model.fit`."""

from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path

import tensorflow as tf

from colorization.augment import Augmentation, augment, random_translation
from colorization.color.lab import CODE_OFFSET, CODE_SCALE, split_lab
from colorization.data.record_set import Records, RecordSet
from colorization.data.shard_reader import (
    Codes,
    fits_in_memory,
    read_in_order,
    read_shuffled,
    worker_shards,
)


def training_batches(
    records: Records,
    batch_size: int,
    seed: int,
    translation: float = 0.0,
    part: tuple[int, int] = (0, 1),
    resident: bool | None = None,
    augmentation: Augmentation | None = None,
    image_size: int | None = None,
) -> tf.data.Dataset:
    """Read the training split, in another order each epoch.

    With several folders, each has a fixed number of images in every batch, by its weight. An epoch
    has as many images as all of them together, and each folder is repeated independently.

    Args:
        records: Folder of records, or several with their weights.
        batch_size: Images per batch; with one folder, the last one of an epoch may be smaller.
        seed: Seed of the order and of all augmentations.
        translation: Largest random shift, as a fraction of the side.
        part: `(index, count)` of one of several workers, which reads every `count`-th shard.
        resident: Whether to keep the images in memory; by default, if they fit.
        augmentation: Further random changes.
        image_size: Side of the images, pixels, at most that of the records; by default, theirs.

    Returns:
        Dataset of `(x, y)`: L `(batch, size, size, 1)` float32 in [0, 100] and ab
        `(batch, size, size, 2)` float32 in [-128, 127].

    Example:
        `model.fit(training_batches(records, batch_size=32, seed=0))`
    """
    opened = RecordSet.open(records)
    side = opened.training_size(image_size)
    shards = {
        folder: worker_shards(folder, info.splits["train"], part)
        for folder, info in opened.infos.items()
    }
    every = [shard for chosen in shards.values() for shard in chosen]
    if resident is None:
        resident = fits_in_memory(every)
    endless = len(shards) > 1
    datasets = []
    for index, (folder, count) in enumerate(batch_shares(opened.weights, batch_size).items()):
        info = opened.infos[folder]
        codes = read_shuffled(folder, info, shards[folder], count, seed, endless, resident)
        target = None if side == info.image_size else side
        datasets.append(_augment(codes, seed + index, translation, augmentation, target))
    batches = ceil(sum(shard.photos for shard in every) / batch_size)
    if endless:
        return _set_length(tf.data.Dataset.zip(*datasets).map(_concatenate).take(batches), batches)
    return _set_length(datasets[0], batches)


def batch_shares(weights: Mapping[Path, float], batch_size: int) -> dict[Path, int]:
    """Divide a batch among folders by their weights, at least one image for each."""
    total = sum(weights.values())
    counts = {folder: int(batch_size * weight / total) for folder, weight in weights.items()}
    for folder in list(counts)[: batch_size - sum(counts.values())]:
        counts[folder] += 1
    if 0 in counts.values():
        raise ValueError(
            f"`batch_size` {batch_size} leaves no image for one of the weights "
            f"{list(weights.values())}"
        )
    return counts


def validation_batches(
    records: Records, batch_size: int, image_size: int | None = None
) -> tf.data.Dataset:
    """Read the validation split, one folder after the other, always in the same order.

    Arguments and result are those of `training_batches`; the last batch may be smaller.
    """
    opened = RecordSet.open(records)
    side = opened.training_size(image_size)
    datasets = [_validation_batches(opened, folder, batch_size, side) for folder in opened.infos]
    batches = datasets[0]
    for further in datasets[1:]:
        batches = batches.concatenate(further)
    if len(datasets) > 1:
        batches = batches.unbatch().batch(batch_size)
    return _set_length(batches, ceil(opened.count("validation") / batch_size))


def _validation_batches(
    records: RecordSet, folder: Path, batch_size: int, side: int
) -> tf.data.Dataset:
    info = records.infos[folder]
    codes = read_in_order(folder, info, info.splits["validation"], batch_size)
    pairs = codes.map(_decode, tf.data.AUTOTUNE)
    if side == info.image_size:
        return pairs
    return pairs.map(lambda x, y: (_downsample(x, side), _downsample(y, side)), tf.data.AUTOTUNE)


def _downsample(images: tf.Tensor, side: int) -> tf.Tensor:
    return tf.image.resize(images, (side, side), antialias=True)


def _concatenate(*pairs: Codes) -> Codes:
    x, y = (tf.concat(parts, axis=0) for parts in zip(*pairs, strict=True))
    return x, y


def _decode(lightness: tf.Tensor, chroma: tf.Tensor) -> Codes:
    x = tf.cast(lightness, tf.float32) * CODE_SCALE[0]
    return x, tf.cast(chroma, tf.float32) + CODE_OFFSET[1]


def _augment(
    codes: tf.data.Dataset,
    seed: int,
    translation: float,
    augmentation: Augmentation | None,
    side: int | None,
) -> tf.data.Dataset:
    pairs = codes.map(_decode, tf.data.AUTOTUNE)
    if translation:
        pairs = _map_in_order(pairs, random_translation(translation, seed))
    if op := augment(augmentation or Augmentation(), seed, side):
        pairs = _map_with_keys(pairs, op, seed)
    return pairs


def _map_in_order(pairs: tf.data.Dataset, op: Callable[[tf.Tensor], tf.Tensor]) -> tf.data.Dataset:
    # Sequential: parallel calls would draw the random numbers in any order.
    return pairs.map(lambda x, y: split_lab(op(tf.concat([x, y], axis=-1))))


def _map_with_keys(
    pairs: tf.data.Dataset, op: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], seed: int
) -> tf.data.Dataset:
    # In parallel: a batch depends on its own key, not on the order of calls.
    keys = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=True).batch(2)
    return tf.data.Dataset.zip(pairs, keys).map(
        lambda pair, key: split_lab(op(tf.concat(pair, axis=-1), key)), tf.data.AUTOTUNE
    )


def _set_length(batches: tf.data.Dataset, count: int) -> tf.data.Dataset:
    length = tf.data.experimental.assert_cardinality(count)
    return batches.apply(length).prefetch(tf.data.AUTOTUNE)
