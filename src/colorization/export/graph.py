"""What `coloriser` does, as TensorFlow operations on tensors whose sizes are not known in advance.

Planes are `(batch, H, W)` float32: one each for luminance, L, a and b. Constants and tables are
those of `colorization.framing`, `lightness` and `gamut`; only operations that ONNX has, too, are
used. Safe inside `tf.function`.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from colorization.bins import ab_bins
from colorization.framing import MULTIPLE, WORKING_SIDE
from colorization.gamut import RGB_FROM_XYZ, STEPS, TOLERANCE
from colorization.lightness import luminance_tables

CURVE_CODES = 1 << 14  # entries of the table of sRGB's curve; a level off in 1 pixel of 250


class Frame(NamedTuple):
    """Where the small picture lies in a network's input, as `framing.Frame` says; int32 scalars.

    Attributes:
        height: Of the small picture, pixels.
        width: Of the small picture, pixels.
        padded: `(H, W)` of the network's input.
    """

    height: Any
    width: Any
    padded: tuple[Any, Any]


def frame_of(photo: Any, input_size: tuple[int, int] | None) -> Frame:
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
    height, width = (tf.maximum(tf.cast(tf.round(s * scale), tf.int32), 1) for s in sides)
    padded = input_size or (_round_up(height), _round_up(width))
    return Frame(height, width, padded)


def _round_up(length: Any) -> Any:
    return (length + MULTIPLE - 1) // MULTIPLE * MULTIPLE


def luminance_of(photo: Any) -> Any:
    """Return the luminance of photos.

    Args:
        photo: `(batch, H, W, 3)` uint8 sRGB.

    Returns:
        `(batch, H, W)` float32 in [0, 1].
    """
    codes = tf.cast(photo, tf.int32)
    tables = luminance_tables(np.dtype(np.uint8))
    parts = [tf.gather(tf.constant(table), codes[..., i]) for i, table in enumerate(tables)]
    return parts[0] + parts[1] + parts[2]


def lightness_of(luminance: Any) -> Any:
    """Return the lightness of each luminance.

    Args:
        luminance: Plane in [0, 1].

    Returns:
        Plane of L in [0, 100].
    """
    curve = 116 * tf.pow(luminance, 1 / 3) - 16
    return tf.where(luminance > 0.008856, curve, 116 * 7.787 * luminance)


def framed(luminance: Any, frame: Frame) -> Any:
    """Make a network's input: reduce the lightness of photos and mirror it at its borders.

    Args:
        luminance: Of the photos.
        frame: Of photos of this size.

    Returns:
        `(batch, *frame.padded, 1)` float32 L in [0, 100].
    """
    small = resized(lightness_of(luminance), frame.height, frame.width)
    small = tf.clip_by_value(small, 0.0, 100.0)
    small = tf.gather(small, _mirrored(frame.height, frame.padded[0]), axis=1)
    return tf.gather(small, _mirrored(frame.width, frame.padded[1]), axis=2)[..., None]


def _mirrored(length: Any, padded: Any) -> Any:
    # Padding may be many times the picture: a line of pixels becomes 32.
    index = tf.math.floormod(tf.range(padded) - (padded - length) // 2, 2 * length)
    return tf.where(index < length, index, 2 * length - 1 - index)


def cropped(chroma: Any, frame: Frame) -> Any:
    """Cut the small picture out of a network's answer.

    Args:
        chroma: `(batch, *frame.padded, 2)`.
        frame: What it was asked with.

    Returns:
        `(batch, frame.height, frame.width, 2)`.
    """
    top, left = (frame.padded[0] - frame.height) // 2, (frame.padded[1] - frame.width) // 2
    return chroma[:, top : top + frame.height, left : left + frame.width]


def resized(planes: Any, height: Any, width: Any) -> Any:
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


def annealed_mean(logits: Any, temperature: Any) -> Any:
    """Decode distributions over the bins to colours (Zhang et al. 2016, eq. 5).

    Args:
        logits: `(batch, h, w, 313)` float32.
        temperature: float32 scalar above 0.

    Returns:
        `(batch, h, w, 2)` float32 ab.
    """
    return tf.matmul(tf.nn.softmax(logits / temperature), tf.constant(ab_bins()))


def recolored(photo: Any, chroma: Any, strength: Any) -> Any:
    """Join photos' own lightness with chroma, in gamut at constant hue and lightness.

    Args:
        photo: `(batch, H, W, 3)` uint8 sRGB.
        chroma: `(batch, h, w, 2)` float32 ab of a small copy of it.
        strength: float32 scalar, factor on the chroma.

    Returns:
        `(batch, H, W, 3)` uint8 sRGB.
    """
    shape = tf.shape(photo)
    a, b = (
        tf.reshape(resized(plane, shape[1], shape[2]), [-1])
        for plane in tf.unstack(chroma * strength, axis=-1)
    )
    luminance = tf.reshape(luminance_of(photo), [-1])
    colors = Colors((lightness_of(luminance) + 16) / 116, luminance, a, b)
    linear = _linear(colors)
    outside = tf.where(~_displayable(linear))
    fitted = _fitted(Colors(*(tf.gather(plane, outside[:, 0]) for plane in colors)))
    codes = tf.tensor_scatter_nd_update(_encoded(linear), outside, _encoded(fitted))
    return tf.reshape(codes, shape)


class Colors(NamedTuple):
    """Colours in CIELab.

    Attributes:
        y: `(n,)` float32 `(L + 16) / 116`.
        luminance: `(n,)` float32 in [0, 1], which says the same.
        a: `(n,)` float32.
        b: `(n,)` float32.
    """

    y: Any
    luminance: Any
    a: Any
    b: Any


def _linear(colors: Colors) -> Any:
    x, z = colors.y + colors.a / 500, colors.y - colors.b / 200
    xyz = tf.stack([_from_curve(x), colors.luminance, _from_curve(z)])
    return tf.matmul(tf.constant(RGB_FROM_XYZ), xyz)


def _from_curve(f: Any) -> Any:
    return tf.where(f > 0.2068966, f * f * f, (f - 16 / 116) / 7.787)


def _displayable(linear: Any) -> Any:
    lowest, highest = tf.reduce_min(linear, 0), tf.reduce_max(linear, 0)
    return (lowest >= -TOLERANCE) & (highest <= 1 + TOLERANCE)


def _fitted(colors: Colors) -> Any:
    low, high = tf.zeros_like(colors.a), tf.ones_like(colors.a)
    for _ in range(STEPS):
        middle = (low + high) / 2
        fits = _displayable(_linear(_scaled(colors, middle)))
        low, high = tf.where(fits, middle, low), tf.where(fits, high, middle)
    return _linear(_scaled(colors, low))


def _scaled(colors: Colors, factor: Any) -> Colors:
    return colors._replace(a=colors.a * factor, b=colors.b * factor)


def _encoded(linear: Any) -> Any:
    # By table: powers are slow. Its entries are spread by square roots, much as sRGB's curve is.
    ramp = np.linspace(0, 1, CURVE_CODES) ** 2
    curve = np.where(ramp > 0.0031308, 1.055 * ramp ** (1 / 2.4) - 0.055, 12.92 * ramp)
    table = tf.constant(np.rint(255 * curve).astype(np.uint8))
    index = tf.sqrt(tf.clip_by_value(linear, 0.0, 1.0)) * (CURVE_CODES - 1) + 0.5
    return tf.transpose(tf.gather(table, tf.cast(index, tf.int32)))
