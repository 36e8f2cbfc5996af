"""Does chroma bleed over edges, and would an edge-guided enlargement of it help?

    python -m experiments.upsampling photos/ --output build/experiments/upsampling.json

The network's chroma of photos whose colors are known is enlarged in several ways. At strong edges
of lightness where the color does change, too, two things are measured:

error     mean ab distance to the true color, within 3 pixels of such an edge; beside it the same
          over the whole photo
sharpness how much of the change of predicted color across the edge (8 pixels to either side)
          happens within 2 pixels; the truth's own is given in the last line. Less is bleeding.

Differences from bicubic are given with their 95 % interval over the photos (bootstrap).
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import skimage.data
import typer
from PIL import Image
from scipy.ndimage import gaussian_filter, map_coordinates, maximum_filter, uniform_filter
from skimage.color import rgb2lab
from tqdm import tqdm

from colorization.data.image_io import read_photo
from colorization.data.sources import find_photos
from colorization.inference.colorize import load_model
from colorization.inference.predictor import keras_predictor
from colorization.inference.preprocess import plan_resize, resize_and_pad, unpad, upsample

NEAR, ACROSS, FAR = 3, 2, 8  # pixels
EDGE = 6.0  # L a pixel: the gradient of a strong edge
STEP = 10.0  # ab: a change of color that is worth following
MOST = 20_000  # edge pixels of a photo

# From chroma (h, w, 2), the lightness it was predicted of, and the photo's, to its size.
Way = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def plain(method: Image.Resampling) -> Way:
    """Enlarge without looking at the lightness."""
    return lambda chroma, small, large: upsample(chroma, large.shape, method)


def joint_bilateral(spread: float, tolerance: float) -> Way:
    """Average the neighbors in the small picture whose lightness is like the pixel's own.

    Kopf et al. 2007. `spread` is in pixels of the small picture, `tolerance` in L.
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
                likeness = (large - small[index]) ** 2 / (2 * tolerance**2)
                weight = np.exp(-distance / (2 * spread**2) - likeness) + 1e-8
                total += weight[..., None] * chroma[index]
                weights += weight
        return total / weights[..., None]

    return enlarge


def guided(radius: float, tolerance: float) -> Way:
    """Filter the bicubic enlargement with the lightness as a guide (He et al. 2013).

    `radius` is in pixels of the small picture, `tolerance` in L.
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


WAYS: dict[str, Way] = {
    "bicubic": plain(Image.Resampling.BICUBIC),
    "bilinear": plain(Image.Resampling.BILINEAR),
    "Lanczos": plain(Image.Resampling.LANCZOS),
    "joint bilateral, 1 px, 5 L": joint_bilateral(1, 5),
    "joint bilateral, 1 px, 10 L": joint_bilateral(1, 10),
    "joint bilateral, 2 px, 10 L": joint_bilateral(2, 10),
    "guided, 2 px, 2 L": guided(2, 2),
    "guided, 2 px, 5 L": guided(2, 5),
    "guided, 4 px, 5 L": guided(4, 5),
}


def profile(chroma: np.ndarray, edges: np.ndarray, normals: np.ndarray, reach: int) -> np.ndarray:
    """Return the change of color from one side of each edge to the other."""

    def beside(sign: int) -> np.ndarray:
        places = (edges + sign * reach * normals).T
        return np.stack([map_coordinates(chroma[..., c], places, order=1) for c in range(2)])

    return np.linalg.norm(beside(1) - beside(-1), axis=0)


def edges_of(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find strong edges of lightness across which the true color changes.

    Returns:
        Places and unit normals of the edges, two arrays `(n, 2)`.
    """
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


def measured(rgb: np.ndarray, network: Any) -> dict[str, list[float]] | None:
    """Measure every way on one photo; None if it has too few such edges."""
    lab = rgb2lab(rgb)
    edges, normals = edges_of(lab)
    if len(edges) < 50:
        return None
    frame = plan_resize(rgb.shape, network.input_size)
    picture = resize_and_pad(rgb, frame)
    small = unpad(picture, frame)
    chroma = unpad(network.chroma(picture), frame)
    band = np.zeros(lab.shape[:2], bool)
    band[tuple(edges.T)] = True
    band = maximum_filter(band, 2 * NEAR + 1)
    rows = {"truth": [0.0, 0.0, sharpness(lab[..., 1:], edges, normals)]}
    for name, way in WAYS.items():
        large = way(chroma, small, lab[..., 0].astype(np.float32))
        error = np.linalg.norm(large - lab[..., 1:], axis=-1)
        rows[name] = [error[band].mean(), error.mean(), sharpness(large, edges, normals)]
    return rows


def interval(differences: np.ndarray) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean."""
    random = np.random.default_rng(0)
    means = random.choice(differences, (2000, len(differences))).mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def main(
    photos: Annotated[Path | None, typer.Argument(help="A folder; skimage's pictures.")] = None,
    model: Annotated[Path | None, typer.Option(help="A .keras file; the default model.")] = None,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure everything and print it."""
    network = keras_predictor(load_model(model))
    if photos:
        found = (read_photo(path) for path in find_photos(photos))
    else:
        names = ("astronaut", "chelsea", "coffee", "rocket")
        found = (getattr(skimage.data, name)() for name in names)
    rows = [row for photo in tqdm(found) if (row := measured(photo, network))]
    table = {name: np.array([row[name] for row in rows]) for name in (*WAYS, "truth")}
    print(f"{len(rows)} photos with enough edges")
    print(f"{'':30}{'error at edges':>30}{'error':>30}{'sharpness':>30}")
    content = {}
    for name, values in table.items():
        cells = []
        for column in range(3):
            if name == "truth" and column < 2:
                cells.append("")
                continue
            low, high = interval(values[:, column] - table["bicubic"][:, column])
            cells.append(f"{values[:, column].mean():8.3f} ({low:+.3f} to {high:+.3f})")
        print(f"{name:30}" + "".join(f"{cell:>30}" for cell in cells))
        content[name] = dict(
            zip(("edge_error", "error", "sharpness"), values.mean(axis=0).tolist(), strict=True)
        )
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps({"photos": len(rows), "ways": content}, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
