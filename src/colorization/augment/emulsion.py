"""The scene in the gray tones of an old film, which did not see all colors.

Plates before about 1885 saw blue alone, orthochromatic ones until about 1930 green and blue: skin
and lips came out dark, skies white. The classes are those of Luo et al. 2021, Time-Travel
Rephotography of Historical Portraits, section 3.1.
"""

from typing import Any

import tensorflow as tf

from colorization.augment.random_keys import uniform_per_image
from colorization.color.srgb import (
    RGB_FROM_XYZ,
    XYZ_FROM_RGB,
    inverse_lab_curve,
    lightness_from_luminance,
)

# Sensitivity to linear R, G and B: of today's film, blue-sensitive and orthochromatic ones.
PANCHROMATIC = XYZ_FROM_RGB[1].astype("float32")
OLD_EMULSIONS = ((0.0, 0.0, 1.0), (0.0, 0.5, 0.5))
FAINT = 1e-3  # linear light


def emulsion(lab: Any, key: Any, probability: float) -> Any:
    """Return the lightness of `(batch, H, W, 3)` Lab as films between the old and today's see it.

    The exposure keeps the mean luminance. The result is `(batch, H, W)`, and may exceed 100.
    """
    sight_key, amount_key, chance_key = tf.unstack(tf.random.split(key, 3))
    lightness, count = lab[..., 0], tf.shape(lab)[:1]
    kind = tf.random.stateless_uniform(count, sight_key, 0, len(OLD_EMULSIONS), tf.int32)
    amount = uniform_per_image(amount_key, lightness, 0.0, 1.0)[:, 0]
    weights = PANCHROMATIC + amount * (tf.gather(OLD_EMULSIONS, kind) - PANCHROMATIC)
    seen = tf.einsum("bhwc,bc->bhw", _linear_rgb(lab), weights)
    luminance = inverse_lab_curve((lightness + 16) / 116, tf.where)
    seen *= (_mean(luminance) + FAINT) / (_mean(seen) + FAINT)
    old = uniform_per_image(chance_key, lightness, 0.0, 1.0) < probability
    return tf.where(old, lightness_from_luminance(seen, _cube_root, tf.where), lightness)


def _linear_rgb(lab: Any) -> Any:
    y = (lab[..., 0] + 16) / 116
    f = tf.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = inverse_lab_curve(f, tf.where)
    return tf.clip_by_value(tf.linalg.matvec(tf.constant(RGB_FROM_XYZ), xyz), 0.0, 1.0)


def _cube_root(luminance: Any) -> Any:
    return tf.pow(luminance, 1 / 3)


def _mean(planes: Any) -> Any:
    return tf.reduce_mean(planes, axis=(1, 2), keepdims=True)
