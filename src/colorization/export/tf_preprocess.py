"""`inference.preprocess` as TensorFlow operations, for sizes that are known only at run time.

Only operations that ONNX has as well are used. Safe inside `tf.function`.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from colorization.inference.preprocess import (
    CONTRAST,
    MAX_GAIN,
    MAX_UPSAMPLING,
    MULTIPLE,
    WORKING_SIDE,
)


class ResizePlan(NamedTuple):
    """As `inference.preprocess.ResizePlan`, without the padding's sides; int32 scalars."""

    height: Any
    width: Any
    padded: tuple[Any, Any]


def plan_resize(photo: Any, input_size: tuple[int, int] | None) -> ResizePlan:
    """Decide how photos `(batch, H, W, 3)` are resized and padded for a network."""
    shape = tf.shape(photo)
    bounds = input_size or (WORKING_SIDE, WORKING_SIDE)
    # Double precision, as in Python: a side that ends on half a pixel must round the same way.
    sides = [tf.cast(shape[axis], tf.float64) for axis in (1, 2)]
    scale = tf.minimum(bounds[0] / sides[0], bounds[1] / sides[1])
    if input_size is None:
        scale = tf.minimum(scale, MAX_UPSAMPLING)
    height, width = (tf.maximum(tf.cast(tf.round(s * scale), tf.int32), 1) for s in sides)
    padded = input_size or (_round_up(height), _round_up(width))
    return ResizePlan(height, width, padded)


def _round_up(length: Any) -> Any:
    return (length + MULTIPLE - 1) // MULTIPLE * MULTIPLE


def resize_and_pad(lightness: Any, plan: ResizePlan) -> Any:
    """Make a network's input `(batch, *plan.padded, 1)` from L `(batch, H, W)` in [0, 100]."""
    small = resize_planes(lightness, plan.height, plan.width)
    small = _stretch_contrast(tf.clip_by_value(small, 0.0, 100.0))
    small = tf.gather(small, _mirrored(plan.height, plan.padded[0]), axis=1)
    return tf.gather(small, _mirrored(plan.width, plan.padded[1]), axis=2)[..., None]


def _stretch_contrast(small: Any) -> Any:
    shape = tf.shape(small)
    count = shape[1] * shape[2]
    tones = tf.nn.top_k(tf.reshape(small, [-1, count]), count).values  # the lightest first
    percent = count // 100
    high, low = tones[:, percent, None, None], tones[:, count - 1 - percent, None, None]
    gain = tf.clip_by_value(CONTRAST / tf.maximum(high - low, 1.0), 1.0, MAX_GAIN)
    middle = (low + high) / 2
    center = tf.clip_by_value(middle, CONTRAST / 2, 100 - CONTRAST / 2)
    spread = tf.clip_by_value((small - middle) * gain + center, 0.0, 100.0)
    return tf.where(gain > 1, spread, small)


def _mirrored(length: Any, padded: Any) -> Any:
    # Padding may be many times the photo's size: a line of pixels becomes 32.
    index = tf.math.floormod(tf.range(padded) - (padded - length) // 2, 2 * length)
    return tf.where(index < length, index, 2 * length - 1 - index)


def unpad(chroma: Any, plan: ResizePlan) -> Any:
    """Remove the padding: from `(batch, *plan.padded, 2)` to `(batch, height, width, 2)`."""
    top, left = (plan.padded[0] - plan.height) // 2, (plan.padded[1] - plan.width) // 2
    return chroma[:, top : top + plan.height, left : left + plan.width]


def resize_planes(planes: Any, height: Any, width: Any) -> Any:
    """Resize planes from `(n, H, W)` to `(n, height, width)` float32, as Pillow's bicubic does."""
    size = tf.stack([height, width])
    return tf.image.resize(planes[..., None], size, "bicubic", antialias=True)[..., 0]
