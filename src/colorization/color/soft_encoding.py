"""Chroma as a distribution over the 313 bins, and back (Zhang et al. 2016, section 2).

Tensors may be of any Keras backend. The 65,536 codes are encoded once and then looked up.
"""

import functools
from typing import Any, NamedTuple

import numpy as np
from keras import ops

from colorization.color.ab_bins import bin_centers, bin_prior, rebalancing_weights, smooth_prior

# As in the paper; the released code uses 10 bins, which decode to the same colors.
NUM_NEIGHBORS = 5
SIGMA = 5.0
TEMPERATURE = 0.38


class SoftEncoding(NamedTuple):
    """Distributions over a few bins each, the nearest bin first."""

    bins: Any  # `(..., neighbors)` integer indices into `bin_centers()`
    weights: Any  # `(..., neighbors)` float32, sum 1


@functools.cache
def soft_encoding_table(neighbors: int = NUM_NEIGHBORS, sigma: float = SIGMA) -> SoftEncoding:
    """Return the nearest bins of every 8-bit chroma, weighted by a Gaussian of their distance.

    Arrays are `(65536, neighbors)` int16 and float32, read-only, by `(a + 128) * 256 + b + 128`.
    `sigma` is in ab units. Of bins at the same distance, the first in `bin_centers()` is taken.
    """
    if not 1 <= neighbors <= len(bin_centers()) or sigma <= 0:
        raise ValueError(
            f"`neighbors` must be in [1, {len(bin_centers())}] and `sigma` above 0, "
            f"received {neighbors} and {sigma}"
        )
    parts = [_nearest(np.arange(a, a + 32), neighbors) for a in range(-128, 128, 32)]
    bins, squares = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    # Relative to the nearest, so that colors far from any bin do not underflow to 0 / 0.
    weights = np.exp((squares[:, :1] - squares) / (2 * sigma**2))
    weights /= weights.sum(axis=1, keepdims=True)
    table = SoftEncoding(bins.astype(np.int16), weights.astype(np.float32))
    for array in table:
        array.flags.writeable = False
    return table


def _nearest(a: np.ndarray, neighbors: int) -> tuple[np.ndarray, np.ndarray]:
    ab = np.stack(np.meshgrid(a, np.arange(-128, 128), indexing="ij"), axis=-1).reshape(-1, 1, 2)
    squares = ((ab - bin_centers().astype(np.int64)) ** 2).sum(axis=-1)
    # Distance and index in one integer: ties are broken by the index, and sorting is exact.
    keys = squares * 512 + np.arange(squares.shape[1])
    nearest = np.sort(np.partition(keys, neighbors - 1, axis=1)[:, :neighbors], axis=1)
    return nearest % 512, nearest // 512


def table_rows(ab: Any) -> Any:
    """Return the row of each color in `soft_encoding_table`, `(...)` int32.

    `ab` is `(..., 2)`: uint8 codes, or floating point, rounded and clipped to [-128, 127].
    """
    ab = ops.convert_to_tensor(ab)
    dtype = str(ops.dtype(ab))
    if dtype != "uint8" and "float" not in dtype:
        raise TypeError(f"`ab` must be uint8 codes or floating point ab, received dtype {dtype}")
    if dtype != "uint8":
        ab = ops.clip(ops.round(ops.cast(ab, "float32")), -128.0, 127.0) + 128.0
    codes = ops.cast(ab, "int32")
    return codes[..., 0] * 256 + codes[..., 1]


def soft_encode(ab: Any) -> SoftEncoding:
    """Encode ab, as in `table_rows`, over its 5 nearest bins: int32 and float32 `(..., 5)`."""
    codes, table = table_rows(ab), soft_encoding_table()
    bins = ops.take(ops.convert_to_tensor(table.bins.astype(np.int32)), codes, axis=0)
    return SoftEncoding(bins, ops.take(ops.convert_to_tensor(table.weights), codes, axis=0))


def class_weights(ab_counts: np.ndarray, lam: float = 0.5, sigma: float = SIGMA) -> np.ndarray:
    """Return the rebalancing weight of each bin, `(313,)` float32 (Zhang et al. 2016, eq. 4).

    The uniform part covers all bins, as in the paper; the released code omits those never seen.
    """
    return rebalancing_weights(smooth_prior(bin_prior(ab_counts), sigma), lam).astype(np.float32)


def annealed_mean(logits: Any, temperature: Any = TEMPERATURE) -> Any:
    """Decode logits `(..., 313)` to `(..., 2)` float32 ab (Zhang et al. 2016, eq. 5).

    A `temperature` of 1 gives the mean; toward 0 it gives the most probable bin.
    """
    logits, centers = ops.cast(logits, "float32"), ops.convert_to_tensor(bin_centers())
    return ops.matmul(ops.softmax(logits / temperature, axis=-1), centers)
