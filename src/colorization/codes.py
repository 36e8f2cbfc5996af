"""8-bit Lab codes of 8-bit RGB, exact: each of the 16.7 million colours is converted once.

A code is `round(L * 255 / 100)`, `round(a + 128)`, `round(b + 128)`. Looking codes up in a table of
all colours is ten times as fast as converting pixel by pixel, and as exact as the table: it is
computed in double precision by the formulas of `skimage.color.rgb2lab`.
"""

from functools import cache

import numpy as np
from skimage.color.colorconv import xyz_from_rgb

from colorization.lab import D65

COLOURS = 1 << 24
AT_ONCE = 1 << 17  # pixels that are looked up at once: their numbers stay in a core's cache


@cache
def code_table() -> np.ndarray:
    """Return the codes of every colour; computed once, in half a second.

    Returns:
        `(2**24,)` int32, by `R + 256 * G + 65536 * B`. Its bytes, lowest first, are the code of L,
        zero, the code of a, the code of b.
    """
    levels = np.arange(256) / 255
    linear = np.where(levels > 0.04045, ((levels + 0.055) / 1.055) ** 2.4, levels / 12.92)
    red, green, blue = (linear[:, None] * row for row in xyz_from_rgb.T / np.array(D65))
    plane = green[:, None] + red[None, :]
    return np.concatenate([_packed(plane + xyz).ravel() for xyz in blue])


def _packed(xyz: np.ndarray) -> np.ndarray:
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    lightness = np.rint((116 * f[..., 1] - 16) * 2.55).astype(np.int32)
    a = np.rint(500 * (f[..., 0] - f[..., 1]) + 128).astype(np.int32)
    b = np.rint(200 * (f[..., 1] - f[..., 2]) + 128).astype(np.int32)
    return lightness | a << 16 | b << 24


class Encoder:
    """Turns square RGB images into codes, many at a time. Not for use by several threads at once.

    Args:
        size: Side of the images, pixels.
    """

    def __init__(self, size: int):
        self.table = code_table()
        self.images = max(1, AT_ONCE // size**2)
        # Kept from call to call: fresh memory would cost as much as the look-up itself.
        self.colours = np.empty(self.images * size**2, np.int64)
        self.packed = np.empty((self.images, size**2), np.int32)

    def encode(self, rgb: np.ndarray) -> np.ndarray:
        """Look the codes of images up.

        Args:
            rgb: `(n, size, size, 3)` uint8, contiguous, `n` at most `images`.

        Returns:
            `(n, size * size)` int32 as in `code_table`; overwritten by the next call.
        """
        packed = self.packed[: len(rgb)]
        colours = self.colours[: packed.size]
        # A colour and the first byte of the next one, read as one number: no channel is copied.
        overlapping = np.ndarray(packed.size - 1, "<u4", rgb, strides=(3,))
        np.bitwise_and(overlapping, COLOURS - 1, out=colours[:-1], casting="unsafe")
        colours[-1] = rgb[-1, -1, -1] @ np.array([1, 1 << 8, 1 << 16])
        np.take(self.table, colours, out=packed.reshape(-1), mode="clip")
        return packed


def lightness_of(packed: np.ndarray) -> np.ndarray:
    """Return the codes of L: `(..., n)` uint8 of `(..., n)` packed int32."""
    return packed.view(np.uint8)[..., ::4]


def chroma_of(packed: np.ndarray) -> np.ndarray:
    """Return the codes of a and b: `(..., n)` uint16 `a + 256 * b` of `(..., n)` packed int32."""
    return packed.view(np.uint16)[..., 1::2]
