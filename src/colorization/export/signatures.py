"""The functions of a network that are exported."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from colorization.color.soft_encoding import TEMPERATURE, annealed_mean
from colorization.config import HINT_STRIDE
from colorization.export.tf_color import luminance_to_lightness, photo_luminance, recolor
from colorization.export.tf_hints import (
    HINTS,
    box_with_hints,
    find_cells,
    likely_colors,
    parse_hints,
    place_on_grid,
)
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
from colorization.inference.preprocess import MULTIPLE, WORKING_SIDE
from colorization.models import Heads, takes_hints

PHOTO = tf.TensorSpec([None, None, None, 3], tf.uint8, "photo")
CHROMA = tf.TensorSpec([None, None, None, 2], tf.float32, "chroma")
STRENGTH = tf.TensorSpec([], tf.float32, "strength")
TEMPERATURE_SPEC = tf.TensorSpec([], tf.float32, "temperature")
FAST = tf.TensorSpec([], tf.float32, "fast")
GRID = tf.TensorSpec([None, None, None, 3], tf.float32, "hint_grid")


class Signature(NamedTuple):
    """A function to export, from tensors to a dictionary of tensors."""

    call: Callable[..., dict[str, Any]]
    signature: list[tf.TensorSpec]


class Prediction(NamedTuple):
    """Predicted ab `(batch, H, W, 2)`, and logits of the classes, None without them."""

    ab: Any
    bins: Any


Predict = Callable[[Any, Any, Any], Prediction]  # of lightness, temperature and the hints' grid


def build_signatures(model: keras.Model) -> dict[str, Signature]:
    """Make the functions that are exported from a network, built or loaded.

    They share `photo` `(batch, H, W, 3)` uint8 sRGB of any size, and float32 inputs: `strength`,
    the factor on the chroma; `temperature`, above 0 for the annealed mean of the classes, otherwise
    as None in `coloriser`; `fast`, above 0 to predict once; `hints` `(n, 5)`, row, column and
    sRGB in 0 to 255 of each, for all photos of a batch. Without classes there is no `temperature`.
    If the network takes no hints, there are none; hints change the regression only.

    Returns:
        `colorize`: `photo`, `strength`, `temperature`, `hints` to `colorized`, photos in color.
        `chroma`: `photo`, `fast`, `temperature`, `hints` to `chroma` `(batch, h, w, 2)`, ab of
            reduced copies, and, with hints, `palette` `(8, 2)`, likely ab where the last one is.
        `recolor`: `photo`, `chroma`, `strength` to `colorized`; fast, without the network.
        `network`: `lightness` `(batch, H, W, 1)` L, `temperature`, `hint_grid` as `add_hints` takes
            it, to `chroma` `(batch, H, W, 2)`.
    """
    heads, hinted = Heads.of(model), takes_hints(model)
    predict = _predict_function(model, heads)
    classes = [TEMPERATURE_SPEC] if heads.has_classes else []
    known = [HINTS] if hinted else []
    lightness_spec = tf.TensorSpec(model.inputs[0].shape, tf.float32, "lightness")

    def join(photo: Any, chroma: Any, strength: Any) -> dict[str, Any]:
        return {"colorized": recolor(photo, chroma, strength)}

    def chroma(photo: Any, fast: Any, temperature: Any = 0.0, hints: Any = None) -> dict[str, Any]:
        given = parse_hints(tf.zeros([0, 5]) if hints is None else hints)
        lightness = luminance_to_lightness(photo_luminance(photo))
        *smaller, side = _sides(heads, fast)
        whole = reduce_photos(lightness, plan_resize(lightness, heads.input_size, side))
        box = find_box(whole, tf.shape(lightness))
        if hinted:
            box = box_with_hints(box, given, tf.shape(lightness))
        inside = lightness[:, box.top : box.bottom, box.left : box.right]
        plan = plan_resize(inside, heads.input_size, side)
        # Reducing a large photo takes time: without a border it is not done again.
        unchanged = tf.size(inside) == tf.size(lightness)
        reduced = tf.cond(unchanged, lambda: whole, lambda: reduce_photos(inside, plan))

        def look(shown: Any, plan: ResizePlan) -> Prediction:
            grid = place_on_grid(given, find_cells(given, box, plan), plan) if hinted else None
            return _predict_mirrored(predict, shown, plan, temperature, grid, fast)

        first = look(reduced, plan)
        ab = first.ab
        for size in smaller:
            smaller_plan = plan_resize(inside, heads.input_size, size)
            other = look(reduce_photos(inside, smaller_plan), smaller_plan).ab
            ab = tf.where(fast > 0, ab, (ab + _resize_chroma(other, plan)) / 2)
        found = {"chroma": add_border(ab, box, tf.shape(photo))}
        if hinted:
            found["palette"] = likely_colors(first.bins, find_cells(given, box, plan))
        return found

    def colorize(
        photo: Any, strength: Any, temperature: Any = 0.0, hints: Any = None
    ) -> dict[str, Any]:
        return join(photo, chroma(photo, 0.0, temperature, hints)["chroma"], strength)

    def network(lightness: Any, temperature: Any = 0.0, hint_grid: Any = None) -> dict[str, Any]:
        return {"chroma": predict(lightness, temperature, hint_grid).ab}

    return {
        "colorize": Signature(colorize, [PHOTO, STRENGTH, *classes, *known]),
        "chroma": Signature(chroma, [PHOTO, FAST, *classes, *known]),
        "recolor": Signature(join, [PHOTO, CHROMA, STRENGTH]),
        "network": Signature(network, [lightness_spec, *classes, *([GRID] if hinted else [])]),
    }


def _sides(heads: Heads, fast: Any) -> list[Any]:
    # Of the copies that the network sees. One that is bound to a size is shown the photo once. With
    # `fast`, the answer for the smaller copy is not used: it is as small as possible.
    if heads.input_size is not None:
        return [WORKING_SIDE]
    once = (MULTIPLE, WORKING_SIDE)
    return [
        tf.where(fast > 0, tf.constant(single, tf.float64), tf.constant(usual, tf.float64))
        for single, usual in zip(once, TTA_SIDES, strict=True)
    ]


def _predict_mirrored(
    predict: Predict, reduced: Any, plan: ResizePlan, temperature: Any, grid: Any, fast: Any
) -> Prediction:
    """Average the predictions for reduced photos and, unless `fast`, their mirror images."""
    shown = stretch_and_pad(reduced, plan)
    count = tf.shape(shown)[0]
    used = tf.where(fast > 0, count, 2 * count)

    def both(images: Any) -> Any:
        return tf.concat([images, images[:, :, ::-1]], axis=0)[:used]

    hints = None if grid is None else both(tf.tile(grid, tf.stack([count, 1, 1, 1])))
    ab, bins = predict(both(shown), temperature, hints)
    straight, mirrored = ab[:count], ab[used - count :, :, ::-1]
    ab = tf.where(fast > 0, straight, (straight + mirrored) / 2)
    return Prediction(unpad(ab, plan), bins)


def _resize_chroma(chroma: Any, plan: ResizePlan) -> Any:
    planes = [resize_planes(ab, plan.height, plan.width) for ab in tf.unstack(chroma, axis=-1)]
    return tf.stack(planes, axis=-1)


def _predict_function(model: keras.Model, heads: Heads) -> Predict:
    # `Heads.select`, for a temperature that is known only when the graph runs.
    hinted = takes_hints(model)
    network = model if hinted else keras.Model(heads.model.inputs[0], heads.tensors)

    def predict(lightness: Any, temperature: Any, grid: Any) -> Prediction:
        if hinted and grid is None:
            grid = _no_hints(lightness)
        outputs = network([lightness, grid] if hinted else lightness, training=False)
        bins = outputs.get("bins")
        return Prediction(_select(heads, outputs, temperature, tf.shape(lightness)[1:3]), bins)

    return predict


def _no_hints(lightness: Any) -> Any:
    batch, height, width = (tf.shape(lightness)[axis] for axis in range(3))
    return tf.zeros(tf.stack([batch, height // HINT_STRIDE, width // HINT_STRIDE, 3]))


def _select(heads: Heads, outputs: dict[str, Any], temperature: Any, size: Any) -> Any:
    if not heads.has_classes:
        return outputs["ab"]
    temperature = tf.convert_to_tensor(temperature)
    if not heads.has_regression:
        temperature = tf.where(temperature > 0, temperature, TEMPERATURE)
        return _decode(outputs["bins"], temperature, size)
    return tf.cond(
        temperature > 0,
        lambda: _decode(outputs["bins"], temperature, size),
        lambda: outputs["ab"],
    )


def _decode(logits: Any, temperature: Any, size: Any) -> Any:
    return tf.image.resize(annealed_mean(logits, temperature), size, "bilinear")
