"""What a network sees in a photo, kept for other hints.

Only operations that ONNX has as well are used. Safe inside `tf.function`.
"""

from typing import Any

import keras
import tensorflow as tf

from colorization.config import HINT_STRIDE
from colorization.export.tf_preprocess import Box
from colorization.models.hint_decoder import FEATURES

PLACE = len(Box._fields)


def see_photo(trunk: keras.Model, lightness: Any, kept: Any) -> list[Any]:
    """Return the outputs of the trunk of `split_hints` for L `(batch, H, W, 1)`.

    `kept` are such outputs of the same L, flat, or empty if there are none; None is like empty.
    """
    # A condition with convolutions in it cannot be converted to ONNX: if there are kept maps, the
    # trunk runs on no photo.
    computed: list[Any]
    if kept is None:
        computed = trunk(lightness, training=False)
        return computed
    known = tf.size(kept) > 0
    count = tf.where(known, 0, tf.shape(lightness)[0])
    computed = trunk(lightness[:count], training=False)
    return list(tf.cond(known, lambda: _unflatten(kept, trunk, lightness), lambda: computed))


def flatten_maps(place: Any, maps: list[Any]) -> Any:
    """Return maps as one vector, after the four numbers of their part of the photo."""
    return tf.concat([tf.reshape(part, [-1]) for part in [place, *maps]], axis=0)


def _unflatten(flat: Any, trunk: keras.Model, lightness: Any) -> list[Any]:
    maps, start = [], 0
    for shape in map_shapes(trunk, *tf.unstack(tf.shape(lightness)[:3])):
        end = start + tf.reduce_prod(shape)
        maps.append(tf.reshape(flat[start:end], shape))
        start = end
    return maps


def map_shapes(trunk: keras.Model, count: Any, height: Any, width: Any) -> list[Any]:
    """Return the shapes of the outputs of the trunk for photos of a size."""
    strides = [HINT_STRIDE, HINT_STRIDE, *FEATURES]
    return [
        tf.stack([count, height // stride, width // stride, output.shape[-1]])
        for output, stride in zip(trunk.outputs, strides, strict=True)
    ]


def maps_of_place(kept: Any, place: Any) -> Any:
    """Return the maps of what `flatten_maps` made; none if they are of another part."""
    if kept is None:
        return None
    known = tf.reshape(tf.concat([kept, -tf.ones_like(place)], axis=0)[:PLACE], [PLACE])
    return tf.cond(tf.reduce_all(known == place), lambda: kept[PLACE:], lambda: tf.zeros([0]))
