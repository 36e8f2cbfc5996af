"""Our own network: a U-Net on an encoder that was trained to recognize things.

The encoder knows what is in a photo; a light decoder turns that into colors. A strided stem beside
the encoder keeps the edges: chroma is smooth enough to be predicted at a quarter of the size.
"""

from collections.abc import Mapping
from functools import partial

import keras
from keras import KerasTensor, layers

from colorization.color.ab_bins import NUM_BINS
from colorization.models.efficientnet import LITE0, Encoder, efficientnet_lite, load_pretrained

# Filters of the decoder by the stride of its maps, from the coarsest.
DECODER = {16: 224, 8: 144, 4: 96}
EDGE_FILTERS = 32
# Normalizing maps of a stride below this would be bound by memory bandwidth.
SMALLEST_NORMALIZED_STRIDE = 8


def unet(
    image_size: int | None = None,
    batch_norm_momentum: float = 0.9,
    encoder: Encoder = LITE0,
    decoder: Mapping[int, int] = DECODER,
) -> keras.Model:
    """Build our U-Net, with two heads on one trunk.

    Args:
        image_size: Side of the images, pixels, a multiple of 32; None for a fully convolutional
            model that takes any height and width that are multiples of 32.
        batch_norm_momentum: Momentum of the moving averages that inference uses.
        encoder: The encoder, which has learned from ImageNet or starts at random.
        decoder: Filters of the decoder at strides 16, 8 and 4.

    Returns:
        A model from L `(batch, H, W, 1)` in [0, 100] to a dictionary: `ab` `(batch, H, W, 2)`
        float32, gray before training, and `bins`, logits `(batch, H / 4, W / 4, 313)`.
    """
    if image_size is not None and (image_size < 32 or image_size % 32):
        raise ValueError(f"`image_size` must be a positive multiple of 32, received {image_size}")
    lightness = keras.Input((image_size, image_size, 1), name="lightness")
    scaled = layers.Rescaling(1 / 50, offset=-1)(lightness)
    features = efficientnet_lite(scaled, encoder)
    features[4] = layers.Concatenate(name="edges")([features[4], _edges(scaled)])
    x = _add_global_context(features[32], decoder[16])
    convolve = partial(_convolve, momentum=batch_norm_momentum)
    for stride, filters in decoder.items():
        x = _upsample_and_join(x, features[stride], stride, filters)
        x = convolve(x, filters, stride, f"up{stride}_2")
    x = convolve(x, decoder[4], 4, "up4_3")
    outputs = {"ab": _regression(x), "bins": layers.Conv2D(NUM_BINS, 1, name="bins")(x)}
    model = keras.Model(lightness, outputs, name="unet")
    if encoder.weights:
        load_pretrained(model, encoder.weights)
    return model


def _edges(scaled: KerasTensor) -> KerasTensor:
    return layers.Conv2D(
        EDGE_FILTERS, 7, strides=4, padding="same", activation="relu",
        kernel_initializer="he_normal", name="edge_stem",
    )(scaled)  # fmt: skip


def _add_global_context(x: KerasTensor, filters: int) -> KerasTensor:
    # The kind of scene decides on colors far apart (Iizuka et al. 2016).
    scene = layers.GlobalAveragePooling2D(keepdims=True, name="scene")(x)
    scene = layers.Conv2D(filters, 1, kernel_initializer="zeros", name="scene_features")(scene)
    return layers.Add(name="context")([layers.Conv2D(filters, 1, name="up16_1")(x), scene])


def _upsample_and_join(x: KerasTensor, skip: KerasTensor, stride: int, filters: int) -> KerasTensor:
    # The 1x1 convolution comes first, where there are four times fewer positions.
    if stride < 16:
        x = layers.Conv2D(filters, 1, name=f"up{stride}_1")(x)
    x = layers.UpSampling2D(interpolation="bilinear", name=f"up{stride}")(x)
    return layers.Concatenate(name=f"skip{stride}")([x, skip])


def _convolve(x: KerasTensor, filters: int, stride: int, name: str, momentum: float) -> KerasTensor:
    normalized = stride >= SMALLEST_NORMALIZED_STRIDE
    x = layers.Conv2D(
        filters, 3, padding="same", use_bias=not normalized,
        kernel_initializer="he_normal", name=name,
    )(x)  # fmt: skip
    if normalized:
        x = layers.BatchNormalization(momentum=momentum, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _regression(x: KerasTensor) -> KerasTensor:
    # float32 whatever the policy: half precision would round ab to halves. Zero weights: random
    # ones predict chroma in the hundreds, and a loss in the thousands spoils the encoder.
    x = layers.Conv2D(
        2, 3, padding="same", kernel_initializer="zeros", dtype="float32", name="ab_small"
    )(x)  # fmt: skip
    x = layers.UpSampling2D(
        4, interpolation="bilinear", dtype="float32", name="ab_full_size"
    )(x)  # fmt: skip
    return layers.Rescaling(110.0, dtype="float32", name="ab")(x)
