"""The functions that are exported of a network."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from colorization.color.soft_encoding import TEMPERATURE
from colorization.export.tf_color import annealed_mean, lightness_of, luminance_of, recolored
from colorization.export.tf_preprocess import cropped, frame_of, framed
from colorization.inference.predictor import heads_of, keras_network

if TYPE_CHECKING:
    import keras

PHOTO = tf.TensorSpec([None, None, None, 3], tf.uint8, "photo")
CHROMA = tf.TensorSpec([None, None, None, 2], tf.float32, "chroma")
STRENGTH = tf.TensorSpec([], tf.float32, "strength")
HEAT = tf.TensorSpec([], tf.float32, "temperature")


class Function(NamedTuple):
    """A function to export.

    Attributes:
        call: From tensors to a dictionary of one tensor.
        signature: Names, shapes and dtypes of what it takes.
    """

    call: Callable[..., dict[str, Any]]
    signature: list[tf.TensorSpec]


def functions_of(model: "keras.Model") -> dict[str, Function]:
    """Make the functions that are exported of a network.

    They share `photo` `(batch, H, W, 3)` uint8 sRGB of any size, and two scalars: `strength`, the
    factor on the chroma, and `temperature`, at 0 or below for the network's regression, else that
    of the annealed mean of its classes. A network without classes has no `temperature`.

    Args:
        model: As `keras_network` takes it. TensorFlow is Keras's backend.

    Returns:
        `colorize`: `photo`, `strength`, `temperature` to `colorized`, photos in colour.
        `chroma`: `photo`, `temperature` to `chroma` `(batch, h, w, 2)` ab of small copies.
        `recolor`: `photo`, `chroma`, `strength` to `colorized`; quick, without the network.
        `network`: `lightness` `(batch, H, W, 1)` L, `temperature` to `chroma` `(batch, H, W, 2)`.

    Raises:
        ValueError: If the model is not one.
    """
    network = _GraphNetwork(model)
    heat = [HEAT] if network.has_classes else []
    lightness = tf.TensorSpec(model.inputs[0].shape, tf.float32, "lightness")

    def chroma(photo: Any, temperature: Any = 0.0) -> dict[str, Any]:
        frame = frame_of(photo, network.input_size)
        answer = network(framed(lightness_of(luminance_of(photo)), frame), temperature)
        return {"chroma": cropped(answer, frame)}

    def colorize(photo: Any, strength: Any, temperature: Any = 0.0) -> dict[str, Any]:
        return recolor(photo, chroma(photo, temperature)["chroma"], strength)

    def answered(lightness: Any, temperature: Any = 0.0) -> dict[str, Any]:
        return {"chroma": network(lightness, temperature)}

    return {
        "colorize": Function(colorize, [PHOTO, STRENGTH, *heat]),
        "chroma": Function(chroma, [PHOTO, *heat]),
        "recolor": Function(recolor, [PHOTO, CHROMA, STRENGTH]),
        "network": Function(answered, [lightness, *heat]),
    }


def recolor(photo: Any, chroma: Any, strength: Any) -> dict[str, Any]:
    """Join photos with chroma, as `colors.recolored` does.

    Args:
        photo: As `colors.recolored` takes it.
        chroma: As `colors.recolored` takes it.
        strength: As `colors.recolored` takes it.

    Returns:
        `colorized`: `(batch, H, W, 3)` uint8 sRGB.
    """
    return {"colorized": recolored(photo, chroma, strength)}


class _GraphNetwork:
    def __init__(self, model: "keras.Model"):
        import keras

        self.input_size = keras_network(model).input_size
        heads = heads_of(model)
        self.has_classes = "bins" in heads
        self._model = keras.Model(model.inputs[0], heads)

    def __call__(self, lightness: Any, temperature: Any) -> Any:
        heads = self._model(lightness, training=False)
        size = tf.shape(lightness)[1:3]
        temperature = tf.convert_to_tensor(temperature)
        if not self.has_classes:
            return heads["ab"]
        if "ab" not in heads:
            temperature = tf.where(temperature > 0, temperature, TEMPERATURE)
            return _decoded(heads["bins"], temperature, size)
        return tf.cond(
            temperature > 0,
            lambda: _decoded(heads["bins"], temperature, size),
            lambda: heads["ab"],
        )


def _decoded(logits: Any, temperature: Any, size: Any) -> Any:
    return tf.image.resize(annealed_mean(logits, temperature), size, "bilinear")
