"""Hints as a person gives them: the color of a place in the photo."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from colorization.color.srgb import D65, XYZ_FROM_RGB, lab_curve, srgb_to_linear
from colorization.config import HINT_STRIDE
from colorization.inference.borders import Box
from colorization.inference.preprocess import ResizePlan

MOST_HINTS = 500


class HintError(ValueError):
    """A hint cannot be followed; the message says why."""


def check_hints(hints: Iterable[Any], shape: tuple[int, ...]) -> np.ndarray:
    """Check the hints for a photo `(H, W, ...)`, and convert their colors.

    Args:
        hints: `(row, column, (r, g, b))` each: a pixel of the photo, and sRGB in 0 to 255.
        shape: Of the photo.

    Returns:
        `(hints, 4)` float32: row, column, a and b.

    Raises:
        HintError: If there are more than 500, a place is outside the photo, or a color is none.
    """
    hints = list(hints)
    if len(hints) > MOST_HINTS:
        raise HintError(f"`hints` must be at most {MOST_HINTS}, received {len(hints)}")
    return np.array([_checked(hint, shape) for hint in hints], np.float32).reshape(-1, 4)


def _checked(hint: Any, shape: tuple[int, ...]) -> tuple[float, ...]:
    try:
        row, column, color = hint
        rgb = np.array(color, np.float64)
        inside = 0 <= row < shape[0] and 0 <= column < shape[1]
    except (TypeError, ValueError):
        raise HintError(f"a hint must be (row, column, (r, g, b)), received {hint!r}") from None
    if not inside:
        raise HintError(
            f"a hint must lie in the photo of {shape[0]} rows and {shape[1]} columns, "
            f"received row {row}, column {column}"
        )
    if rgb.shape != (3,) or not ((rgb >= 0) & (rgb <= 255)).all():
        raise HintError(f"the color of a hint must be (r, g, b) in 0 to 255, received {color!r}")
    return row, column, *_chroma(rgb)


def _chroma(rgb: np.ndarray) -> tuple[float, float]:
    x, y, z = lab_curve(XYZ_FROM_RGB @ srgb_to_linear(rgb / 255) / D65)
    return 500 * (x - y), 200 * (y - z)


def all_inside(hints: np.ndarray, box: Box) -> bool:
    """Return whether checked hints lie within the borders of a photo."""
    rows, columns = hints[:, 0], hints[:, 1]
    below = (rows >= box.top) & (rows < box.bottom)
    return bool((below & (columns >= box.left) & (columns < box.right)).all())


def place_on_grid(hints: np.ndarray, box: Box, plan: ResizePlan) -> np.ndarray:
    """Put checked hints into the cells of a network's input; the last of a cell counts.

    Args:
        hints: As `check_hints` returns them.
        box: The part of the photo that the network sees; all hints lie in it.
        plan: How that part is resized.

    Returns:
        `(H / 4, W / 4, 3)` float32: a, b and 1 where there is a hint, or zeros.
    """
    height, width = plan.padded
    grid = np.zeros((height // HINT_STRIDE, width // HINT_STRIDE, 3), np.float32)
    scale = plan.height / (box.bottom - box.top), plan.width / (box.right - box.left)
    first = np.array([box.top, box.left])
    cells = ((hints[:, :2] - first + 0.5) * scale + (plan.top, plan.left)) // HINT_STRIDE
    for (row, column), ab in zip(cells.astype(int), hints[:, 2:], strict=True):
        grid[row, column] = *ab, 1
    return grid
