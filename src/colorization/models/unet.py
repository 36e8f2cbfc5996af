"""Our own network: a U-Net made for a small budget, in training as in use.

A strided stem leaves the full resolution at once, where convolutions cost most and say least about
color; chroma is smooth, so a quarter of the resolution is enough for the answer. Normalization
stands only where maps are small, because it is bound by memory, not by arithmetic.
"""

from functools import partial

import keras
from keras import KerasTensor, layers

from colorization.color.ab_bins import NUM_BINS

STEM_STRIDE = 4
FILTERS = (64, 128, 256, 512)
NORMALISED_FROM = 16


def unet(
    image_size: int | None = None,
    batch_norm_momentum: float = 0.9,
    skips: bool = True,
    stem_stride: int = STEM_STRIDE,
    normalised_from: int = NORMALISED_FROM,
) -> keras.Model:
    """Build our U-Net, with two heads on one trunk.

    Args:
        image_size: Side of the images, pixels; a multiple of 32. None for a fully convolutional
            model that takes any height and width that are multiples of 32.
        batch_norm_momentum: Memory of the moving averages that inference uses.
        skips: Whether the way up sees what the way down saw at its resolution.
        stem_stride: Stride of the first convolution, and so of the answers: 2 or 4.
        normalised_from: Blocks this many times smaller than the image, and smaller ones, are
            normalized.

    Returns:
        A model, not compiled, from L `(batch, H, W, 1)` in [0, 100] to a dictionary: `ab`,
        the regression `(batch, H, W, 2)` float32, and `bins`, logits over the bins
        `(batch, H / 4, W / 4, 313)`; where `stem_stride` is 2, twice as high and wide.

    Raises:
        ValueError: If `image_size` is not a positive multiple of 32.
    """
    if image_size is not None and (image_size < 32 or image_size % 32):
        raise ValueError(f"`image_size` must be a positive multiple of 32, received {image_size}")
    lightness = keras.Input((image_size, image_size, 1), name="lightness")
    x = layers.Rescaling(1 / 50, offset=-1)(lightness)
    convolve = partial(
        _convolution, momentum=batch_norm_momentum, normalised_from=normalised_from / stem_stride
    )
    reduced: list[KerasTensor] = []
    for level in range(len(FILTERS)):
        stride, size = (2, 3) if level else (stem_stride, 7)
        x = convolve(x, level, f"down{level}_1", size=size, stride=stride)
        x = convolve(x, level, f"down{level}_2")
        reduced.append(x)
    for level in reversed(range(len(FILTERS) - 1)):
        x = _enlarged(x, reduced[level] if skips else None, level)
        x = convolve(x, level, f"up{level}_2")
    outputs = {
        "ab": _regression(x, stem_stride),
        "bins": layers.Conv2D(NUM_BINS, 1, name="bins")(x),
    }
    return keras.Model(lightness, outputs, name="unet")


def _convolution(
    x: KerasTensor,
    level: int,
    name: str,
    momentum: float,
    normalised_from: float,
    size: int = 3,
    stride: int = 1,
) -> KerasTensor:
    normalized = 2**level >= normalised_from
    x = layers.Conv2D(
        FILTERS[level], size, strides=stride, padding="same", use_bias=not normalized,
        kernel_initializer="he_normal", name=name,
    )(x)  # fmt: skip
    if normalized:
        x = layers.BatchNormalization(momentum=momentum, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _enlarged(x: KerasTensor, skip: KerasTensor | None, level: int) -> KerasTensor:
    # The 1x1 convolution comes first, where there are four times fewer positions.
    x = layers.Conv2D(FILTERS[level], 1, name=f"up{level}_1")(x)
    x = layers.UpSampling2D(interpolation="bilinear", name=f"up{level}")(x)
    return x if skip is None else layers.Concatenate(name=f"skip{level}")([x, skip])


def _regression(x: KerasTensor, stem_stride: int) -> KerasTensor:
    # float32 whatever the policy: half precision would round ab to halves.
    x = layers.Conv2D(2, 3, padding="same", dtype="float32", name="ab_small")(x)
    x = layers.UpSampling2D(
        stem_stride, interpolation="bilinear", dtype="float32", name="ab_full_size"
    )(x)  # fmt: skip
    return layers.Rescaling(110.0, dtype="float32", name="ab")(x)
