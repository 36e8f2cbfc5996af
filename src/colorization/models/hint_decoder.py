"""A network that also takes hints: colors that a person gives at a few places.

After Zhang et al. 2017, *Real-Time User-Guided Image Colorization with Learned Deep Priors*. A
second decoder reads the hints and the features of a trained network, and corrects its chroma.
Without hints the correction is multiplied by zero: the network answers exactly as before.
"""

import keras
from keras import KerasTensor, layers

from colorization.config import HINT_STRIDE
from colorization.models.unet import unet

# Filters by the stride of their maps.
FILTERS = {4: 32, 8: 64, 16: 96, 32: 128}
# Layers of `unet` whose maps the decoder of the hints reads, by their stride.
FEATURES = {4: "up4_3_relu", 8: "up8_2_relu", 16: "up16_2_relu", 32: "context"}
AB_SCALE = 110.0  # as in `unet`


def unet_hints(
    image_size: int | None = None, batch_norm_momentum: float = 0.9, pretrained: bool = True
) -> keras.Model:
    """Build our U-Net with a second input for hints; the arguments are those of `unet`."""
    return add_hints(unet(image_size, batch_norm_momentum, pretrained))


def add_hints(network: keras.Model) -> keras.Model:
    """Build a network that also takes hints, from a trained `unet`, whose layers are frozen.

    Args:
        network: A network that `unet` has built, or one loaded from its file.

    Returns:
        A model from `[lightness, hints]`: L `(batch, H, W, 1)` in [0, 100], and hints
        `(batch, H / 4, W / 4, 3)`, which are a and b in [-128, 127] and 1 where there is a hint,
        or zeros. Its outputs are those of the network; hints change `ab` alone.
    """
    lightness = network.inputs[0]
    side = lightness.shape[1] and lightness.shape[1] // HINT_STRIDE
    hints = keras.Input((side, side, 3), name="hints")
    for layer in network.layers:
        layer.trainable = False
    chroma = network.get_layer("ab_small").output
    features = {stride: network.get_layer(name).output for stride, name in FEATURES.items()}
    correction = _decode(_signal(hints, chroma), features)
    given = layers.GlobalMaxPooling2D(keepdims=True, dtype="float32", name="given")(hints[..., 2:])
    correction = layers.Multiply(dtype="float32", name="correction")([correction, given])
    outputs = _outputs(network, layers.Add(dtype="float32", name="corrected")([chroma, correction]))
    return keras.Model([lightness, hints], outputs, name="unet_hints")


def takes_hints(network: keras.Model) -> bool:
    """Return whether a network has a second input for hints."""
    return [tensor.shape[-1] for tensor in network.inputs] == [1, 3]


def without_hints(network: keras.Model) -> keras.Model:
    """Return the network from lightness alone, with the same layers, of one that takes hints."""
    outputs = _outputs(network, network.get_layer("ab_small").output)
    return keras.Model(network.inputs[0], outputs, name="unet")


def _outputs(network: keras.Model, chroma: KerasTensor) -> dict[str, KerasTensor]:
    full_size, scale = network.get_layer("ab_full_size"), network.get_layer("ab")
    return {"ab": scale(full_size(chroma)), "bins": network.get_layer("bins").output}


def _signal(hints: KerasTensor, chroma: KerasTensor) -> KerasTensor:
    # What is wanted at the hints, and how far the prediction is from it.
    mask = hints[..., 2:]
    wanted = layers.Rescaling(1 / AB_SCALE, name="hint_ab")(hints[..., :2])
    missing = layers.Multiply(name="hint_error")([layers.Subtract()([wanted, chroma]), mask])
    return layers.Concatenate(name="hint_signal")([wanted, mask, missing, chroma])


def _decode(signal: KerasTensor, features: dict[int, KerasTensor]) -> KerasTensor:
    x, maps = signal, {}
    for stride, filters in FILTERS.items():
        if stride > HINT_STRIDE:
            x = _convolve(x, filters, f"hint_down{stride}_1", strides=2)
        seen = layers.Conv2D(filters, 1, name=f"hint_features{stride}")(features[stride])
        x = maps[stride] = _convolve(_join(x, seen, f"hint_skip{stride}"), filters,
                                     f"hint_down{stride}_2")  # fmt: skip
    everywhere = layers.GlobalAveragePooling2D(keepdims=True, name="hint_scene")(x)
    everywhere = layers.Conv2D(FILTERS[32], 1, name="hint_scene_features")(everywhere)
    x = layers.Add(name="hint_context")([x, everywhere])
    for stride, filters in reversed(list(FILTERS.items())[:-1]):
        x = layers.Conv2D(filters, 1, name=f"hint_up{stride}_1")(x)
        x = layers.UpSampling2D(interpolation="bilinear", name=f"hint_up{stride}")(x)
        x = _convolve(_join(x, maps[stride], f"hint_join{stride}"), filters, f"hint_up{stride}_2")
    return layers.Conv2D(
        2, 3, padding="same", kernel_initializer="zeros", dtype="float32", name="hint_correction"
    )(x)  # fmt: skip


def _join(x: KerasTensor, other: KerasTensor, name: str) -> KerasTensor:
    return layers.Concatenate(name=name)([x, other])


def _convolve(x: KerasTensor, filters: int, name: str, strides: int = 1) -> KerasTensor:
    return layers.Conv2D(
        filters, 3, strides=strides, padding="same", activation="relu",
        kernel_initializer="he_normal", name=name,
    )(x)  # fmt: skip
