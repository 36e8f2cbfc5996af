"""Batches for training: hints, a target for every head, equal shares for every device."""

from typing import Any

import keras
import tensorflow as tf

from colorization.models import Heads, takes_hints
from colorization.training.recolored_regions import recolor_and_draw_hints


def add_drawn_hints(
    batches: tf.data.Dataset, model: keras.Model, seed: int, each_epoch: bool
) -> tf.data.Dataset:
    """Give a network that takes hints some, drawn from the targets, of which some are recolored.

    Args:
        batches: Dataset of `(x, y)` or `(x, y, weights)`.
        model: The network; for one without hints, `batches` is returned.
        seed: Seed of the hints.
        each_epoch: Whether to draw others in each epoch.

    Returns:
        Dataset of `((x, hints), y)` or `((x, hints), y, weights)`.
    """
    if not takes_hints(model):
        return batches
    keys = tf.data.Dataset.random(seed=seed, rerandomize_each_iteration=each_epoch).batch(2)

    def draw(batch: tuple[tf.Tensor, ...], key: tf.Tensor) -> tuple[Any, ...]:
        x, y, *weights = batch
        y, hints = recolor_and_draw_hints(x, y, key)
        return (x, hints), y, *weights

    return tf.data.Dataset.zip(batches, keys).map(draw, tf.data.AUTOTUNE)


def targets_per_head(batches: tf.data.Dataset, model: keras.Model) -> tf.data.Dataset:
    """Give each of several heads the target and the weights, as dictionaries."""
    heads = Heads.of(model)
    if len(heads.tensors) == 1:
        return batches
    return batches.map(
        lambda x, *targets: (x, *(heads.targets(target) for target in targets)), tf.data.AUTOTUNE
    ).prefetch(tf.data.AUTOTUNE)


def drop_remainder(
    batches: tf.data.Dataset, photos: int, batch_size: int, replicas: int
) -> tf.data.Dataset:
    """Drop the images of the last batch that cannot be shared out equally among the replicas.

    JAX refuses uneven batches; `tf.distribute` gives images of the smaller share more weight, and
    fails where a device gets none.

    Args:
        batches: Dataset of `(x, y)` whose last batch may be smaller.
        photos: Number of images, at least `replicas`.
        batch_size: Images per batch, a multiple of `replicas`.
        replicas: Number of devices.
    """
    if replicas == 1:
        return batches
    if photos < replicas:
        raise ValueError(f"`photos` must be at least {replicas}, one per device, received {photos}")

    def even(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        count = tf.shape(x)[0] // replicas * replicas
        return x[:count], y[:count]

    count = photos // batch_size + (photos % batch_size >= replicas)
    return batches.take(count).map(even, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def pad_remainder(
    batches: tf.data.Dataset, photos: int, batch_size: int, replicas: int
) -> tf.data.Dataset:
    """Pad the last batch for equal shares; takes the arguments of `drop_remainder`.

    Where something is missing, weights `(batch, 1, 1)` float32 are added, 0 for padding, with
    which the mean loss stays exact.
    """
    missing = -(photos % batch_size) % replicas
    if not missing:
        return batches
    # Keras divides by the number of all images, including the padding.
    weight = (photos + missing) / photos

    def pad(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        count = tf.shape(x)[0]
        added = -count % replicas
        x, y = (tf.concat([t, tf.repeat(t[-1:], added, axis=0)], axis=0) for t in (x, y))
        weights = tf.concat([tf.fill([count], weight), tf.zeros([added])], axis=0)
        return x, y, weights[:, None, None]

    return batches.map(pad, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
