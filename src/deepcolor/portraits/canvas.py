"""A picture measured in heads, painted with soft-edged shapes that are functions of the place.

The head is centered on (0, 0) with the chin at v = 1; u grows to the right, v downward. A shape is
an array that is positive inside it and grows by about 1 per head. Colors are sRGB in [0, 1].
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[np.floating[Any]]


def rgb(red: float, green: float, blue: float) -> Array:
    """Return a color `(3,)` in [0, 1] from levels up to 255."""
    return np.array([red, green, blue]) / 255


class Canvas:
    """A picture being painted; `x` and `y` are places in picture heights from the top left."""

    def __init__(
        self, width: int, height: int, center: tuple[float, float], unit: float, angle: float
    ) -> None:
        rows, columns = np.mgrid[:height, :width] + 0.5
        self.x, self.y = columns / height, rows / height
        right, down = (columns - center[0]) / unit, (rows - center[1]) / unit
        self.u = right * np.cos(angle) + down * np.sin(angle)
        self.v = down * np.cos(angle) - right * np.sin(angle)
        self.edge = 1 / unit
        self.pixels = np.zeros((height, width, 3))

    def ellipse(self, u: float, v: float, width: float, height: float) -> Array:
        """Return the shape of an ellipse with these half axes."""
        radius = np.hypot((self.u - u) / width, (self.v - v) / height)
        return np.asarray((1 - radius) * min(width, height))

    def paint(
        self, shape: Array, color: Array, opacity: float = 1, soft: float = 0, shade: bool = False
    ) -> None:
        """Cover a shape with a color, or, with `shade`, multiply what is there by the color.

        The color is `(3,)` or `(height, width, 3)`; `soft` widens the edge, in heads.
        """
        cover = opacity * np.clip(0.5 + shape / (self.edge + soft), 0, 1)[..., None]
        self.pixels += cover * ((self.pixels * color if shade else color) - self.pixels)

    def noise(self, rng: np.random.Generator, cells: int, stretch: float = 1) -> Array:
        """Return smooth noise in about [-1, 1] with so many bumps per picture height."""
        height, width = self.x.shape
        grid = rng.uniform(-1, 1, (cells + 2, int(cells * width / height / stretch) + 2))
        bumps = Image.fromarray(grid.astype(np.float32))
        return np.asarray(bumps.resize((width, height), Image.Resampling.BICUBIC))
