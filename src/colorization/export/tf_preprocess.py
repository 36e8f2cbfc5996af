"""The small picture of a photo that a network sees, as TensorFlow operations.

What `inference.preprocess` does, for photos whose sizes are known only when the graph runs. Only
operations that ONNX has, too, are used. Safe inside `tf.function`.
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
    """Where the small picture lies in a network's input, as `framing.Frame` says; int32 scalars.

    Attributes:
        height: Of the small picture, pixels.
        width: Of the small picture, pixels.
        padded: `(H, W)` of the network's input.
    """

    height: Any
    width: Any
    padded: tuple[Any, Any]


def plan_resize(photo: Any, input_size: tuple[int, int] | None) -> ResizePlan:
    """Decide how small photos are shown to a network.

    Args:
        photo: `(batch, H, W, 3)`.
        input_size: `(H, W)` that the network is bound to; None if it takes multiples of 32.

    Returns:
        The frame.
    """
    shape = tf.shape(photo)
    room = input_size or (WORKING_SIDE, WORKING_SIDE)
    # Double precision, as in Python: a side that ends on half a pixel must round the same way.
    sides = [tf.cast(shape[axis], tf.float64) for axis in (1, 2)]
    scale = tf.minimum(room[0] / sides[0], room[1] / sides[1])
    if input_size is None:
        scale = tf.minimum(scale, MAX_UPSAMPLING)
    height, width = (tf.maximum(tf.cast(tf.round(s * scale), tf.int32), 1) for s in sides)
    padded = input_size or (_round_up(height), _round_up(width))
    return ResizePlan(height, width, padded)


def _round_up(length: Any) -> Any:
    return (length + MULTIPLE - 1) // MULTIPLE * MULTIPLE


def resize_and_pad(lightness: Any, frame: ResizePlan) -> Any:
    """Make a network's input: reduce the lightness of photos and mirror it at its borders.

    Args:
        lightness: `(batch, H, W)` float32 L in [0, 100].
        frame: Of photos of this size.

    Returns:
        `(batch, *frame.padded, 1)` float32 L in [0, 100].
    """
    small = resize_planes(lightness, frame.height, frame.width)
    small = _stretch_contrast(tf.clip_by_value(small, 0.0, 100.0))
    small = tf.gather(small, _mirrored(frame.height, frame.padded[0]), axis=1)
    return tf.gather(small, _mirrored(frame.width, frame.padded[1]), axis=2)[..., None]


def _stretch_contrast(small: Any) -> Any:
    shape = tf.shape(small)
    count = shape[1] * shape[2]
    tones = tf.nn.top_k(tf.reshape(small, [-1, count]), count).values  # the lightest first
    few = count // 100
    high, low = tones[:, few, None, None], tones[:, count - 1 - few, None, None]
    gain = tf.clip_by_value(CONTRAST / tf.maximum(high - low, 1.0), 1.0, MAX_GAIN)
    middle = (low + high) / 2
    moved = tf.clip_by_value(middle, CONTRAST / 2, 100 - CONTRAST / 2)
    spread = tf.clip_by_value((small - middle) * gain + moved, 0.0, 100.0)
    return tf.where(gain > 1, spread, small)


def _mirrored(length: Any, padded: Any) -> Any:
    # Padding may be many times the picture: a line of pixels becomes 32.
    index = tf.math.floormod(tf.range(padded) - (padded - length) // 2, 2 * length)
    return tf.where(index < length, index, 2 * length - 1 - index)


def unpad(chroma: Any, frame: ResizePlan) -> Any:
    """Cut the small picture out of a network's answer.

    Args:
        chroma: `(batch, *frame.padded, 2)`.
        frame: What it was asked with.

    Returns:
        `(batch, frame.height, frame.width, 2)`.
    """
    top, left = (frame.padded[0] - frame.height) // 2, (frame.padded[1] - frame.width) // 2
    return chroma[:, top : top + frame.height, left : left + frame.width]


def resize_planes(planes: Any, height: Any, width: Any) -> Any:
    """Resize planes as Pillow's bicubic filter does.

    Args:
        planes: `(n, H, W)` float32.
        height: To resize to, int32 scalar.
        width: To resize to, int32 scalar.

    Returns:
        `(n, height, width)` float32.
    """
    size = tf.stack([height, width])
    return tf.image.resize(planes[..., None], size, "bicubic", antialias=True)[..., 0]
