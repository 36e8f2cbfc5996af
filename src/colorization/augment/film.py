"""What age does to a photo: grain, fading and dust; all of it in lightness.

Everything here is a function of L `(batch, H, W)` float32 in [0, 100], a key and a strength, and
returns L of the same shape; what leaves [0, 100] is clipped by the chain.
"""

from math import pi
from typing import Any

import tensorflow as tf

from colorization.augment.random_keys import uniform_per_image

# Damage is not quite white and not quite black, as it has been photographed with the rest.
LIGHT, DARK = 93.0, 12.0


def grain(lightness: Any, key: Any, strength: float) -> Any:
    """Add film grain, fine or coarse, of up to `strength` at middle gray."""
    noise_key, strength_key = tf.unstack(tf.random.split(key))
    # A grain of silver is there or not: binomial, so white paper and full black have no grain.
    share = lightness / 100
    spread = (
        2 * tf.sqrt(share * (1 - share)) * uniform_per_image(strength_key, lightness, 0.0, strength)
    )
    return lightness + spread * _noise(noise_key, lightness)


def fading(lightness: Any, key: Any, strength: float) -> Any:
    """Draw the tones toward a light gray, in some places more, by up to `strength`.

    Blacks suffer most, as in old prints, whose darkest tones are often at L = 30 or 40.
    """
    share_key, tone_key, place_key = tf.unstack(tf.random.split(key, 3))
    batch, height, width = tf.unstack(tf.shape(lightness))
    places = tf.random.stateless_uniform((batch, 4, 4, 1), place_key)
    places = tf.image.resize(places, (height, width), "bicubic")[..., 0]
    share = uniform_per_image(share_key, lightness, 0.0, strength)
    faded = share * (0.5 + 0.5 * tf.clip_by_value(places, 0.0, 1.0))
    return lightness + faded * (uniform_per_image(tone_key, lightness, 55.0, 95.0) - lightness)


def dust(lightness: Any, key: Any, strength: float) -> Any:
    """Cover up to `strength` of the pixels with specks, as many light as dark ones."""
    noise_key, share_key = tf.unstack(tf.random.split(key))
    noise = _noise(noise_key, lightness)
    # Specks are where noise is extreme: of any shape, and exactly as many as asked for.
    share = uniform_per_image(share_key, lightness, 0.0, strength)
    threshold = 2**0.5 * tf.math.erfinv(1 - share)
    cover = tf.clip_by_value(2 * (tf.abs(noise) - threshold), 0.0, 1.0)
    return lightness + cover * (tf.where(noise > 0, LIGHT, DARK) - lightness)


def _noise(key: Any, lightness: Any) -> Any:
    fine_key, coarse_key, mix_key = tf.unstack(tf.random.split(key, 3))
    batch, height, width = tf.unstack(tf.shape(lightness))
    half = ((height + 1) // 2, (width + 1) // 2)
    fine = tf.random.stateless_normal((batch, height, width), fine_key)
    coarse = tf.random.stateless_normal((batch, *half, 1), coarse_key)
    coarse = tf.image.resize(coarse, (2 * half[0], 2 * half[1]))[:, :height, :width, 0]
    # Doubling the size by interpolation leaves 0.625 of the standard deviation.
    mix = uniform_per_image(mix_key, lightness, 0.0, pi / 2)
    return tf.cos(mix) * fine + tf.sin(mix) * coarse / 0.625
