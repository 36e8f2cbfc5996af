"""`inference.hints` as TensorFlow operations, and likely colors to choose from.

Only operations that ONNX has as well are used. Safe inside `tf.function`.
"""

from typing import Any, NamedTuple

import tensorflow as tf

from colorization.color.ab_bins import bin_centers
from colorization.color.srgb import D65, LAB_EPSILON, LAB_OFFSET, LAB_SLOPE, XYZ_FROM_RGB
from colorization.config import HINT_STRIDE
from colorization.export.tf_preprocess import Box, ResizePlan

# Row and column, pixels of the photo, and sRGB in 0 to 255.
HINTS = tf.TensorSpec([None, 5], tf.float32, "hints")
PALETTE = 8  # colors to choose from
DISTINCT = 22.0  # least distance of two of them, ab


class Hints(NamedTuple):
    """Hints for photos: `places` `(n, 2)` and `ab` `(n, 2)`, float32."""

    places: Any
    ab: Any


def parse_hints(hints: Any) -> Hints:
    """Convert the colors of `HINTS`."""
    encoded = hints[:, 2:] / 255
    curve = tf.pow((encoded + 0.055) / 1.055, 2.4)
    linear = tf.where(encoded > 0.04045, curve, encoded / 12.92)
    relative = tf.matmul(linear, tf.constant((XYZ_FROM_RGB.T / D65).astype("float32")))
    cube_root = tf.pow(tf.maximum(relative, 1e-9), 1 / 3)
    f = tf.where(relative > LAB_EPSILON, cube_root, LAB_SLOPE * relative + LAB_OFFSET)
    ab = tf.stack([500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)
    return Hints(hints[:, :2], ab)


def box_with_hints(box: Box, hints: Hints, shape: Any) -> Box:
    """Return the box, or the whole of photos of a shape if a hint lies outside it."""
    first = tf.cast(tf.stack([box.top, box.left]), tf.float32)
    end = tf.cast(tf.stack([box.bottom, box.right]), tf.float32)
    inside = tf.reduce_all((hints.places >= first) & (hints.places < end))
    return Box(
        tf.where(inside, box.top, 0),
        tf.where(inside, box.bottom, shape[1]),
        tf.where(inside, box.left, 0),
        tf.where(inside, box.right, shape[2]),
    )


def find_cells(hints: Hints, box: Box, plan: ResizePlan) -> Any:
    """Return the rows and columns `(n, 2)` int32 of hints on the grid of a network's input."""
    padded, resized = tf.stack(plan.padded), tf.stack([plan.height, plan.width])
    before = tf.cast((padded - resized) // 2, tf.float32)
    first = tf.cast(tf.stack([box.top, box.left]), tf.float32)
    size = tf.cast(tf.stack([box.bottom - box.top, box.right - box.left]), tf.float32)
    scale = tf.cast(resized, tf.float32) / size
    places = (hints.places - first + 0.5) * scale + before
    return tf.cast(tf.floor(places / HINT_STRIDE), tf.int32)


def place_on_grid(hints: Hints, cells: Any, plan: ResizePlan) -> Any:
    """Make the hints of a network's input, `(1, H / 4, W / 4, 3)`; the last of a cell counts."""
    height, width = (side // HINT_STRIDE for side in plan.padded)
    # No hint at all is one hint outside the grid: runtimes reduce no empty axis.
    index = tf.concat([[-1], cells[:, 0] * width + cells[:, 1]], axis=0)[:, None]
    ab = tf.concat([tf.zeros([1, 2]), hints.ab], axis=0)
    order = tf.range(1, tf.shape(index)[0] + 1)[:, None]
    top = tf.reduce_max(tf.where(index == tf.range(height * width)[None], order, 0), axis=0)
    given = tf.cast(top > 0, tf.float32)[:, None]
    colors = tf.gather(ab, tf.maximum(top - 1, 0)) * given
    return tf.reshape(tf.concat([colors, given], axis=1), tf.stack([1, height, width, 3]))


def likely_colors(logits: Any, cells: Any) -> Any:
    """Return `PALETTE` likely and distinct ab `(PALETTE, 2)` at the last hint, the likeliest first.

    Args:
        logits: Of the classes of photos, `(batch, H / 4, W / 4, 313)`; the first photo counts.
        cells: As `find_cells` returns them; without hints, the first cell is taken.
    """
    cell = tf.concat([[[0, 0]], cells], axis=0)[-1]
    centers = tf.constant(bin_centers())
    left = tf.nn.softmax(logits[0, cell[0], cell[1]])
    found = []
    for _ in range(PALETTE):
        color = tf.gather(centers, tf.argmax(left))
        found.append(color)
        near = tf.reduce_sum((centers - color) ** 2, axis=1) < DISTINCT**2
        left = tf.where(near, -1.0, left)
    return tf.stack(found)
