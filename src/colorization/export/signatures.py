"""The functions that are exported of a network."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from colorization.color.soft_encoding import TEMPERATURE
from colorization.export.tf_color import (
    annealed_mean,
    luminance_to_lightness,
    photo_luminance,
    recolor,
)
from colorization.export.tf_preprocess import plan_resize, resize_and_pad, unpad
from colorization.inference.predictor import heads_of, keras_predictor

if TYPE_CHECKING:
    import keras

PHOTO = tf.TensorSpec([None, None, None, 3], tf.uint8, "photo")
CHROMA = tf.TensorSpec([None, None, None, 2], tf.float32, "chroma")
STRENGTH = tf.TensorSpec([], tf.float32, "strength")
HEAT = tf.TensorSpec([], tf.float32, "temperature")


class Signature(NamedTuple):
    """A function to export.

    Attributes:
        call: From tensors to a dictionary of one tensor.
        signature: Names, shapes and dtypes of what it takes.
    """

    call: Callable[..., dict[str, Any]]
    signature: list[tf.TensorSpec]


def build_signatures(model: "keras.Model") -> dict[str, Signature]:
    """Make the functions that are exported of a network.

    They share `photo` `(batch, H, W, 3)` uint8 sRGB of any size, and two scalars: `strength`, the
    factor on the chroma, and `temperature`, at 0 or below for the network's regression, else that
    of the annealed mean of its classes. A network without classes has no `temperature`.

    Args:
        model: As `keras_predictor` takes it. TensorFlow is Keras's backend.

    Returns:
        `colorize`: `photo`, `strength`, `temperature` to `colorized`, photos in color.
        `chroma`: `photo`, `temperature` to `chroma` `(batch, h, w, 2)` ab of small copies.
        `recolor`: `photo`, `chroma`, `strength` to `colorized`; quick, without the network.
        `network`: `lightness` `(batch, H, W, 1)` L, `temperature` to `chroma` `(batch, H, W, 2)`.

    Raises:
        ValueError: If the model is not one.
    """
    network = _GraphNetwork(model)
    heat = [HEAT] if network.has_classes else []
    lightness = tf.TensorSpec(model.inputs[0].shape, tf.float32, "lightness")

    def join(photo: Any, chroma: Any, strength: Any) -> dict[str, Any]:
        return {"colorized": recolor(photo, chroma, strength)}

    def chroma(photo: Any, temperature: Any = 0.0) -> dict[str, Any]:
        frame = plan_resize(photo, network.input_size)
        answer = network(
            resize_and_pad(luminance_to_lightness(photo_luminance(photo)), frame), temperature
        )
        return {"chroma": unpad(answer, frame)}

    def colorize(photo: Any, strength: Any, temperature: Any = 0.0) -> dict[str, Any]:
        return join(photo, chroma(photo, temperature)["chroma"], strength)

    def answered(lightness: Any, temperature: Any = 0.0) -> dict[str, Any]:
        return {"chroma": network(lightness, temperature)}

    return {
        "colorize": Signature(colorize, [PHOTO, STRENGTH, *heat]),
        "chroma": Signature(chroma, [PHOTO, *heat]),
        "recolor": Signature(join, [PHOTO, CHROMA, STRENGTH]),
        "network": Signature(answered, [lightness, *heat]),
    }


class _GraphNetwork:
    def __init__(self, model: "keras.Model"):
        import keras

        self.input_size = keras_predictor(model).input_size
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
