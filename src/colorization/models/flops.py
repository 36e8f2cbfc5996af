"""The computational cost of a network, counted from its layers."""

import math

import keras
from keras import layers


def flops(model: keras.Model) -> int:
    """Count the floating point operations of the convolutions for one image of a fixed size.

    A multiplication and an addition count as two, as in published figures.
    """
    if None in model.inputs[0].shape[1:]:
        raise ValueError(
            f"`model` must have a fixed image size, received input {model.inputs[0].shape}"
        )
    return sum(_convolution_flops(layer) for layer in model.layers)


def _convolution_flops(layer: keras.Layer) -> int:
    if isinstance(layer, layers.Conv2D):
        positions = layer.output.shape[1:3]
    elif isinstance(layer, layers.Conv2DTranspose):
        # A transposed convolution applies its kernel once at each position of its input.
        positions = layer.input.shape[1:3]
    else:
        return 0
    return 2 * math.prod(positions) * math.prod(layer.kernel.shape)
