"""The scene in the gray tones of an old film, which did not see all colors.

Plates before about 1885 saw blue alone, orthochromatic ones until about 1930 green and blue: skin
and lips came out dark, skies white. The classes are those of Luo et al. 2021, Time-Travel
Rephotography of Historical Portraits, section 3.1.

Photos of today with strong reds are left as they are. In their old version red clothes and flags
would be black, and a network that learns from them colors the black suits of 1880 red.
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

# Sensitivity to linear R, G and B.
PANCHROMATIC = tuple(float(weight) for weight in XYZ_FROM_RGB[1])  # today's film
BLUE_SENSITIVE = (0.0, 0.0, 1.0)
ORTHOCHROMATIC = (0.0, 0.5, 0.5)
FAINT = 1e-3  # linear light
STRONG_RED = 35.0  # a*; skin and lips have less
RED_SHARE = 0.01  # of a photo's area


def emulsion(lab: Any, key: Any, probability: float) -> Any:
    """Replace L of `(batch, H, W, 3)` Lab by what a film between the old and today's sees.

    Photos with strong reds are never chosen.
    """
    kind_key, amount_key, chance_key = tf.unstack(tf.random.split(key, 3))
    lightness = lab[..., 0]
    kind = tf.random.stateless_uniform(tf.shape(lab)[:1], kind_key, 0, 2, tf.int32)
    amount = uniform_per_image(amount_key, lightness, 0.0, 1.0)[:, 0]
    old = tf.gather(tf.constant([BLUE_SENSITIVE, ORTHOCHROMATIC]), kind)
    today = tf.constant(PANCHROMATIC)
    seen = lightness_on_film(lab, today + amount * (old - today))
    chosen = uniform_per_image(chance_key, lightness, 0.0, 1.0) < probability
    chosen &= _mean(tf.cast(lab[..., 1] > STRONG_RED, tf.float32)) < RED_SHARE
    lightness = tf.where(chosen, tf.clip_by_value(seen, 0.0, 100.0), lightness)
    return tf.concat([lightness[..., None], lab[..., 1:]], axis=-1)


def lightness_on_film(lab: Any, sensitivity: Any) -> Any:
    """Return the lightness of `(batch, H, W, 3)` Lab on films of a sensitivity, `(batch, 3)`.

    The exposure keeps the mean luminance. The result is `(batch, H, W)`, and may exceed 100.
    """
    seen = tf.einsum("bhwc,bc->bhw", _linear_rgb(lab), sensitivity)
    luminance = inverse_lab_curve((lab[..., 0] + 16) / 116, tf.where)
    seen *= (_mean(luminance) + FAINT) / (_mean(seen) + FAINT)
    return lightness_from_luminance(seen, _cube_root, tf.where)


def _linear_rgb(lab: Any) -> Any:
    y = (lab[..., 0] + 16) / 116
    f = tf.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    xyz = inverse_lab_curve(f, tf.where)
    return tf.clip_by_value(tf.linalg.matvec(tf.constant(RGB_FROM_XYZ), xyz), 0.0, 1.0)


def _cube_root(luminance: Any) -> Any:
    return tf.pow(luminance, 1 / 3)


def _mean(planes: Any) -> Any:
    return tf.reduce_mean(planes, axis=(1, 2), keepdims=True)
