"""`color.lightness`, `color.gamut` and `inference.recolor` as TensorFlow operations.

Planes are `(batch, H, W)` float32. All operations exist in ONNX, too. Safe inside `tf.function`.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from colorization.color.gamut import MAX_CHROMA, STEPS, TOLERANCE
from colorization.color.lightness import luminance_tables
from colorization.color.srgb import (
    RGB_FROM_XYZ,
    inverse_lab_curve,
    lightness_from_luminance,
    linear_to_srgb,
)
from colorization.export.tf_preprocess import resize_planes

CURVE_CODES = 1 << 14  # entries of the table of sRGB's curve; a level off in 1 pixel of 250


def photo_luminance(photo: Any) -> Any:
    """Return the luminance in [0, 1] of `(batch, H, W, 3)` uint8 sRGB."""
    codes = tf.cast(photo, tf.int32)
    tables = luminance_tables(np.dtype(np.uint8))
    parts = [tf.gather(tf.constant(table), codes[..., i]) for i, table in enumerate(tables)]
    return parts[0] + parts[1] + parts[2]


def luminance_to_lightness(luminance: Any) -> Any:
    """Return the L in [0, 100] of a plane of luminances in [0, 1]."""
    return lightness_from_luminance(luminance, lambda plane: tf.pow(plane, 1 / 3), tf.where)


def recolor(photo: Any, chroma: Any, strength: Any) -> Any:
    """Join photos' own lightness with chroma, in gamut at constant hue and lightness.

    Args:
        photo: `(batch, H, W, 3)` uint8 sRGB.
        chroma: `(batch, h, w, 2)` float32 ab of reduced copies.
        strength: float32 scalar, factor on the chroma.
    """
    shape = tf.shape(photo)
    a, b = (
        tf.reshape(resize_planes(plane, shape[1], shape[2]), [-1])
        for plane in tf.unstack(_scale_chroma(chroma, strength), axis=-1)
    )
    luminance = tf.reshape(photo_luminance(photo), [-1])
    colors = Colors((luminance_to_lightness(luminance) + 16) / 116, luminance, a, b)
    linear = _linear(colors)
    outside = tf.where(~_in_gamut(linear))
    fitted = _fit_into_gamut(Colors(*(tf.gather(plane, outside[:, 0]) for plane in colors)))
    codes = tf.tensor_scatter_nd_update(_encoded(linear), outside, _encoded(fitted))
    return tf.reshape(codes, shape)


def _scale_chroma(chroma: Any, strength: Any) -> Any:
    size = tf.sqrt(tf.reduce_sum(chroma * chroma, axis=-1, keepdims=True))
    return chroma * tf.minimum(strength, MAX_CHROMA / tf.maximum(size, 1e-6))


class Colors(NamedTuple):
    """Lab colors, planes `(n,)` float32: `(L + 16) / 116`, the luminance of that L, a and b."""

    y: Any
    luminance: Any
    a: Any
    b: Any


def _linear(colors: Colors) -> Any:
    x, z = colors.y + colors.a / 500, colors.y - colors.b / 200
    xyz = tf.stack(
        [inverse_lab_curve(x, tf.where), colors.luminance, inverse_lab_curve(z, tf.where)]
    )
    return tf.matmul(tf.constant(RGB_FROM_XYZ), xyz)


def _in_gamut(linear: Any) -> Any:
    lowest, highest = tf.reduce_min(linear, 0), tf.reduce_max(linear, 0)
    return (lowest >= -TOLERANCE) & (highest <= 1 + TOLERANCE)


def _fit_into_gamut(colors: Colors) -> Any:
    low, high = tf.zeros_like(colors.a), tf.ones_like(colors.a)
    for _ in range(STEPS):
        middle = (low + high) / 2
        fits = _in_gamut(_linear(_scaled(colors, middle)))
        low, high = tf.where(fits, middle, low), tf.where(fits, high, middle)
    return _linear(_scaled(colors, low))


def _scaled(colors: Colors, factor: Any) -> Colors:
    return colors._replace(a=colors.a * factor, b=colors.b * factor)


def _encoded(linear: Any) -> Any:
    # A table, because powers are slow. Its entries are spaced by square roots, like sRGB's curve.
    ramp = np.linspace(0, 1, CURVE_CODES) ** 2
    table = tf.constant(np.rint(linear_to_srgb(ramp, 255)).astype(np.uint8))
    index = tf.sqrt(tf.clip_by_value(linear, 0.0, 1.0)) * (CURVE_CODES - 1) + 0.5
    return tf.transpose(tf.gather(table, tf.cast(index, tf.int32)))
