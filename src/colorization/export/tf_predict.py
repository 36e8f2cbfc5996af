"""`inference.colorize` as TensorFlow operations: from photos to chroma, by a network.

Only operations that ONNX has as well are used. Safe inside `tf.function`.
"""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from colorization.color.soft_encoding import TEMPERATURE, annealed_mean
from colorization.config import HINT_STRIDE
from colorization.export.tf_color import luminance_to_lightness, photo_luminance
from colorization.export.tf_hints import (
    Hints,
    box_with_hints,
    find_cells,
    likely_colors,
    parse_hints,
    place_on_grid,
)
from colorization.export.tf_kept_maps import (
    flatten_maps,
    map_shapes,
    maps_of_place,
    see_photo,
)
from colorization.export.tf_preprocess import (
    Box,
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
from colorization.models.hint_decoder import FEATURES, split_hints

FEWEST_CELLS = MULTIPLE // HINT_STRIDE  # sides of the smallest grid


class Request(NamedTuple):
    """What is asked of a network for the part of photos within a box; tensors, see `chroma`."""

    box: Box
    hints: Hints
    temperature: Any
    fast: Any
    kept: Any


class Prediction(NamedTuple):
    """What a network predicts of lightness `(batch, H, W, 1)`.

    `bins` are logits, None without classes; `maps`, what `split_hints` splits, if it takes hints.
    """

    ab: Any
    bins: Any
    maps: list[Any]


class TensorNetwork:
    """A network, built or loaded, as functions of tensors."""

    def __init__(self, model: keras.Model):
        self.heads = Heads.of(model)
        self.takes_hints = takes_hints(model)
        self._model = model
        self._split = split_hints(model) if self.takes_hints else None
        self._plain = keras.Model(self.heads.model.inputs[0], self.heads.tensors)

    def predict(self, lightness: Any, temperature: Any, grid: Any, kept: Any = None) -> Prediction:
        """Predict colors of L `(batch, H, W, 1)` of an input's size.

        `grid` are hints `(batch, H / 4, W / 4, 3)`, or None for a network that takes none. `kept`
        are the maps of an earlier prediction of the same L, flat, or empty; None for neither.
        """
        maps: list[Any] = []
        if self._split is None:
            outputs = self._plain(lightness, training=False)
        else:
            trunk, branch = self._split
            maps = see_photo(trunk, lightness, kept)
            outputs = self._follow(branch, maps, grid)
        ab = _select(self.heads, outputs, temperature, tf.shape(lightness)[1:3])
        return Prediction(ab, outputs.get("bins"), maps)

    def _follow(self, branch: keras.Model, maps: list[Any], grid: Any) -> dict[str, Any]:
        bins, chroma, *maps = maps
        # The branch takes as long as the trunk. Without hints its correction is zero: it runs on
        # the smallest grid.
        size = tf.shape(grid)[1:3]
        used = tf.where(tf.reduce_sum(grid[..., 2]) > 0, size, FEWEST_CELLS)
        strides = [HINT_STRIDE, *FEATURES, HINT_STRIDE]
        parts = [
            part[:, : used[0] * HINT_STRIDE // stride, : used[1] * HINT_STRIDE // stride]
            for part, stride in zip([chroma, *maps, grid], strides, strict=True)
        ]
        correction = branch(parts, training=False)
        left = size - used
        corrected = chroma + tf.pad(correction, [[0, 0], [0, left[0]], [0, left[1]], [0, 0]])
        full_size, scale = self._model.get_layer("ab_full_size"), self._model.get_layer("ab")
        return {"ab": scale(full_size(corrected)), "bins": bins}

    def chroma(
        self, photo: Any, fast: Any, temperature: Any, hints: Any, kept: Any = None
    ) -> dict[str, Any]:
        """Predict chroma of photos `(batch, H, W, 3)` uint8, as `build_signatures` describes it."""
        fast = tf.convert_to_tensor(fast, tf.float32)
        lightness = luminance_to_lightness(photo_luminance(photo))
        given = parse_hints(tf.zeros([0, 5]) if hints is None else hints)
        *smaller, side = self._sides(fast)
        whole = reduce_photos(lightness, self._plan(lightness, side))
        box = find_box(whole, tf.shape(lightness))
        if self.takes_hints:
            box = box_with_hints(box, given, tf.shape(lightness))
        inside = lightness[:, box.top : box.bottom, box.left : box.right]
        plan = self._plan(inside, side)
        # Reducing a large photo takes time: without a border it is not done again.
        unchanged = tf.size(inside) == tf.size(lightness)
        reduced = tf.cond(unchanged, lambda: whole, lambda: reduce_photos(inside, plan))
        place = tf.cast(tf.stack(box), tf.float32)
        request = Request(box, given, temperature, fast, maps_of_place(kept, place))
        ab, bins, maps = self._average(reduced, plan, request)
        for size in smaller:
            other = self._plan(inside, size)
            unused = None if kept is None else self._unused_maps(other, tf.shape(photo)[0], fast)
            more = self._average(reduce_photos(inside, other), other, request._replace(kept=unused))
            ab = _mean_unless(fast, ab, _resize_chroma(more.ab, plan))
        found = {"chroma": add_border(ab, box, tf.shape(photo))}
        if self.takes_hints:
            found["palette"] = likely_colors(bins, find_cells(given, box, plan))
        if kept is not None:
            found["kept_maps"] = tf.cond(
                fast > 0, lambda: flatten_maps(place, maps), lambda: tf.zeros([0])
            )
        return found

    def _unused_maps(self, plan: ResizePlan, count: Any, fast: Any) -> Any:
        # `fast` needs no answer for the smaller copy: with these maps the trunk need not run.
        if self._split is None:
            return None
        sizes = [tf.reduce_prod(shape) for shape in map_shapes(self._split[0], count, *plan.padded)]
        return tf.zeros([tf.where(fast > 0, sum(sizes), 0)])

    def _plan(self, photo: Any, side: Any) -> ResizePlan:
        return plan_resize(photo, self.heads.input_size, side)

    def _sides(self, fast: Any) -> list[Any]:
        # Of the copies that the network sees. One that is bound to a size is shown the photo once.
        # With `fast`, the smaller copy is not used: it is as small as possible.
        if self.heads.input_size is not None:
            return [WORKING_SIDE]
        return [
            tf.where(fast > 0, tf.constant(once, tf.float64), tf.constant(usual, tf.float64))
            for once, usual in zip((MULTIPLE, WORKING_SIDE), TTA_SIDES, strict=True)
        ]

    def _average(self, reduced: Any, plan: ResizePlan, request: Request) -> Prediction:
        """Average predictions for reduced photos and, unless fast, their mirror images."""
        shown = stretch_and_pad(reduced, plan)
        count = tf.shape(shown)[0]
        used = tf.where(request.fast > 0, count, 2 * count)

        def both(images: Any) -> Any:
            return tf.concat([images, images[:, :, ::-1]], axis=0)[:used]

        grid = None
        if self.takes_hints:
            cells = find_cells(request.hints, request.box, plan)
            grid = place_on_grid(request.hints, cells, plan)
            grid = both(tf.tile(grid, tf.stack([count, 1, 1, 1])))
        found = self.predict(both(shown), request.temperature, grid, request.kept)
        straight, mirrored = found.ab[:count], found.ab[used - count :, :, ::-1]
        ab = _mean_unless(request.fast, straight, mirrored)
        return found._replace(ab=unpad(ab, plan))


def _mean_unless(fast: Any, ab: Any, other: Any) -> Any:
    return tf.cond(fast > 0, lambda: ab, lambda: (ab + other) / 2)


def _resize_chroma(chroma: Any, plan: ResizePlan) -> Any:
    planes = [resize_planes(ab, plan.height, plan.width) for ab in tf.unstack(chroma, axis=-1)]
    return tf.stack(planes, axis=-1)


def _select(heads: Heads, outputs: dict[str, Any], temperature: Any, size: Any) -> Any:
    # `Heads.select`, for a temperature that is known only when the graph runs.
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
