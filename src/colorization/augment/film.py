"""Changes of lightness as by camera, laboratory, age and press.

All map L `(batch, H, W)` float32 in [0, 100], a key and a strength to L, which the caller clips.
"""

from math import log, pi
from typing import Any

import tensorflow as tf

from colorization.augment.random_keys import uniform_per_image


def blur(lightness: Any, key: Any, strength: float) -> Any:
    """Blur with a Gaussian of up to `strength` pixels."""
    sigma = uniform_per_image(key, lightness, 0.0, strength)
    height, width = tf.unstack(tf.shape(lightness)[1:])
    # Two matrix products per image: each has its own sigma, which a convolution would not allow.
    across = tf.matmul(lightness, _gaussian(width, sigma), transpose_b=True)
    return tf.matmul(_gaussian(height, sigma), across)


def _gaussian(side: Any, sigma: Any) -> Any:
    at = tf.range(tf.cast(side, tf.float32))
    weights = tf.exp(-(((at[:, None] - at) / tf.maximum(sigma, 0.01)) ** 2) / 2)
    return weights / tf.reduce_sum(weights, axis=-1, keepdims=True)


def gamma(lightness: Any, key: Any, strength: float) -> Any:
    """Raise L / 100 to a power of up to `1 + strength`, or down to its inverse."""
    power = tf.exp(uniform_per_image(key, lightness, -log(1 + strength), log(1 + strength)))
    return 100 * (lightness / 100) ** power


def contrast(lightness: Any, key: Any, strength: float) -> Any:
    """Spread or narrow the lightness around its mean, by up to `strength`."""
    factor = uniform_per_image(key, lightness, 1 - strength, 1 + strength)
    mean = tf.reduce_mean(lightness, axis=(1, 2), keepdims=True)
    return mean + factor * (lightness - mean)


def shift(lightness: Any, key: Any, strength: float) -> Any:
    """Lighten or darken by up to `strength`."""
    return lightness + uniform_per_image(key, lightness, -strength, strength)


def grain(lightness: Any, key: Any, strength: float) -> Any:
    """Add film grain, fine or coarse, of up to `strength` at middle gray."""
    noise_key, strength_key = tf.unstack(tf.random.split(key))
    # Grains of silver are binomial: white paper and full black have no grain.
    share = lightness / 100
    spread = (
        2 * tf.sqrt(share * (1 - share)) * uniform_per_image(strength_key, lightness, 0.0, strength)
    )
    return lightness + spread * _noise(noise_key, lightness)


def fading(lightness: Any, key: Any, strength: float) -> Any:
    """Blend the tones with a light gray, most in the blacks, as in old prints."""
    share_key, tone_key, place_key = tf.unstack(tf.random.split(key, 3))
    batch, height, width = tf.unstack(tf.shape(lightness))
    places = tf.random.stateless_uniform((batch, 4, 4, 1), place_key)
    places = tf.image.resize(places, (height, width), "bicubic")[..., 0]
    share = uniform_per_image(share_key, lightness, 0.0, strength)
    faded = share * (0.5 + 0.5 * tf.clip_by_value(places, 0.0, 1.0))
    return lightness + faded * (uniform_per_image(tone_key, lightness, 55.0, 95.0) - lightness)


def halftone(lightness: Any, key: Any, probability: float) -> Any:
    """Print as dots of ink, 2 to 4 pixels apart at about 45 degrees, as in old newspapers."""
    keys = tf.unstack(tf.random.split(key, 5))
    period = uniform_per_image(keys[0], lightness, 2.0, 4.0)
    angle = uniform_per_image(keys[1], lightness, pi / 6, pi / 3)
    height, width = tf.unstack(tf.cast(tf.shape(lightness)[1:], tf.float32))
    rows, columns = tf.range(height)[:, None], tf.range(width)[None, :]
    turn = 2 * pi / period
    across = tf.cos(turn * (tf.cos(angle) * columns + tf.sin(angle) * rows))
    down = tf.cos(turn * (tf.cos(angle) * rows - tf.sin(angle) * columns))
    # The dots grow until they meet; a scan blurs their edges.
    threshold = 0.5 + (across + down) / 4
    sharpness = uniform_per_image(keys[2], lightness, 4.0, 12.0)
    dots = 100 * tf.sigmoid(sharpness * (lightness / 100 - threshold))
    depth = uniform_per_image(keys[3], lightness, 0.2, 0.8)
    printed = uniform_per_image(keys[4], lightness, 0.0, 1.0) < probability
    return tf.where(printed, lightness + depth * (dots - lightness), lightness)


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
