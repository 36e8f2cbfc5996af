"""Moving the pixels: flip, rotation, crop, stretch and translation of L and ab together.

Each resampling blurs, and each costs a pass over the image; so they are one affine map, which also
brings the image to the size that is wanted.
"""

from math import log, pi
from typing import Any

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
    translation: float = 0.0,
    side: int | None = None,
) -> Any:
    """Flip, turn, crop, stretch and shift each image at random; what enters is mirrored.

    Args:
        lab: `(batch, H, W, 3)` float32.
        key: `(2,)` integer.
        flip: Probability of mirroring.
        rotation: Largest angle, degrees.
        crop: Largest share of the side that is cut away.
        stretch: Largest relative change of the aspect ratio.
        translation: Largest shift, as a fraction of the side.
        side: Height and width of the result, pixels; by default those of `lab`.

    Returns:
        The same dtype and range, `(batch, side, side, 3)` or the same shape. Pixels that land on
        pixels keep their exact values.
    """
    shape = tf.shape(lab)
    size = shape[1:3] if side is None else tf.constant([side, side])
    resampled = tf.raw_ops.ImageProjectiveTransformV3(
        images=lab,
        transforms=_transforms(key, shape, size, flip, rotation, crop, stretch, translation),
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
    translation: float,
) -> Any:
    height, width = tf.unstack(tf.cast(shape[1:3], tf.float32))
    keys = tf.random.split(key, 8)

    def draw(index: int, low: float, high: float) -> Any:
        return tf.random.stateless_uniform(shape[:1], keys[index], low, high)

    mirror = tf.where(draw(0, 0, 1) < flip, -1.0, 1.0)
    angle = draw(1, -rotation, rotation) * (pi / 180)
    kept = draw(2, 1 - crop, 1)
    margin = (1 - kept) / 2
    x = width * (margin * draw(3, -1, 1) + draw(4, -translation, translation))
    y = height * (margin * draw(5, -1, 1) + draw(6, -translation, translation))
    wider = tf.exp(draw(7, -log(1 + stretch), log(1 + stretch)) / 2)
    scale = kept * tf.stack([wider, 1 / wider])
    return _around_center(angle, mirror, scale, (x, y), shape[1:3], size)


def _around_center(angle: Any, mirror: Any, scale: Any, shift: Any, source: Any, size: Any) -> Any:
    # From a pixel of the result to the point of the photo that it shows.
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
