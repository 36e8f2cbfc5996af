"""From a network that knows several answers to a model that gives one."""

from typing import Any

import keras
from keras import KerasTensor, layers

from colorization.color.ab_bins import bin_centers
from colorization.color.soft_encoding import TEMPERATURE

# Arguments of `colorizer` for a network with both heads: about as colorful as the truth.
VIVID: dict[str, Any] = {"temperature": None, "saturation": 1.3}


def colorizer(
    network: keras.Model, temperature: float | None = TEMPERATURE, saturation: float = 1.0
) -> keras.Model:
    """Make the model from lightness to chroma of a network; its layers are shared, not copied.

    With a temperature, the chroma is the annealed mean of the network's classes (Zhang et al. 2016,
    eq. 5): 1 gives their mean, which is accurate and dull; toward 0 it becomes their mode, vivid
    and blotchy. Only standard layers are added.

    Args:
        network: `zhang`, `unet` or `autoencoder`, as built or as loaded.
        temperature: Above 0, for the classes; None for the regression head.
        saturation: Factor on the chroma; 1 leaves it as it is.

    Returns:
        A model from L `(batch, H, W, 1)` in [0, 100] to ab `(batch, H, W, 2)` float32 at full size.

    Raises:
        ValueError: If `temperature` is not above 0, or the network has no such head.
    """
    if temperature is not None and temperature <= 0:
        raise ValueError(f"`temperature` must be above 0 or None, received {temperature}")
    wanted = "ab" if temperature is None else "bins"
    heads = _heads(network)
    if wanted not in heads:
        raise ValueError(
            f"`network` must have an output {wanted!r} for temperature {temperature}, "
            f"received one with {sorted(heads)}"
        )
    chroma = heads[wanted]
    if temperature is not None:
        chroma = _annealed_mean(chroma, temperature, _stride(network))
    if saturation != 1:
        chroma = layers.Rescaling(saturation, dtype="float32", name="saturation")(chroma)
    model = keras.Model(network.inputs[0], chroma, name=f"{network.name}_colorizer")
    if temperature is not None:
        model.get_layer("bin_centres").set_weights([bin_centers()[None, None]])
    return model


def _heads(network: keras.Model) -> dict[str, KerasTensor]:
    if len(network.outputs) > 1:
        return network.output
    answer = network.outputs[0]
    return {"ab" if answer.shape[-1] == 2 else "bins": answer}


def _stride(network: keras.Model) -> int:
    side = network.inputs[0].shape[1] or 256
    shape = network.compute_output_shape((1, side, side, 1))
    return side // (shape["bins"] if isinstance(shape, dict) else shape)[1]


def _annealed_mean(logits: KerasTensor, temperature: float, stride: int) -> KerasTensor:
    # float32 whatever the policy: half precision is too coarse for a mean over 313 bins.
    x = layers.Rescaling(1 / temperature, dtype="float32", name="temperature")(logits)
    x = layers.Softmax(dtype="float32", name="distribution")(x)
    x = layers.Conv2D(
        2, 1, use_bias=False, trainable=False, dtype="float32", name="bin_centres"
    )(x)  # fmt: skip
    return layers.UpSampling2D(
        stride, interpolation="bilinear", dtype="float32", name="full_size"
    )(x)  # fmt: skip
