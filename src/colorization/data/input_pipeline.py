"""Records to batches of (x, y) = (lightness, chroma), ready for `model.fit`."""

from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path

import tensorflow as tf

from colorization.augment import Augmentation, augment, random_translation
from colorization.augment.background_swap import swap_backgrounds
from colorization.color.lab import CODE_OFFSET, CODE_SCALE, split_lab
from colorization.data.shard_reader import (
    Codes,
    fits_in_memory,
    read_in_order,
    read_shuffled,
    worker_shards,
)
from colorization.data.tfrecords import RecordInfo, load_info


def training_batches(
    records: Path | Mapping[Path, float],
    batch_size: int,
    seed: int,
    translation: float = 0.0,
    part: tuple[int, int] = (0, 1),
    resident: bool | None = None,
    augmentation: Augmentation | None = None,
    image_size: int | None = None,
    surroundings: float = 0.0,
) -> tf.data.Dataset:
    """Read the training split, in another order each epoch.

    Of several folders, each has the same number of images in every batch. An epoch has then as
    many images as all of them together, and each goes round at its own pace.

    Args:
        records: Folder of records, or several with their weights.
        batch_size: Images per batch; the last batch of an epoch of one folder may be smaller.
        seed: Seed of the order and of the translations.
        translation: Largest random shift, as a fraction of the side.
        part: `(index, count)`: the index-th of `count` parts of the split, for one of several
            workers; a part is every `count`-th shard.
        resident: Whether to keep the images in memory; by default, if they fit.
        augmentation: Further random changes.
        image_size: Side of the images that come out; by default, that of the records.
        surroundings: Share of the images that get those of another image, of any folder.

    Returns:
        Dataset of `(x, y)`: L `(batch, size, size, 1)` float32 in [0, 100] and ab
        `(batch, size, size, 2)` float32 in [-128, 127].

    Raises:
        ValueError: If there are fewer shards than parts, or a folder's share is less than an image.
    """
    folders = folder_weights(records)
    infos = {folder: load_info(folder) for folder in folders}
    shards = {
        folder: worker_shards(folder, info.splits["train"], part) for folder, info in infos.items()
    }
    photos = sum(shard.photos for chosen in shards.values() for shard in chosen)
    if resident is None:
        resident = fits_in_memory([shard for chosen in shards.values() for shard in chosen])
    endless = len(folders) > 1
    sources = []
    for index, (folder, count) in enumerate(batch_shares(folders, batch_size).items()):
        info = infos[folder]
        codes = read_shuffled(folder, info, shards[folder], count, seed, endless, resident)
        side = _side(image_size, info)
        sources.append(_moving(codes, seed + index, translation, augmentation, side))
    pairs = sources[0]
    if len(sources) > 1:
        pairs = tf.data.Dataset.zip(*sources).map(_joined).take(ceil(photos / batch_size))
    if surroundings:
        pairs = _changed(pairs, swap_backgrounds(surroundings, seed), seed + len(folders))
    return _counted(pairs, ceil(photos / batch_size))


def folder_weights(records: Path | Mapping[Path, float]) -> dict[Path, float]:
    """Return folders of records with their weights; a single folder has weight 1.

    Args:
        records: A folder, or several with their weights.

    Raises:
        ValueError: If there is none, or a weight is not above 0.
    """
    folders = {Path(records): 1.0} if isinstance(records, (str, Path)) else dict(records)
    if not folders or not all(weight > 0 for weight in folders.values()):
        raise ValueError(
            "`records` must be folders with weights above 0, "
            f"received weights {list(folders.values())}"
        )
    return folders


def batch_shares(folders: Mapping[Path, float], batch_size: int) -> dict[Path, int]:
    """Divide a batch among folders by their weights; what is left over goes to the first ones.

    Args:
        folders: Weight of each folder, above 0.
        batch_size: Images per batch.

    Returns:
        Images of each folder in a batch.

    Raises:
        ValueError: If a folder would have less than one image.
    """
    total = sum(folders.values())
    counts = {folder: int(batch_size * weight / total) for folder, weight in folders.items()}
    for folder in list(counts)[: batch_size - sum(counts.values())]:
        counts[folder] += 1
    if 0 in counts.values():
        raise ValueError(
            f"`batch_size` {batch_size} leaves no image for one of the weights "
            f"{list(folders.values())}"
        )
    return counts


def validation_batches(
    records: Path | Mapping[Path, float], batch_size: int, image_size: int | None = None
) -> tf.data.Dataset:
    """Read the validation split, always in the same order.

    Args:
        records: Folder of records, or several, one after the other.
        batch_size: Images per batch; the last one may be smaller.
        image_size: Side of the images that come out; by default, that of the records.

    Returns:
        Dataset of `(x, y)` as `training_batches` returns it.
    """
    folders = folder_weights(records)
    splits = [_validation_of(folder, batch_size, image_size) for folder in folders]
    pairs = splits[0]
    for further in splits[1:]:
        pairs = pairs.concatenate(further)
    if len(splits) > 1:
        pairs = pairs.unbatch().batch(batch_size)
    return _counted(pairs, ceil(count_photos(folders, "validation") / batch_size))


def count_photos(records: Path | Mapping[Path, float], split: str) -> int:
    """Count the photos of a split.

    Args:
        records: Folder of records, or several.
        split: "train" or "validation".
    """
    return sum(load_info(folder).count(split) for folder in folder_weights(records))


def _validation_of(folder: Path, batch_size: int, image_size: int | None) -> tf.data.Dataset:
    info = load_info(folder)
    codes = read_in_order(folder, info, info.splits["validation"], batch_size)
    pairs = codes.map(_decode, tf.data.AUTOTUNE)
    if side := _side(image_size, info):
        pairs = pairs.map(lambda x, y: (_reduced(x, side), _reduced(y, side)), tf.data.AUTOTUNE)
    return pairs


def _side(image_size: int | None, info: RecordInfo) -> int | None:
    return None if image_size in (None, info.image_size) else image_size


def _reduced(images: tf.Tensor, side: int) -> tf.Tensor:
    return tf.image.resize(images, (side, side), antialias=True)


def _joined(*pairs: Codes) -> Codes:
    x, y = (tf.concat(parts, axis=0) for parts in zip(*pairs, strict=True))
    return x, y


def _decode(lightness: tf.Tensor, chroma: tf.Tensor) -> Codes:
    x = tf.cast(lightness, tf.float32) * CODE_SCALE[0]
    return x, tf.cast(chroma, tf.float32) + CODE_OFFSET[1]


def _moving(
    codes: tf.data.Dataset,
    seed: int,
    translation: float,
    augmentation: Augmentation | None,
    side: int | None,
) -> tf.data.Dataset:
    pairs = codes.map(_decode, tf.data.AUTOTUNE)
    if translation:
        pairs = _augmented(pairs, random_translation(translation, seed))
    if change := augment(augmentation or Augmentation(), seed, side):
        pairs = _changed(pairs, change, seed)
    return pairs


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
