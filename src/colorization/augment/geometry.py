"""Random changes of geometry, of L and ab together.

All but the translation are one affine map, because each resampling blurs and takes time.
"""

from collections.abc import Callable
from math import log, pi
from typing import Any

import keras
import tensorflow as tf

LOW = (0.0, -128.0, -128.0)
HIGH = (100.0, 127.0, 127.0)


def random_affine(
    lab: Any,
    key: Any,
    flip: float = 0.0,
    rotation: float = 0.0,
    crop: float = 0.0,
    stretch: float = 0.0,
    side: int | None = None,
) -> Any:
    """Flip, rotate, crop and stretch each image at random; the edges are continued by mirroring.

    `lab` is `(batch, H, W, 3)` float32, `key` `(2,)` integer, strengths are as in `Augmentation`,
    `side` is that of the result, pixels. Pixels that land on pixels keep their exact values.
    """
    shape = tf.shape(lab)
    size = shape[1:3] if side is None else tf.constant([side, side])
    resampled = tf.raw_ops.ImageProjectiveTransformV3(
        images=lab,
        transforms=_transforms(key, shape, size, flip, rotation, crop, stretch),
        output_shape=size,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
        fill_value=0.0,
    )
    # Interpolation rounds, and so leaves the range by a hair.
    in_range = tf.minimum(tf.maximum(resampled, LOW), HIGH)
    static = lab.shape if side is None else (lab.shape[0], side, side, 3)
    return tf.ensure_shape(in_range, static)


def _transforms(
    key: Any,
    shape: Any,
    size: Any,
    flip: float,
    rotation: float,
    crop: float,
    stretch: float,
) -> Any:
    height, width = tf.unstack(tf.cast(shape[1:3], tf.float32))
    keys = tf.random.split(key, 6)

    def draw(index: int, low: float, high: float) -> Any:
        return tf.random.stateless_uniform(shape[:1], keys[index], low, high)

    mirror = tf.where(draw(0, 0, 1) < flip, -1.0, 1.0)
    angle = draw(1, -rotation, rotation) * (pi / 180)
    kept = draw(2, 1 - crop, 1)
    margin = (1 - kept) / 2
    x = width * margin * draw(3, -1, 1)
    y = height * margin * draw(4, -1, 1)
    wider = tf.exp(draw(5, -log(1 + stretch), log(1 + stretch)) / 2)
    scale = kept * tf.stack([wider, 1 / wider])
    return _around_center(angle, mirror, scale, (x, y), shape[1:3], size)


def _around_center(angle: Any, mirror: Any, scale: Any, shift: Any, source: Any, size: Any) -> Any:
    # The matrix maps a pixel of the result to a point of the photo.
    height, width = tf.unstack(tf.cast(source, tf.float32))
    rows, columns = tf.unstack(tf.cast(size, tf.float32))
    across, down = scale[0] * width / columns, scale[1] * height / rows
    cos, sin = tf.cos(angle), tf.sin(angle)
    ((xx, xy), (yx, yy)) = (
        (mirror * cos * across, -sin * down),
        (mirror * sin * across, cos * down),
    )
    middle_x, middle_y = (columns - 1) / 2, (rows - 1) / 2
    entries = [
        *(xx, xy, (width - 1) / 2 + shift[0] - xx * middle_x - xy * middle_y),
        *(yx, yy, (height - 1) / 2 + shift[1] - yx * middle_x - yy * middle_y),
        *(tf.zeros_like(cos), tf.zeros_like(cos)),
    ]
    return tf.stack(entries, axis=-1)


def random_translation(factor: float, seed: int) -> Callable[[Any], Any]:
    """Return an op that shifts each image by up to `factor` of its side; the edges are mirrored.

    The assignment's `RandomTranslation` of ±20 % is `factor=0.2`. Safe inside `Dataset.map`;
    reproducible in a sequential map.
    """
    if not 0 <= factor <= 1:
        raise ValueError(f"`factor` must be in [0, 1], received {factor}")
    layer = keras.layers.RandomTranslation(factor, factor, fill_mode="reflect", seed=seed)

    def translate(lab: Any) -> Any:
        return layer(lab, training=True)

    return translate
