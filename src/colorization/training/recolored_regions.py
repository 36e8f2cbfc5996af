"""Photos in which one thing has another color, and a hint that says so.

The true colors of a photo fit each other: a network that sees only those learns that a red hint
means a red photo. A person corrects one thing, and everything else must stay as it is.
"""

from typing import Any

import tensorflow as tf

from colorization.config import HINT_STRIDE
from colorization.training.random_hints import cell_means, draw_hints

RECOLORED = 0.4  # probability
ALONE = 0.5  # probability that the hint of what was recolored is the only one
# What differs less from the chosen place belongs to the same thing.
SAME_LIGHTNESS, SAME_CHROMA = 20.0, 10.0
SOFT = 0.5  # width of the edge of a thing, in units of these differences
MOST_VIVID = 2.5  # factor on the color, which comes from another photo


def recolor_and_draw_hints(lightness: Any, ab: Any, key: Any) -> tuple[Any, Any]:
    """Give some photos of a batch a thing of another color, and draw hints for all.

    Args:
        lightness: `(batch, H, W, 1)` float32, H and W multiples of 4.
        ab: True chroma `(batch, H, W, 2)` float32.
        key: `(2,)` integers.

    Returns:
        The chroma to learn, and hints as `draw_hints` returns them, with the new color of the thing
        among them. Safe inside `Dataset.map`.
    """
    draw_key, thing_key, chance_key, alone_key = tf.unstack(tf.random.split(key, 4))
    per_photo = [tf.shape(ab)[0], 1, 1, 1]
    chosen = tf.random.stateless_uniform(per_photo, chance_key) < RECOLORED
    alone = tf.random.stateless_uniform(per_photo, alone_key) < ALONE
    recolored, place = recolor_one_thing(lightness, ab, thing_key)
    ab = tf.where(chosen, recolored, ab)
    place *= tf.cast(chosen, tf.float32)
    there = tf.concat([cell_means(ab), tf.ones_like(place)], axis=-1) * place
    hints = tf.where(chosen & alone, 0.0, draw_hints(ab, draw_key))
    return ab, tf.where(place > 0, there, hints)


def recolor_one_thing(lightness: Any, ab: Any, key: Any) -> tuple[Any, Any]:
    """Give one thing in each photo the color that another photo of the batch has there.

    A thing is what is connected with a random place and looks like it. The arguments are those of
    `recolor_and_draw_hints`.

    Returns:
        The new chroma, and the place: `(batch, H / 4, W / 4, 1)` float32, 1 in one cell.
    """
    place_key, vivid_key = tf.unstack(tf.random.split(key, 2))
    cells = tf.concat([cell_means(lightness), cell_means(ab)], axis=-1)
    place = _random_cell(cells, place_key)
    seed = tf.reduce_sum(cells * place, axis=(1, 2), keepdims=True)
    other = tf.reduce_sum(tf.roll(cells, 1, 0) * place, axis=(1, 2), keepdims=True)
    thing = _connected(place, _difference(cells, seed) < 1)
    near = tf.repeat(tf.repeat(_grow(thing), HINT_STRIDE, 1), HINT_STRIDE, 2)
    difference = _difference(tf.concat([lightness, ab], axis=-1), seed)
    share = near * tf.clip_by_value((1 + SOFT - difference) / SOFT, 0.0, 1.0)
    vivid = tf.random.stateless_uniform([tf.shape(ab)[0], 1, 1, 1], vivid_key, 1.0, MOST_VIVID)
    return ab + share * (vivid * other[..., 1:] - seed[..., 1:]), place


def _random_cell(cells: Any, key: Any) -> Any:
    noise = tf.random.stateless_uniform(tf.shape(cells[..., :1]), key)
    return tf.cast(noise == tf.reduce_max(noise, axis=(1, 2), keepdims=True), tf.float32)


def _difference(lab: Any, seed: Any) -> Any:
    scale = tf.constant([SAME_LIGHTNESS, SAME_CHROMA, SAME_CHROMA])
    return tf.norm((lab - seed) / scale, axis=-1, keepdims=True)


def _connected(place: Any, alike: Any) -> Any:
    # As many steps as the longer side has cells: a thing that winds more is cut.
    reached, alike = place, tf.cast(alike, tf.float32)
    for _ in tf.range(tf.reduce_max(tf.shape(place)[1:3])):
        reached = tf.maximum(place, _grow(reached) * alike)
    return reached


def _grow(mask: Any) -> Any:
    return tf.nn.max_pool2d(mask, 3, 1, "SAME")
