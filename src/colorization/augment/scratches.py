"""Scratches on the lightness of old photos."""

from math import pi
from typing import Any

import tensorflow as tf

from colorization.augment.film import DARK, LIGHT
from colorization.augment.random_keys import uniform_per_image


def scratches(lightness: Any, key: Any, strength: float) -> Any:
    """Draw up to `strength` scratches: thin, slightly bent, worn, most of them light.

    Args:
        lightness: `(batch, H, W)` float32 in [0, 100].
        key: `(2,)` integer.
        strength: Most scratches on an image; any number up to it is equally likely.

    Returns:
        The same shape, dtype and range.
    """
    share_key, *keys = tf.unstack(tf.random.split(key, 1 + int(strength)))
    share = uniform_per_image(share_key, lightness, 0.0, 1.0)
    for index, scratch_key in enumerate(keys):
        # One scratch runs down, the next one across: the same code on rows or on columns.
        turned = tf.transpose(lightness, (0, 2, 1)) if index % 2 else lightness
        turned = _scratched(turned, scratch_key, share)
        lightness = tf.transpose(turned, (0, 2, 1)) if index % 2 else turned
    return lightness


def _scratched(lightness: Any, key: Any, share: Any) -> Any:
    batch, height, width = tf.unstack(tf.shape(lightness))
    path_key, wear_key, look_key = tf.unstack(tf.random.split(key, 3))
    present, tone, thickness = _draws(look_key, batch, 3)
    along = tf.linspace(-1.0, 1.0, height)[:, None]
    place, extent = _path(path_key, batch, along)
    column = tf.linspace(-1.0, 1.0, width)
    distance = tf.abs(column - place) * tf.cast(width - 1, tf.float32) / 2
    line = tf.maximum(1 - distance / (0.8 + 0.5 * thickness), 0.0)
    cover = extent * _wear(wear_key, batch, height) * line
    cover = tf.where(present < share, cover, 0.0)
    return lightness + cover * (tf.where(tone < 0.75, LIGHT, DARK) - lightness)


def _path(key: Any, batch: Any, along: Any) -> tuple[Any, Any]:
    # Where the scratch is in each row, from -1 to 1, and how much of it there is, from 0 to 1.
    start, slope, bend, frequency, phase, center, length = _draws(key, batch, 7)
    wave = 0.01 * tf.sin((4 + 8 * frequency) * along + 2 * pi * phase)
    place = (2 * start - 1) + (1.6 * slope - 0.8) * along + (0.3 * bend - 0.15) * along**2 + wave
    beyond = tf.abs(along - (1.6 * center - 0.8)) - (0.1 + 0.9 * length)
    return place, tf.clip_by_value(-8 * beyond, 0.0, 1.0)


def _wear(key: Any, batch: Any, height: Any) -> Any:
    # The depth of a scratch changes every few pixels.
    depths = tf.random.stateless_uniform((batch, height // 4 + 1, 1, 1), key, 0.2, 1.0)
    return tf.image.resize(depths, (height, 1))[..., 0]


def _draws(key: Any, batch: Any, count: int) -> list[Any]:
    return tf.unstack(tf.random.stateless_uniform((count, batch, 1, 1), key))
