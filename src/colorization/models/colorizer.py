"""A model from lightness to chroma, made of any network with standard layers only."""

import keras
from keras import KerasTensor, layers

from colorization.color.ab_bins import bin_centers
from colorization.models.heads import Heads


def colorizer(
    network: keras.Model, temperature: float | None = None, strength: float = 1.0
) -> keras.Model:
    """Make the model from lightness to chroma of a network; layers are shared, not copied.

    It maps L `(batch, H, W, 1)` in [0, 100] to ab `(batch, H, W, 2)` float32.

    Args:
        network: A network as built or as loaded.
        temperature: As in `Heads.select`; 1 is calm, toward 0 blotchy.
        strength: Factor on the chroma.

    Example:
        >>> model = colorizer(keras.saving.load_model("unet.keras"), strength=1.3)
    """
    heads = Heads.of(network)
    head, temperature = heads.select(temperature)
    chroma = heads.tensors[head]
    if temperature is not None:
        chroma = _annealed_mean(chroma, temperature, heads.stride)
    if strength != 1:
        chroma = layers.Rescaling(strength, dtype="float32", name="strength")(chroma)
    model = keras.Model(network.inputs[0], chroma, name=f"{network.name}_colorizer")
    if temperature is not None:
        model.get_layer("bin_centers").set_weights([bin_centers()[None, None]])
    return model


def _annealed_mean(logits: KerasTensor, temperature: float, stride: int) -> KerasTensor:
    # float32 whatever the policy: half precision is too coarse for a mean over 313 bins.
    x = layers.Rescaling(1 / temperature, dtype="float32", name="temperature")(logits)
    x = layers.Softmax(dtype="float32", name="distribution")(x)
    x = layers.Conv2D(
        2, 1, use_bias=False, trainable=False, dtype="float32", name="bin_centers"
    )(x)  # fmt: skip
    return layers.UpSampling2D(
        stride, interpolation="bilinear", dtype="float32", name="full_size"
    )(x)  # fmt: skip
