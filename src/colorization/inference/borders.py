"""Borders around a photo: a mount, the paper of a print, the bed of a scanner.

A uniform border is no part of the scene: the network does not see it, and it gets no color.
"""

import math
from typing import Literal, NamedTuple

import numpy as np

UNIFORM = 3.0  # largest standard deviation of a line of a border, and difference of its mean; L
EDGE = 6.0  # smallest difference in L between a border and the photo, at an edge
EDGE_SHARE = 0.4  # share of a line in which the border ends there
NARROWEST = 2  # pixels of a reduced photo
WIDEST = 0.4  # share of a side
SAME = 8.0  # largest difference in L between the borders of opposite sides


class Box(NamedTuple):
    """What lies inside the borders of a photo, pixels: rows and columns, end excluded."""

    top: int
    bottom: int
    left: int
    right: int


def find_box(reduced: np.ndarray, shape: tuple[int, ...]) -> Box:
    """Find what lies inside the uniform border of a photo `(H, W, ...)`.

    A plain sky or backdrop is no border: a border ends along most of a straight line, and opposite
    sides have one of the same tone. Without a border the box is the whole photo.

    Args:
        reduced: The reduced photo, L `(h, w)` float32.
        shape: Of the photo.
    """
    top, bottom = _inside(reduced, shape[0])
    left, right = _inside(reduced.T, shape[1])
    return Box(top, bottom, left, right)


def _inside(lines: np.ndarray, length: int) -> tuple[int, int]:
    """Return where the border ends and begins again, in the photo's `length`, rounded inward."""
    (first, first_tone), (last, last_tone) = _border(lines), _border(lines[::-1])
    if not (first and last and abs(first_tone - last_tone) <= SAME):
        return 0, length
    scale = length / len(lines)
    return math.ceil(first * scale), length - math.ceil(last * scale)


def _border(lines: np.ndarray) -> tuple[int, float]:
    """Return how many of the first lines are a border, and their tone."""
    means, tone = lines.mean(axis=1), float(lines[0].mean())
    uniform = (lines.std(axis=1) <= UNIFORM) & (np.abs(means - tone) <= UNIFORM)
    width = int(np.cumprod(uniform).sum())
    beyond = lines[min(width + 1, len(lines) - 1)]  # the next line may hold a blurred edge
    edge = np.mean(np.abs(beyond - tone) >= EDGE) >= EDGE_SHARE
    return (width if NARROWEST <= width <= WIDEST * len(lines) and edge else 0), tone


def add_border(
    inside: np.ndarray, box: Box, shape: tuple[int, ...], mode: Literal["constant", "edge"]
) -> np.ndarray:
    """Put a border, 0 or as the edge, around a reduced box `(h, w, ...)` of a photo `(H, W, ...)`.

    The result is as much smaller than the photo as `inside` is than the box.
    """
    down = inside.shape[0] / (box.bottom - box.top)
    across = inside.shape[1] / (box.right - box.left)
    widths = [
        (round(box.top * down), round((shape[0] - box.bottom) * down)),
        (round(box.left * across), round((shape[1] - box.right) * across)),
        *[(0, 0)] * (inside.ndim - 2),
    ]
    return np.pad(inside, widths, mode=mode)
