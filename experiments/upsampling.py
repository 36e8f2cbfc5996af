"""Whether chroma bleeds over edges, and whether an edge-guided upsampling would help.

    python -m experiments.upsampling wild/ --output docs/build/upsampling.json

The predicted chroma of photos whose colors are known is upsampled in several ways. Two things are
measured at strong edges of lightness across which the true color changes:

error     mean ab distance to the true color within 3 pixels of such an edge; next to it, the same
          over the whole photo
sharpness share of the change of predicted color across the edge (8 pixels to either side) that
          happens within 2 pixels; the last row gives the truth's. A low share means bleeding.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from docs.build import markdown_tables
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates, maximum_filter, uniform_filter
from skimage.color import rgb2lab

from colorization.evaluation.image_scores import bootstrap_interval
from colorization.inference.colorize import load_model, predict_small_chroma
from colorization.inference.predictor import Predictor, keras_predictor
from colorization.inference.preprocess import upsample
from experiments import harness

NEAR, ACROSS, FAR = 3, 2, 8  # pixels
EDGE = 6.0  # L per pixel: the gradient of a strong edge
STEP = 10.0  # ab: the smallest change of color that counts
MOST = 20_000  # edge pixels of a photo
FEWEST = 50
COLUMNS = ("edge_error", "error", "sharpness")

# From chroma (h, w, 2), its lightness (h, w) and the photo's lightness (H, W) to (H, W, 2).
Upsampling = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def interpolation(method: Image.Resampling) -> Upsampling:
    """Ignore the lightness."""
    return lambda chroma, small, large: upsample(chroma, large.shape, method)


def joint_bilateral(spread: float, tolerance: float) -> Upsampling:
    """Average neighbors of similar lightness (Kopf et al. 2007).

    The standard deviations are `spread`, in pixels of the small picture, and `tolerance`, in L.
    """

    def enlarge(chroma: np.ndarray, small: np.ndarray, large: np.ndarray) -> np.ndarray:
        scale = np.array(small.shape) / large.shape
        rows, columns = (
            (np.arange(side) + 0.5) * s - 0.5 for side, s in zip(large.shape, scale, strict=True)
        )
        total = np.zeros((*large.shape, 2))
        weights = np.zeros(large.shape)
        for down in range(-2, 3):
            for across in range(-2, 3):
                at = np.rint(rows).astype(int) + down, np.rint(columns).astype(int) + across
                distance = (at[0] - rows)[:, None] ** 2 + (at[1] - columns) ** 2
                index = np.ix_(*(a.clip(0, s - 1) for a, s in zip(at, small.shape, strict=True)))
                dissimilarity = (large - small[index]) ** 2 / (2 * tolerance**2)
                weight = np.exp(-distance / (2 * spread**2) - dissimilarity) + 1e-8
                total += weight[..., None] * chroma[index]
                weights += weight
        return total / weights[..., None]

    return enlarge


def guided(radius: float, tolerance: float) -> Upsampling:
    """Filter the bicubic upsampling with the lightness as the guide (He et al. 2013).

    `radius` is in pixels of the small picture; the regularization is `tolerance`², in L².
    """

    def enlarge(chroma: np.ndarray, small: np.ndarray, large: np.ndarray) -> np.ndarray:
        side = 2 * max(1, round(radius * large.shape[0] / small.shape[0])) + 1
        guide = large.astype(np.float64)
        mean = uniform_filter(guide, side)
        variance = uniform_filter(guide**2, side) - mean**2
        planes = []
        for plane in np.moveaxis(upsample(chroma, large.shape).astype(np.float64), -1, 0):
            own = uniform_filter(plane, side)
            slope = (uniform_filter(guide * plane, side) - mean * own) / (variance + tolerance**2)
            offset = own - slope * mean
            planes.append(uniform_filter(slope, side) * guide + uniform_filter(offset, side))
        return np.stack(planes, axis=-1)

    return enlarge


METHODS: dict[str, Upsampling] = {
    "bicubic": interpolation(Image.Resampling.BICUBIC),
    "bilinear": interpolation(Image.Resampling.BILINEAR),
    "Lanczos": interpolation(Image.Resampling.LANCZOS),
    "joint bilateral, 1 px, 5 L": joint_bilateral(1, 5),
    "joint bilateral, 1 px, 10 L": joint_bilateral(1, 10),
    "joint bilateral, 2 px, 10 L": joint_bilateral(2, 10),
    "guided, 2 px, 2 L": guided(2, 2),
    "guided, 2 px, 5 L": guided(2, 5),
    "guided, 4 px, 5 L": guided(4, 5),
}


def profile(chroma: np.ndarray, edges: np.ndarray, normals: np.ndarray, reach: int) -> np.ndarray:
    """Return the ab distance between the two sides of each edge."""

    def beside(sign: int) -> np.ndarray:
        places = (edges + sign * reach * normals).T
        return np.stack([map_coordinates(chroma[..., c], places, order=1) for c in range(2)])

    return np.linalg.norm(beside(1) - beside(-1), axis=0)


def find_edges(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return positions and unit normals `(n, 2)` of strong edges across which color changes."""
    smooth = gaussian_filter(lab[..., 0], 1)
    gradient = np.stack(np.gradient(smooth), axis=-1)
    size = np.linalg.norm(gradient, axis=-1)
    # Ridges of the gradient, so that an edge is counted once.
    places = np.argwhere((size > EDGE) & (size >= maximum_filter(size, 3)))
    normals = gradient[tuple(places.T)] / size[tuple(places.T)][:, None]
    changes = profile(lab[..., 1:], places, normals, FAR)
    chosen = np.flatnonzero(changes > STEP)
    chosen = np.random.default_rng(0).permutation(chosen)[:MOST]
    return places[chosen], normals[chosen]


def sharpness(chroma: np.ndarray, edges: np.ndarray, normals: np.ndarray) -> float:
    """Return the share of the change of color that happens right at the edges."""
    near, far = (profile(chroma, edges, normals, reach) for reach in (ACROSS, FAR))
    return float(near.sum() / max(far.sum(), 1e-6))


def measure(rgb: np.ndarray, network: Predictor) -> dict[str, list[float]] | None:
    """Return the `COLUMNS` of every method on one photo, or None if it has too few such edges."""
    lab = rgb2lab(rgb)
    edges, normals = find_edges(lab)
    if len(edges) < FEWEST:
        return None
    small, chroma = predict_small_chroma(network, rgb, fast=True)
    near = np.zeros(lab.shape[:2], bool)
    near[tuple(edges.T)] = True
    near = maximum_filter(near, 2 * NEAR + 1)
    rows = {"truth": [0.0, 0.0, sharpness(lab[..., 1:], edges, normals)]}
    for name, method in METHODS.items():
        large = method(chroma, small, lab[..., 0].astype(np.float32))
        error = np.linalg.norm(large - lab[..., 1:], axis=-1)
        rows[name] = [error[near].mean(), error.mean(), sharpness(large, edges, normals)]
    return rows


def summarize(rows: list[dict[str, list[float]]]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the mean of each of `COLUMNS` over the photos, and its difference from bicubic.

    Differences have 95 % bootstrap intervals, paired over the photos.
    """
    values = {name: np.array([row[name] for row in rows]) for name in (*METHODS, "truth")}
    return {
        name: {
            column: {
                "mean": float(found[:, index].mean()),
                "from_bicubic": bootstrap_interval((found - values["bicubic"])[:, index], seed=0),
            }
            for index, column in enumerate(COLUMNS)
        }
        for name, found in values.items()
    }


def main(
    photos: Annotated[Path, typer.Argument(help="A folder or a zip.")],
    model: harness.ModelOption = None,
    output: harness.FileOption = None,
) -> None:
    """Measure errors and sharpness at edges for several ways to upsample chroma."""
    network = keras_predictor(load_model(model))
    rows = [row for photo in harness.read_photos(photos) if (row := measure(photo, network))]
    if not rows:
        raise ValueError(f"`photos`: no photo has {FEWEST} strong edges in {photos}")
    results = {"photos": len(rows), "ways": summarize(rows)}
    print(f"{len(rows)} photos with enough edges\n{markdown_tables.upsampling(results)}")
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
