"""Moving the pixels: flip, rotation, crop and translation as one resampling of L and ab together.

Each resampling blurs, and each costs a pass over the image; so the four are one affine map.
"""

from math import pi
from typing import Any

import tensorflow as tf

LOW = (0.0, -128.0, -128.0)
HIGH = (100.0, 127.0, 127.0)


def moved(lab: Any, key: Any, flip: float, rotation: float, crop: float, translation: float) -> Any:
    """Flip, turn, crop and shift each image at random; what enters at the edge is mirrored.

    Args:
        lab: `(batch, H, W, 3)` float32.
        key: `(2,)` integer.
        flip: Probability of mirroring.
        rotation: Largest angle, degrees.
        crop: Largest share of the side that is cut away.
        translation: Largest shift, as a fraction of the side.

    Returns:
        The same shape, dtype and range. Pixels that land on pixels keep their exact values.
    """
    shape = tf.shape(lab)
    resampled = tf.raw_ops.ImageProjectiveTransformV3(
        images=lab,
        transforms=_transforms(key, shape, flip, rotation, crop, translation),
        output_shape=shape[1:3],
        interpolation="BILINEAR",
        fill_mode="REFLECT",
        fill_value=0.0,
    )
    # Interpolation rounds, and so leaves the range by a hair.
    in_range = tf.minimum(tf.maximum(resampled, LOW), HIGH)
    return tf.ensure_shape(in_range, lab.shape)


def _transforms(
    key: Any, shape: Any, flip: float, rotation: float, crop: float, translation: float
) -> Any:
    height, width = tf.unstack(tf.cast(shape[1:3], tf.float32))
    keys = tf.random.split(key, 7)

    def draw(index: int, low: float, high: float) -> Any:
        return tf.random.stateless_uniform(shape[:1], keys[index], low, high)

    mirror = tf.where(draw(0, 0, 1) < flip, -1.0, 1.0)
    angle = draw(1, -rotation, rotation) * (pi / 180)
    kept = draw(2, 1 - crop, 1)
    margin = (1 - kept) / 2
    x = width * (margin * draw(3, -1, 1) + draw(4, -translation, translation))
    y = height * (margin * draw(5, -1, 1) + draw(6, -translation, translation))
    return _around_centre(kept * tf.cos(angle), kept * tf.sin(angle), mirror, x, y, height, width)


def _around_centre(cos: Any, sin: Any, mirror: Any, x: Any, y: Any, height: Any, width: Any) -> Any:
    # From a pixel of the result to the point of the photo that it shows.
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    rows = [
        [mirror * cos, -sin, centre_x + x - mirror * cos * centre_x + sin * centre_y],
        [mirror * sin, cos, centre_y + y - mirror * sin * centre_x - cos * centre_y],
        [tf.zeros_like(cos), tf.zeros_like(cos)],
    ]
    return tf.stack([entry for row in rows for entry in row], axis=-1)
