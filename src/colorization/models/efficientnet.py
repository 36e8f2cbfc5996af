"""EfficientNet-Lite without its head, trained on ImageNet: the encoder of our network.

It takes lightness alone, and has no batch normalization: its averages are frozen, and so are part
of the weights. `experiments/convert_encoder.py` made the file of weights.
"""

from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from keras import KerasTensor, layers

WEIGHTS = Path(__file__).parent / "encoder" / "efficientnet-lite0.npz"
PREFIX = "encoder_"  # of the names of the layers
STEM_FILTERS = 32


# Of each: repeats, kernel, stride of the first, expansion, filters; Lite models have no attention.
Stages = tuple[tuple[int, int, int, int, int], ...]


class Encoder(NamedTuple):
    """One of the EfficientNet-Lite models."""

    stages: Stages
    weights: Path | None  # None: random


LITE0 = Encoder(
    (
        (1, 3, 1, 1, 16),
        (2, 3, 2, 6, 24),
        (2, 5, 2, 6, 40),
        (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ),
    WEIGHTS,
)
UNTRAINED_LITE0 = LITE0._replace(weights=None)


def efficientnet_lite(x: KerasTensor, encoder: Encoder = LITE0) -> dict[int, KerasTensor]:
    """Add the layers of an encoder, with random weights (Tan & Le 2019; Liu 2020).

    Args:
        x: Gray images `(batch, H, W, 1)` in [-1, 1].
        encoder: The model.

    Returns:
        The last features before each halving of the size, by their stride: of Lite0, at 2, 4, 8, 16
        and 32, there are 16, 24, 40, 112 and 320 channels.
    """
    x = _activate(_convolve(x, STEM_FILTERS, 3, stride=2, name="stem"))
    features, stride, block = {}, 2, 0
    for repeats, kernel, first_stride, expansion, filters in encoder.stages:
        for index in range(repeats):
            if index == 0 and first_stride == 2:
                features[stride] = x
                stride *= 2
            x = _inverted_residual(
                x, kernel, 1 if index else first_stride, expansion, filters, f"block{block}"
            )
            block += 1
    return features | {stride: x}


def load_pretrained(model: keras.Model, file: Path) -> None:
    """Load a file of weights from ImageNet into the encoder of a model."""
    with np.load(file) as saved:
        for layer in model.layers:
            if layer.name.startswith(PREFIX) and layer.weights:
                name = layer.name.removeprefix(PREFIX)
                layer.set_weights([saved[f"{name}/kernel"], saved[f"{name}/bias"]])


def _inverted_residual(
    x: KerasTensor, kernel: int, stride: int, expansion: int, filters: int, name: str
) -> KerasTensor:
    before = x
    if expansion > 1:
        x = _activate(_convolve(x, x.shape[-1] * expansion, 1, name=f"{name}_expand"))
    depthwise = layers.DepthwiseConv2D(
        kernel, strides=stride, padding="same", name=f"{PREFIX}{name}_depthwise"
    )
    x = _convolve(_activate(depthwise(x)), filters, 1, name=f"{name}_project")
    return layers.Add()([before, x]) if x.shape == before.shape else x


def _convolve(x: KerasTensor, filters: int, size: int, name: str, stride: int = 1) -> KerasTensor:
    return layers.Conv2D(filters, size, strides=stride, padding="same", name=PREFIX + name)(x)


def _activate(x: KerasTensor) -> KerasTensor:
    return layers.ReLU(max_value=6.0)(x)
