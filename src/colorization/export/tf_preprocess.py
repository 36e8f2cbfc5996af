"""`inference.preprocess` as TensorFlow operations, for sizes that are known only at run time.

Only operations that ONNX has as well are used. Safe inside `tf.function`.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from colorization.inference.borders import (
    EDGE,
    EDGE_SHARE,
    NARROWEST,
    SAME,
    UNIFORM,
    WIDEST,
)
from colorization.inference.preprocess import (
    CONTRAST,
    MAX_GAIN,
    MAX_UPSAMPLING,
    MULTIPLE,
)


class ResizePlan(NamedTuple):
    """As `inference.preprocess.ResizePlan`, without the padding's sides; int32 scalars."""

    height: Any
    width: Any
    padded: tuple[Any, Any]


def plan_resize(photo: Any, input_size: tuple[int, int] | None, side: int) -> ResizePlan:
    """Decide how photos `(batch, H, W, 3)` are resized and padded; as `inference.preprocess`."""
    shape = tf.shape(photo)
    bounds = input_size or (side, side)
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


def stretch_and_pad(reduced: Any, plan: ResizePlan) -> Any:
    """Make a network's input `(batch, *plan.padded, 1)` from photos that `reduce_photos` made."""
    small = _stretch_contrast(reduced)
    small = tf.gather(small, _mirrored(plan.height, plan.padded[0]), axis=1)
    return tf.gather(small, _mirrored(plan.width, plan.padded[1]), axis=2)[..., None]


def reduce_photos(lightness: Any, plan: ResizePlan) -> Any:
    """Reduce L `(batch, H, W)` to `(batch, plan.height, plan.width)`, in [0, 100]."""
    return tf.clip_by_value(resize_planes(lightness, plan.height, plan.width), 0.0, 100.0)


class Box(NamedTuple):
    """As `inference.borders.Box`; int32 scalars."""

    top: Any
    bottom: Any
    left: Any
    right: Any


def find_box(reduced: Any, shape: Any) -> Box:
    """Find what lies inside the borders of photos of a shape, from L of reduced ones.

    In a batch, the narrowest border of each side is that of all photos.
    """
    top, bottom = _inside(reduced, shape[1])
    left, right = _inside(tf.transpose(reduced, [0, 2, 1]), shape[2])
    return Box(top, bottom, left, right)


def _inside(lines: Any, length: Any) -> tuple[Any, Any]:
    (first, first_tone), (last, last_tone) = _border(lines), _border(lines[:, ::-1])
    both = (first > 0) & (last > 0) & (tf.abs(first_tone - last_tone) <= SAME)
    scale = tf.cast(length, tf.float64) / tf.cast(tf.shape(lines)[1], tf.float64)
    widths = [
        tf.reduce_min(tf.math.ceil(tf.cast(tf.where(both, width, 0), tf.float64) * scale))
        for width in (first, last)
    ]
    start, end = (tf.cast(width, tf.int32) for width in widths)
    return start, length - end


def _border(lines: Any) -> tuple[Any, Any]:
    count = tf.shape(lines)[1]
    means = tf.reduce_mean(lines, axis=2)
    spread = tf.sqrt(tf.reduce_mean((lines - means[..., None]) ** 2, axis=2))
    tone = means[:, :1]
    uniform = (spread <= UNIFORM) & (tf.abs(means - tone) <= UNIFORM)
    # The first line that is not uniform ends the border.
    width = tf.reduce_min(tf.where(uniform, count, tf.range(count)[None]), axis=1)
    beyond = tf.gather(lines, tf.minimum(width + 1, count - 1), axis=1, batch_dims=1)
    differs = tf.cast(tf.abs(beyond - tone) >= EDGE, tf.float32)
    edge = tf.reduce_mean(differs, axis=1) >= EDGE_SHARE
    narrow = tf.cast(width, tf.float32) <= WIDEST * tf.cast(count, tf.float32)
    return tf.where((width >= NARROWEST) & narrow & edge, width, 0), tone[:, 0]


def add_border(chroma: Any, box: Box, shape: Any) -> Any:
    """Put a gray border around the chroma `(batch, h, w, 2)` of a box of photos of a shape."""
    size = tf.shape(chroma)
    widths = []
    for axis, start, end in ((1, box.top, box.bottom), (2, box.left, box.right)):
        scale = tf.cast(size[axis], tf.float64) / tf.cast(end - start, tf.float64)
        sides = (start, shape[axis] - end)
        widths.append([tf.cast(tf.round(tf.cast(s, tf.float64) * scale), tf.int32) for s in sides])
    return tf.pad(chroma, [[0, 0], *widths, [0, 0]])


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
