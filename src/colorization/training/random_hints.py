"""Hints as a person would give them, drawn from the true colors of a photo.

After Zhang et al. 2017, section 3.1: a geometric number of points, each a small patch with the mean
color of what it covers; seldom the whole photo, so that the network learns to believe them.
"""

from typing import Any

import tensorflow as tf

from colorization.config import HINT_STRIDE

STOP = 1 / 8  # probability that a point is the last one
MOST_POINTS = 64  # more are less likely than 1 in 5,000
LARGEST_PATCH = 3  # side, cells
WHOLE_PHOTO = 0.01  # probability


def draw_hints(ab: Any, key: Any) -> Any:
    """Draw hints for each photo of a batch.

    Args:
        ab: True chroma `(batch, H, W, 2)` float32, H and W multiples of 4.
        key: `(2,)` integers.

    Returns:
        Hints `(batch, H / 4, W / 4, 3)` float32, as `add_hints` takes them. Safe inside
        `Dataset.map`.
    """
    keys = tf.unstack(tf.random.split(key, 3))
    batch = tf.shape(ab)[0]
    chance = tf.random.stateless_uniform([batch], keys[0], 1e-6, 1.0)
    count = 1 + tf.cast(tf.math.log(chance) / tf.math.log(1 - STOP), tf.int32)
    some = place_hints(ab, count, keys[1], LARGEST_PATCH)
    cells = cell_means(ab)
    every = tf.concat([cells, tf.ones_like(cells[..., :1])], axis=-1)
    whole = tf.random.stateless_uniform([batch, 1, 1, 1], keys[2]) < WHOLE_PHOTO
    return tf.where(whole, every, some)


def cell_means(ab: Any) -> Any:
    """Average chroma `(batch, H, W, 2)` within the cells of the hints."""
    return tf.nn.avg_pool2d(ab, HINT_STRIDE, HINT_STRIDE, "VALID")


def place_hints(ab: Any, count: Any, key: Any, largest: int = 1) -> Any:
    """Give so many true colors at random places; the arguments and the result are `draw_hints`'s.

    Args:
        ab: True chroma.
        count: Points of each photo, `(batch,)` int32; more than `MOST_POINTS` are left out.
        key: `(2,)` integers.
        largest: Largest side of a patch, cells.
    """
    cells = cell_means(ab)
    batch, height, width = (tf.shape(cells)[axis] for axis in range(3))
    row_key, column_key, side_key = tf.unstack(tf.random.split(key, 3))
    side = tf.random.stateless_uniform([batch, MOST_POINTS], side_key, 1, largest + 1, tf.int32)
    rows = _covers(row_key, height, side)
    columns = _covers(column_key, width, side)
    used = tf.range(MOST_POINTS) < count[:, None]
    patches = rows[..., :, None] & columns[..., None, :] & used[..., None, None]
    return _paint(patches, cells)


def _covers(key: Any, length: Any, side: Any) -> Any:
    # Which of `length` cells each patch covers, `(batch, points, length)`; one at least.
    center = tf.random.stateless_uniform(tf.shape(side), key, 0, length, tf.int32)
    first = (center - side // 2)[..., None]
    cells = tf.range(length)
    return (cells >= first) & (cells < first + side[..., None])


def _paint(patches: Any, cells: Any) -> Any:
    # Later patches lie on earlier ones.
    inside = tf.cast(patches, tf.float32)
    area = tf.reduce_sum(inside, axis=(2, 3))[..., None]
    colors = tf.einsum("bphw,bhwc->bpc", inside, cells) / tf.maximum(area, 1.0)
    order = tf.range(1, tf.shape(patches)[1] + 1)[:, None, None]
    top = tf.reduce_max(tf.where(patches, order, 0), axis=1)
    ab = tf.gather(colors, tf.maximum(top - 1, 0), batch_dims=1)
    mask = tf.cast(top > 0, tf.float32)[..., None]
    return tf.ensure_shape(tf.concat([ab * mask, mask], axis=-1), (*cells.shape[:3], 3))
