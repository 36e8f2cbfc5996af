"""The functions of a network that are exported."""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from colorization.config import HINT_GRID
from colorization.export.tf_color import recolor
from colorization.export.tf_hints import HINTS
from colorization.export.tf_predict import TensorNetwork

PHOTO = tf.TensorSpec([None, None, None, 3], tf.uint8, "photo")
CHROMA = tf.TensorSpec([None, None, None, 2], tf.float32, "chroma")
STRENGTH = tf.TensorSpec([], tf.float32, "strength")
TEMPERATURE = tf.TensorSpec([], tf.float32, "temperature")
FAST = tf.TensorSpec([], tf.float32, "fast")
KEPT = tf.TensorSpec([None], tf.float32, "kept")
GRID = tf.TensorSpec([None, None, None, 3], tf.float32, HINT_GRID)


class Signature(NamedTuple):
    """A function to export, from tensors to a dictionary of tensors."""

    call: Callable[..., dict[str, Any]]
    signature: list[tf.TensorSpec]


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
            A `fast` answer has `kept_maps` `(n,)` float32: given as `kept` with the same photo, and
            other hints, they save the time of the trunk. Without any, `kept` is empty.
        `recolor`: `photo`, `chroma`, `strength` to `colorized`; fast, without the network.
        `network`: `lightness` `(batch, H, W, 1)` L, `temperature`, `hint_grid` as `add_hints` takes
            it, to `chroma` `(batch, H, W, 2)`.
    """
    network = TensorNetwork(model)
    classes = [TEMPERATURE] if network.heads.has_classes else []
    hints, kept, grid = ([HINTS], [KEPT], [GRID]) if network.takes_hints else ([], [], [])
    lightness = tf.TensorSpec(model.inputs[0].shape, tf.float32, "lightness")

    def join(photo: Any, chroma: Any, strength: Any) -> dict[str, Any]:
        return {"colorized": recolor(photo, chroma, strength)}

    def chroma(
        photo: Any, fast: Any, temperature: Any = 0.0, hints: Any = None, kept: Any = None
    ) -> dict[str, Any]:
        return network.chroma(photo, fast, temperature, hints, kept)

    def colorize(
        photo: Any, strength: Any, temperature: Any = 0.0, hints: Any = None
    ) -> dict[str, Any]:
        return join(photo, chroma(photo, 0.0, temperature, hints)["chroma"], strength)

    def predict(lightness: Any, temperature: Any = 0.0, hint_grid: Any = None) -> dict[str, Any]:
        return {"chroma": network.predict(lightness, temperature, hint_grid).ab}

    return {
        "colorize": Signature(colorize, [PHOTO, STRENGTH, *classes, *hints]),
        "chroma": Signature(chroma, [PHOTO, FAST, *classes, *hints, *kept]),
        "recolor": Signature(join, [PHOTO, CHROMA, STRENGTH]),
        "network": Signature(predict, [lightness, *classes, *grid]),
    }
