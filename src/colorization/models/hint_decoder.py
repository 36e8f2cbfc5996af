"""A network that also takes hints: colors that a person gives at a few places.

After Zhang et al. 2017, *Real-Time User-Guided Image Colorization with Learned Deep Priors*. First,
attention spreads what is wrong at the hints to what looks alike and is near; then a second decoder,
which reads the features of the trained network, too, refines it; then attention spreads what is
still wrong. Without hints the correction is multiplied by zero: the network answers exactly as
before.
"""

from collections.abc import Callable
from functools import partial

import keras
from keras import KerasTensor, layers, ops

from colorization.config import HINT_STRIDE
from colorization.models.efficientnet import LITE0, Encoder
from colorization.models.unet import unet

# Filters by the stride of their maps.
FILTERS = {4: 32, 8: 64, 16: 96, 32: 128}
# Layers of `unet` whose maps the decoder of the hints reads, by their stride.
FEATURES = {4: "up4_3_relu", 8: "up8_2_relu", 16: "up16_2_relu", 32: "context"}
AB_SCALE = 110.0  # as in `unet`
MOMENTUM = 0.9  # of the averages of the normalization
# How fast the influence of a hint falls with the square of the distance, for each head of the
# attention; distances are in units of the photo's longer side, so that a hint reaches as far in a
# photo of any size.
FALLOFFS = (2.0, 8.0, 32.0)
ROUNDS = 4  # in which attention spreads what is still wrong
EMBEDDING = 16  # size of a query and of a key
NEVER = 1e4  # less than any logit
PREFIX = "hint_"  # of the names of the branch's layers that have weights


def unet_hints(
    image_size: int | None = None, batch_norm_momentum: float = 0.9, encoder: Encoder = LITE0
) -> keras.Model:
    """Build our U-Net with a second input for hints; the arguments are those of `unet`."""
    return add_hints(unet(image_size, batch_norm_momentum, encoder))


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
    wanted = layers.Rescaling(1 / AB_SCALE, dtype="float32", name="hint_ab")(hints[..., :2])
    mask = hints[..., 2:]
    error = (wanted - chroma) * mask
    spread = _attend(mask, features[HINT_STRIDE])
    first = spread(error)
    signal = layers.Concatenate(name="hint_signal")([wanted, mask, error, chroma, first])
    correction = layers.Add(dtype="float32", name="refined")([first, _decode(signal, features)])
    for _ in range(ROUNDS):
        correction = correction + spread(error - correction * mask)
    given = layers.GlobalMaxPooling2D(keepdims=True, dtype="float32", name="given")(mask)
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


def split_hints(network: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Split a network that takes hints, so that the branch need not run on the whole photo.

    Returns:
        A model from lightness to a list: `bins`, and `ab_small` and the maps that the branch reads,
        whose strides are 4 and `FEATURES`; and the branch, from these maps and hints to the
        correction of `ab_small`.
    """
    names = ["ab_small", *FEATURES.values()]
    maps = [network.get_layer(name).output for name in names]
    trunk = keras.Model(network.inputs[0], [network.get_layer("bins").output, *maps])
    branch = keras.Model([*maps, network.inputs[1]], network.get_layer("correction").output)
    return trunk, branch


def _outputs(network: keras.Model, chroma: KerasTensor) -> dict[str, KerasTensor]:
    full_size, scale = network.get_layer("ab_full_size"), network.get_layer("ab")
    return {"ab": scale(full_size(chroma)), "bins": network.get_layer("bins").output}


def _attend(mask: KerasTensor, features: KerasTensor) -> Callable[[KerasTensor], KerasTensor]:
    # Returns what spreads errors at the hints: for each cell, a mean of them and of 0, weighted by
    # attention. Keys are the hints in squares of two by two cells.
    keys = layers.Conv2D(EMBEDDING * len(FALLOFFS), 1, name="hint_keys")(features)
    queries = layers.Conv2D(EMBEDDING * len(FALLOFFS), 1, name="hint_queries")(features)
    places = _places(mask)
    found = _mean_of_hints(_join([keys, places], "hint_looks"), mask)
    content, near = found[..., :-2], found[..., -2:]
    given = layers.MaxPooling2D(2, dtype="float32", name="hint_is_given")(mask)
    heads = []
    for head, falloff in enumerate(FALLOFFS):
        part = slice(head * EMBEDDING, (head + 1) * EMBEDDING)
        query = _query(queries[..., part], places, falloff)
        key = _flat(_key(content[..., part], near, given), EMBEDDING + 5)
        nothing = layers.Conv2D(1, 1, name=f"hint_none{head}")(features)
        logits = [ops.einsum("bhwc,bkc->bhwk", query, key), nothing]
        weights = layers.Softmax(dtype="float32")(_join(logits, f"hint_logits{head}"))
        heads.append(weights[..., :-1])
    shares = layers.Conv2D(len(FALLOFFS), 1, activation="softmax", name="hint_shares")(features)
    parts = [shares[..., head : head + 1] * weights for head, weights in enumerate(heads)]
    attention = layers.Add(dtype="float32", name="hint_attention")(parts)

    def spread(error: KerasTensor) -> KerasTensor:
        values = _flat(_mean_of_hints(error, mask), 2)
        return ops.einsum("bhwk,bkc->bhwc", attention, values)

    return spread


def _places(mask: KerasTensor) -> KerasTensor:
    steps = [ops.cumsum(ops.ones_like(mask), axis) for axis in (1, 2)]
    sides = [ops.max(step, axis=(1, 2), keepdims=True) for step in steps]
    return _join([step / ops.maximum(*sides) for step in steps], "hint_places")


def _mean_of_hints(values: KerasTensor, mask: KerasTensor) -> KerasTensor:
    pool = partial(layers.AveragePooling2D, 2, dtype="float32")
    return pool()(values * mask) / ops.maximum(pool()(mask), 1e-3)


def _query(content: KerasTensor, place: KerasTensor, falloff: float) -> KerasTensor:
    # The product with a key is their similarity less `falloff` times the square of their distance.
    square = ops.sum(place**2, axis=-1, keepdims=True)
    one = ops.ones_like(square)
    parts = [content, 2 * falloff * place, -falloff * square, -falloff * one, one]
    return layers.Concatenate(dtype="float32")(parts)


def _key(content: KerasTensor, place: KerasTensor, given: KerasTensor) -> KerasTensor:
    square = ops.sum(place**2, axis=-1, keepdims=True)
    parts = [content, place, ops.ones_like(square), square, (given - 1) * NEVER]
    return layers.Concatenate(dtype="float32")(parts)


def _flat(x: KerasTensor, size: int) -> KerasTensor:
    return layers.Reshape((-1, size), dtype="float32")(x)


def _decode(signal: KerasTensor, features: dict[int, KerasTensor]) -> KerasTensor:
    x, maps = signal, {}
    for stride, filters in FILTERS.items():
        if stride > HINT_STRIDE:
            x = _convolve(x, filters, f"hint_down{stride}_1", strides=2)
        seen = layers.Conv2D(filters, 1, name=f"hint_features{stride}")(features[stride])
        x = maps[stride] = _convolve(
            _join([x, seen], f"hint_skip{stride}"), filters, f"hint_down{stride}_2"
        )
    everywhere = layers.GlobalAveragePooling2D(keepdims=True, name="hint_scene")(x)
    everywhere = layers.Conv2D(FILTERS[32], 1, name="hint_scene_features")(everywhere)
    x = layers.Add(name="hint_context")([x, everywhere])
    for stride, filters in reversed(list(FILTERS.items())[:-1]):
        x = layers.Conv2D(filters, 1, name=f"hint_up{stride}_1")(x)
        x = layers.UpSampling2D(interpolation="bilinear", name=f"hint_up{stride}")(x)
        x = _convolve(_join([x, maps[stride]], f"hint_join{stride}"), filters, f"hint_up{stride}_2")
    return layers.Conv2D(
        2, 3, padding="same", kernel_initializer="zeros", dtype="float32", name="hint_correction"
    )(x)  # fmt: skip


def _join(maps: list[KerasTensor], name: str) -> KerasTensor:
    return layers.Concatenate(name=name)(maps)


def _convolve(x: KerasTensor, filters: int, name: str, strides: int = 1) -> KerasTensor:
    # Hints are sparse, features are dense: without normalization most of the units die.
    x = layers.Conv2D(
        filters, 3, strides=strides, padding="same", use_bias=False,
        kernel_initializer="he_normal", name=name,
    )(x)  # fmt: skip
    x = layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)
