"""Our own network: a U-Net that is cheap to train and to use.

A strided stem leaves the full resolution, where convolutions cost most, and chroma is smooth enough
to be predicted at a quarter. Only small maps are normalized: that is bound by memory bandwidth.
"""

from functools import partial

import keras
from keras import KerasTensor, layers

from colorization.color.ab_bins import NUM_BINS

STEM_STRIDE = 4
FILTERS = (64, 128, 256, 512)
# Levels whose maps are 16 times smaller than the image, and smaller ones, are normalized.
FIRST_NORMALIZED_LEVEL = 2


def unet(image_size: int | None = None, batch_norm_momentum: float = 0.9) -> keras.Model:
    """Build our U-Net, with two heads on one trunk.

    Args:
        image_size: Side of the images, pixels, a multiple of 32; None for a fully convolutional
            model that takes any height and width that are multiples of 32.
        batch_norm_momentum: Momentum of the moving averages that inference uses.

    Returns:
        A model from L `(batch, H, W, 1)` in [0, 100] to a dictionary: `ab` `(batch, H, W, 2)`
        float32, and `bins`, logits `(batch, H / 4, W / 4, 313)`.
    """
    if image_size is not None and (image_size < 32 or image_size % 32):
        raise ValueError(f"`image_size` must be a positive multiple of 32, received {image_size}")
    lightness = keras.Input((image_size, image_size, 1), name="lightness")
    x = layers.Rescaling(1 / 50, offset=-1)(lightness)
    convolve = partial(_convolution, momentum=batch_norm_momentum)
    skips: list[KerasTensor] = []
    for level in range(len(FILTERS)):
        stride, size = (2, 3) if level else (STEM_STRIDE, 7)
        x = convolve(x, level, f"down{level}_1", size=size, stride=stride)
        x = convolve(x, level, f"down{level}_2")
        skips.append(x)
    for level in reversed(range(len(FILTERS) - 1)):
        x = _upsample_and_join(x, skips[level], level)
        x = convolve(x, level, f"up{level}_2")
    outputs = {"ab": _regression(x), "bins": layers.Conv2D(NUM_BINS, 1, name="bins")(x)}
    return keras.Model(lightness, outputs, name="unet")


def _convolution(
    x: KerasTensor, level: int, name: str, momentum: float, size: int = 3, stride: int = 1
) -> KerasTensor:
    normalized = level >= FIRST_NORMALIZED_LEVEL
    x = layers.Conv2D(
        FILTERS[level], size, strides=stride, padding="same", use_bias=not normalized,
        kernel_initializer="he_normal", name=name,
    )(x)  # fmt: skip
    if normalized:
        x = layers.BatchNormalization(momentum=momentum, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _upsample_and_join(x: KerasTensor, skip: KerasTensor, level: int) -> KerasTensor:
    # The 1x1 convolution comes first, where there are four times fewer positions.
    x = layers.Conv2D(FILTERS[level], 1, name=f"up{level}_1")(x)
    x = layers.UpSampling2D(interpolation="bilinear", name=f"up{level}")(x)
    return layers.Concatenate(name=f"skip{level}")([x, skip])


def _regression(x: KerasTensor) -> KerasTensor:
    # float32 whatever the policy: half precision would round ab to halves.
    x = layers.Conv2D(2, 3, padding="same", dtype="float32", name="ab_small")(x)
    x = layers.UpSampling2D(
        STEM_STRIDE, interpolation="bilinear", dtype="float32", name="ab_full_size"
    )(x)  # fmt: skip
    return layers.Rescaling(110.0, dtype="float32", name="ab")(x)
