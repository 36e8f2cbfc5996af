"""What the camera and the laboratory do to lightness: blur, gamma, contrast, lightness.

Everything here is a function of L `(batch, H, W)` float32 in [0, 100], a key and a strength, and
returns L of the same shape; what leaves [0, 100] is clipped by the chain.
"""

from math import log
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
