"""The functions of a network that are exported."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from colorization.color.soft_encoding import TEMPERATURE, annealed_mean
from colorization.export.tf_color import luminance_to_lightness, photo_luminance, recolor
from colorization.export.tf_preprocess import (
    ResizePlan,
    add_border,
    find_box,
    plan_resize,
    reduce_photos,
    resize_planes,
    stretch_and_pad,
    unpad,
)
from colorization.inference.colorize import TTA_SIDES
from colorization.models import Heads

PHOTO = tf.TensorSpec([None, None, None, 3], tf.uint8, "photo")
CHROMA = tf.TensorSpec([None, None, None, 2], tf.float32, "chroma")
STRENGTH = tf.TensorSpec([], tf.float32, "strength")
TEMPERATURE_SPEC = tf.TensorSpec([], tf.float32, "temperature")


class Signature(NamedTuple):
    """A function to export, from tensors to a dictionary of one tensor."""

    call: Callable[..., dict[str, Any]]
    signature: list[tf.TensorSpec]


def build_signatures(model: keras.Model) -> dict[str, Signature]:
    """Make the functions that are exported from a network, built or loaded.

    They share `photo` `(batch, H, W, 3)` uint8 sRGB of any size, and two scalars: `strength`, the
    factor on the chroma, and `temperature`, above 0 for the annealed mean of the classes, otherwise
    as None in `coloriser`. Without classes there is no `temperature`.

    Returns:
        `colorize`: `photo`, `strength`, `temperature` to `colorized`, photos in color.
        `chroma`: `photo`, `temperature` to `chroma` `(batch, h, w, 2)`, ab of reduced copies, with
            test-time augmentation.
        `recolor`: `photo`, `chroma`, `strength` to `colorized`; fast, without the network.
        `network`: `lightness` `(batch, H, W, 1)` L, `temperature` to `chroma` `(batch, H, W, 2)`.
    """
    heads = Heads.of(model)
    predict = _chroma_function(heads)
    optional = [TEMPERATURE_SPEC] if heads.has_classes else []
    lightness_spec = tf.TensorSpec(model.inputs[0].shape, tf.float32, "lightness")

    def join(photo: Any, chroma: Any, strength: Any) -> dict[str, Any]:
        return {"colorized": recolor(photo, chroma, strength)}

    def chroma(photo: Any, temperature: Any = 0.0) -> dict[str, Any]:
        lightness = luminance_to_lightness(photo_luminance(photo))
        # A network that is bound to a size is shown the photo once.
        *smaller, side = TTA_SIDES if heads.input_size is None else TTA_SIDES[-1:]
        whole = reduce_photos(lightness, plan_resize(lightness, heads.input_size, side))
        box = find_box(whole, tf.shape(lightness))
        inside = lightness[:, box.top : box.bottom, box.left : box.right]
        plan = plan_resize(inside, heads.input_size, side)
        # Reducing a large photo takes time: without a border it is not done again.
        unchanged = tf.size(inside) == tf.size(lightness)
        reduced = tf.cond(unchanged, lambda: whole, lambda: reduce_photos(inside, plan))
        found = [_predict_mirrored(predict, reduced, plan, temperature)]
        for size in smaller:
            look = plan_resize(inside, heads.input_size, size)
            ab = _predict_mirrored(predict, reduce_photos(inside, look), look, temperature)
            found.append(_resize_chroma(ab, plan))
        return {"chroma": add_border(tf.add_n(found) / len(found), box, tf.shape(photo))}

    def colorize(photo: Any, strength: Any, temperature: Any = 0.0) -> dict[str, Any]:
        return join(photo, chroma(photo, temperature)["chroma"], strength)

    def network(lightness: Any, temperature: Any = 0.0) -> dict[str, Any]:
        return {"chroma": predict(lightness, temperature)}

    return {
        "colorize": Signature(colorize, [PHOTO, STRENGTH, *optional]),
        "chroma": Signature(chroma, [PHOTO, *optional]),
        "recolor": Signature(join, [PHOTO, CHROMA, STRENGTH]),
        "network": Signature(network, [lightness_spec, *optional]),
    }


def _predict_mirrored(
    predict: Callable[[Any, Any], Any], reduced: Any, plan: ResizePlan, temperature: Any
) -> Any:
    """Average the predictions for reduced photos and their mirror images."""
    shown = stretch_and_pad(reduced, plan)
    straight, mirrored = tf.split(
        predict(tf.concat([shown, shown[:, :, ::-1]], axis=0), temperature), 2
    )
    return unpad((straight + mirrored[:, :, ::-1]) / 2, plan)


def _resize_chroma(chroma: Any, plan: ResizePlan) -> Any:
    planes = [resize_planes(ab, plan.height, plan.width) for ab in tf.unstack(chroma, axis=-1)]
    return tf.stack(planes, axis=-1)


def _chroma_function(heads: Heads) -> Callable[[Any, Any], Any]:
    # `Heads.select`, for a temperature that is known only when the graph runs.
    model = keras.Model(heads.model.inputs[0], heads.tensors)

    def predict(lightness: Any, temperature: Any) -> Any:
        outputs = model(lightness, training=False)
        if not heads.has_classes:
            return outputs["ab"]
        size = tf.shape(lightness)[1:3]
        temperature = tf.convert_to_tensor(temperature)
        if not heads.has_regression:
            temperature = tf.where(temperature > 0, temperature, TEMPERATURE)
            return _decode(outputs["bins"], temperature, size)
        return tf.cond(
            temperature > 0,
            lambda: _decode(outputs["bins"], temperature, size),
            lambda: outputs["ab"],
        )

    return predict


def _decode(logits: Any, temperature: Any, size: Any) -> Any:
    return tf.image.resize(annealed_mean(logits, temperature), size, "bilinear")
