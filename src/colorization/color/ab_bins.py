"""The 313 in-gamut bins of the ab plane, their prior and its rebalancing (Zhang et al. 2016).

The bins are the points of a grid of step 10 whose square of side 20 meets the gamut's convex hull.
"""

import functools
from itertools import product

import numpy as np
from scipy.spatial import ConvexHull
from skimage.color import rgb2lab

GRID = 10
NUM_BINS = 313


@functools.cache
def bin_centers() -> np.ndarray:
    """Return the ab of the bins, `(313, 2)` float32, sorted by a and then by b; read-only."""
    gamut = _edge_colors()
    square = GRID * np.array(list(product((-1, 1), repeat=2)))
    hull = ConvexHull((gamut[:, None] + square).reshape(-1, 2))
    grid = np.array(list(product(range(-110, 111, GRID), repeat=2)))
    normals, offsets = hull.equations[:, :2], hull.equations[:, 2]
    centers = grid[(grid @ normals.T + offsets <= 1e-9).all(axis=1)].astype(np.float32)
    centers.flags.writeable = False
    return centers


def _edge_colors() -> np.ndarray:
    # The edges of the cube have the same hull; its 8 corners alone would give 301 bins.
    ramp = np.linspace(0, 1, 256)
    edges = []
    for axis, corner in product(range(3), product((0, 1), repeat=2)):
        edge = np.insert(np.tile(np.array(corner, np.float64), (len(ramp), 1)), axis, ramp, axis=1)
        edges.append(edge)
    return rgb2lab(np.concatenate(edges)[None])[0, :, 1:]


@functools.cache
def nearest_bin_table() -> np.ndarray:
    """Return the nearest bin by the codes of a and of b (+ 128), `(256, 256)` int16, read-only."""
    codes = np.arange(256) - 128
    ab = np.stack(np.meshgrid(codes, codes, indexing="ij"), axis=-1).reshape(-1, 1, 2)
    nearest = np.concatenate(
        [((part - bin_centers()) ** 2).sum(-1).argmin(-1) for part in np.array_split(ab, 64)]
    )
    table = nearest.astype(np.int16).reshape(256, 256)
    table.flags.writeable = False
    return table


def nearest_bin(ab: np.ndarray) -> np.ndarray:
    """Return the nearest bins of `(..., 2)` ab, rounded to whole units, as `(...)` int16."""
    codes = np.rint(ab).astype(np.intp).clip(-128, 127) + 128
    return nearest_bin_table()[codes[..., 0], codes[..., 1]]


def bin_prior(ab_counts: np.ndarray) -> np.ndarray:
    """Return the distribution over the bins, `(313,)` float64, of counts as `ChromaStatistics`'."""
    total = ab_counts.sum()
    if total <= 0:
        raise ValueError("`ab_counts` must hold at least one pixel, received an empty histogram")
    return np.bincount(nearest_bin_table().ravel(), ab_counts.ravel(), NUM_BINS) / total


def smooth_prior(distribution: np.ndarray, sigma: float = 5.0) -> np.ndarray:
    """Smooth a `(313,)` distribution with a Gaussian; `sigma` in ab units, as in the paper."""
    bins = bin_centers().astype(np.float64)
    distance = ((bins[:, None] - bins) ** 2).sum(-1)
    kernel = np.exp(-distance / (2 * sigma**2))
    return (kernel / kernel.sum(axis=0)) @ distribution


def rebalancing_weights(smoothed: np.ndarray, lam: float = 0.5) -> np.ndarray:
    """Return the weight of each bin: rare colors count for more (Zhang et al. 2016, eq. 4).

    Args:
        smoothed: `(313,)` smoothed distribution, sum 1, positive.
        lam: Share of the uniform distribution mixed in; 0 gives inverse frequency.

    Returns:
        `(313,)` float64 whose mean under `smoothed` is 1.
    """
    if not 0 <= lam <= 1:
        raise ValueError(f"`lam` must be in [0, 1], received {lam}")
    weights = 1 / ((1 - lam) * smoothed + lam / len(smoothed))
    return weights / (smoothed @ weights)
