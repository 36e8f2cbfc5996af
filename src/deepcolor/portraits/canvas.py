"""A canvas measured in heads: shapes come in face units and land in pixels, antialiased.

In face units the head is centerd on (0, 0), the chin is at v = +1, u grows to the right and v
downward, so a portrait is drawn once and framed anyhow. Colors are `(3,)` float in [0, 1], sRGB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Array = npt.NDArray[np.floating[Any]]
Paint = Callable[[Array, Array], Array]

_SUPERSAMPLING = 3


@dataclass(frozen=True)
class Frame:
    """Where the head stands in the picture, in pixels; `angle` in radians."""

    width: int
    height: int
    center: tuple[float, float]
    unit: float
    angle: float = 0.0


def rgb(red: float, green: float, blue: float) -> Array:
    """Turn sRGB levels, 0 to 255, into a color of this module: `(3,)` in [0, 1]."""
    return np.array([red, green, blue], np.float32) / 255


def mirrored(right: list[tuple[float, float]]) -> Array:
    """Close the right half of an outline, listed from top to bottom, with its reflection."""
    half = np.array(right)
    return np.concatenate([half, half[::-1] * (-1, 1)])


def shifted(shape: Array, right: float, down: float) -> Array:
    """Move `(n, 2)` points by so many face units."""
    return np.asarray(shape + np.array([right, down]))


def curve(points: Array | list[tuple[float, float]], closed: bool = True, steps: int = 6) -> Array:
    """Thread a Catmull-Rom spline through points.

    Args:
        points: `(n, 2)`, in any unit.
        closed: whether the last point joins the first.
        steps: points drawn for each one given.

    Returns:
        `(n * steps, 2)` float; an open curve has one given point less.
    """
    p = np.asarray(points, float)
    p = np.vstack([p[-1], p, p[:2]]) if closed else np.vstack([p[0], p, p[-1]])
    t = np.linspace(0, 1, steps, endpoint=not closed)[:, None, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    line = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.asarray(line.transpose(1, 0, 2).reshape(-1, 2))


def ellipse(u: float, v: float, radius_u: float, radius_v: float | None = None) -> Array:
    """Outline an ellipse, `(28, 2)` in face units; a circle if only one radius is given."""
    t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    radius_v = radius_u if radius_v is None else radius_v
    return np.stack([u + radius_u * np.cos(t), v + radius_v * np.sin(t)], axis=1)


class Canvas:
    """A picture under way.

    Attributes:
        pixels: `(height, width, 3)` float32, sRGB, [0, 1] but for overshoots.
        u, v: `(height, width)` float32, each pixel's place in face units.
        x, y: the same in picture heights, from the top left corner.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        rows, columns = np.mgrid[: frame.height, : frame.width].astype(np.float32)
        self.x, self.y = columns / frame.height, rows / frame.height
        cos, sin = np.cos(frame.angle) / frame.unit, np.sin(frame.angle) / frame.unit
        right, down = columns + 0.5 - frame.center[0], rows + 0.5 - frame.center[1]
        self.u = (right * cos + down * sin).astype(np.float32)
        self.v = (down * cos - right * sin).astype(np.float32)
        self.pixels = np.zeros((frame.height, frame.width, 3), np.float32)

    def paint(
        self,
        shape: Array,
        color: Array | Paint,
        *,
        opacity: float = 1.0,
        soft: float = 0.0,
        stroke: float = 0.0,
        within: Array | None = None,
        multiply: bool = False,
    ) -> None:
        """Lay a color over a shape.

        Args:
            shape: `(n, 2)` outline in face units.
            color: `(3,)`, or a function of the (u, v) of the pixels under the shape that returns
                their `(h, w, 3)`.
            opacity: [0, 1].
            soft: blur of the edge, in face units.
            stroke: width of a line to draw along `shape`; 0 fills it.
            within: a second outline that clips the first.
            multiply: darken or tint what lies below by `color` instead of hiding it.
        """
        window = self._window(shape, soft + stroke)
        if window is None:
            return
        rows, columns = window
        alpha = self._mask(shape, window, soft, stroke)
        if within is not None:
            alpha = alpha * self._mask(within, window, 0, 0)
        below = self.pixels[rows, columns]
        over = color(self.u[window], self.v[window]) if callable(color) else color
        below += (opacity * alpha)[..., None] * ((below * over if multiply else over) - below)

    def _window(self, shape: Array, margin: float) -> tuple[slice, slice] | None:
        place = self._to_pixels(shape)
        low = np.maximum(np.floor(place.min(0) - 2 * margin * self.frame.unit - 1), 0).astype(int)
        high = np.ceil(place.max(0) + 2 * margin * self.frame.unit + 1).astype(int)
        right, bottom = np.minimum(high, (self.frame.width, self.frame.height))
        if right <= low[0] or bottom <= low[1]:
            return None
        return slice(int(low[1]), int(bottom)), slice(int(low[0]), int(right))

    def _to_pixels(self, shape: Array) -> Array:
        cos, sin = np.cos(self.frame.angle), np.sin(self.frame.angle)
        turned = shape @ np.array([[cos, sin], [-sin, cos]])
        return np.asarray(turned * self.frame.unit + np.array(self.frame.center))

    def _mask(self, shape: Array, window: tuple[slice, slice], soft: float, stroke: float) -> Array:
        rows, columns = window
        # A blurred edge hides the stairs by itself: supersample sharp ones only.
        scale = 1 if soft * self.frame.unit > 1 else _SUPERSAMPLING
        place = (self._to_pixels(shape) - (columns.start, rows.start)) * scale
        size = (columns.stop - columns.start) * scale, (rows.stop - rows.start) * scale
        image = Image.new("L", size)
        draw, outline = ImageDraw.Draw(image), place.ravel().tolist()
        if stroke:
            draw.line(outline, 255, max(1, round(stroke * self.frame.unit * scale)), "curve")
        else:
            draw.polygon(outline, 255)
        image = image.reduce(scale) if scale > 1 else image
        if soft:
            image = image.filter(ImageFilter.GaussianBlur(soft * self.frame.unit))
        return np.asarray(image, np.float32) / 255

    def noise(self, rng: np.random.Generator, cells: int, stretch: float = 1) -> Array:
        """Draw smooth noise over the picture.

        Args:
            rng: where the randomness comes from.
            cells: bumps per picture height.
            stretch: how much wider than high the bumps are.

        Returns:
            `(height, width)` float32, about [-1, 1].
        """
        ratio = self.frame.width / self.frame.height
        across = int(cells * ratio / stretch) + 2
        grid = rng.uniform(-1, 1, (cells + 2, across)).astype(np.float32)
        size = self.frame.width, self.frame.height
        return np.asarray(Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC))
