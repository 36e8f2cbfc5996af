"""The network of Zhang, Isola & Efros, ECCV 2016.

Where the paper says nothing, as in their released training code. Initial weights are He et al.'s.
"""

import keras
from keras import KerasTensor, layers

from colorization.color.ab_bins import NUM_BINS

# Filters of each convolution, its dilation, and the stride of the block's last one.
BLOCKS = (
    ((64, 64), 1, 2),
    ((128, 128), 1, 2),
    ((256, 256, 256), 1, 2),
    ((512, 512, 512), 1, 1),
    ((512, 512, 512), 2, 1),
    ((512, 512, 512), 2, 1),
    ((512, 512, 512), 1, 1),
)


def zhang(image_size: int = 256, batch_norm_momentum: float = 0.99) -> keras.Model:
    """Build the paper's network: eight blocks, no pooling, no skips (32,235,385 parameters).

    Args:
        image_size: Side of the images, pixels; a multiple of 8.
        batch_norm_momentum: Momentum of the moving averages that inference uses.

    Returns:
        A model from L `(batch, size, size, 1)` in [0, 100] to logits
        `(batch, size / 4, size / 4, 313)`.
    """
    if image_size < 8 or image_size % 8:
        raise ValueError(f"`image_size` must be a positive multiple of 8, received {image_size}")
    lightness = keras.Input((image_size, image_size, 1), name="lightness")
    x = layers.Rescaling(1 / 100, offset=-0.5)(lightness)
    for number, block in enumerate(BLOCKS, start=1):
        x = _block(x, number, *block, momentum=batch_norm_momentum)
    x = layers.Conv2DTranspose(
        256, 4, strides=2, padding="same", activation="relu",
        kernel_initializer="he_normal", name="conv8_1",
    )(x)  # fmt: skip
    x = _convolution(x, 256, name="conv8_2")
    x = _convolution(x, 256, name="conv8_3")
    logits = layers.Conv2D(NUM_BINS, 1, name="bins")(x)
    return keras.Model(lightness, logits, name="zhang")


def _block(
    x: KerasTensor,
    number: int,
    filters: tuple[int, ...],
    dilation: int,
    stride: int,
    momentum: float,
) -> KerasTensor:
    for index, count in enumerate(filters, start=1):
        last = index == len(filters)
        name = f"conv{number}_{index}"
        x = _convolution(x, count, name, dilation, stride if last else 1)
    return layers.BatchNormalization(
        momentum=momentum, epsilon=1e-5, center=False, scale=False, name=f"norm{number}"
    )(x)


def _convolution(
    x: KerasTensor, filters: int, name: str, dilation: int = 1, stride: int = 1
) -> KerasTensor:
    padding = "same"
    if stride > 1:
        # "same" would pad an even image at one border only, and shift it at each stride.
        x, padding = layers.ZeroPadding2D(1, name=f"{name}_border")(x), "valid"
    return layers.Conv2D(
        filters, 3, strides=stride, padding=padding, dilation_rate=dilation, activation="relu",
        kernel_initializer="he_normal", name=name,
    )(x)  # fmt: skip
