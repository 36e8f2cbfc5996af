"""Whether a photo gets the same colors at every size.

    python -m experiments.sizes wild/ portraits.zip --limit 40 --output docs/build/sizes.json

Each photo is resized to 128, 256, 512 and 1024 pixels (Lanczos), its chroma is predicted at each
size, and the predictions are compared at 128 pixels. A photo's figure is the mean ab distance
between the two sizes that differ most.
"""

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from docs.build import markdown_tables
from PIL import Image

from colorization.color.lightness import photo_lightness
from colorization.inference.colorize import load_model, predict_chroma
from experiments import harness

SIDES = (128, 256, 512, 1024)


def distances(photo: np.ndarray, model: keras.Model) -> Iterator[float]:
    """Return the mean ab distance between the predictions at each pair of sizes."""

    def resize(plane: np.ndarray, longest: int) -> np.ndarray:
        sides = (round(side * longest / max(photo.shape)) for side in photo.shape[1::-1])
        size = tuple(max(1, side) for side in sides)
        return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.LANCZOS))

    predictions = []
    for side in SIDES:
        chroma = predict_chroma(model, photo_lightness(resize(photo, side)), fast=True)
        predictions.append(np.stack([resize(chroma[..., c], SIDES[0]) for c in range(2)], axis=-1))
    for one, other in combinations(predictions, 2):
        yield float(np.linalg.norm(one - other, axis=-1).mean())


def main(
    sources: Annotated[list[Path], typer.Argument(help="Folders and zips of photos.")],
    model: harness.ModelOption = None,
    limit: Annotated[int, typer.Option(help="Maximum number of photos of each source.")] = 100,
    output: harness.FileOption = None,
) -> None:
    """Compare the colors of photos at four sizes."""
    network = load_model(model)
    results = {}
    for source in sources:
        photos = harness.read_photos(source, limit)
        largest = [max(distances(photo, network)) for photo in photos]
        results[source.stem] = {
            "photos": len(largest),
            "mean": float(np.mean(largest)),
            "percentile_95": float(np.percentile(largest, 95)),
            "worst": max(largest),
        }
    print(markdown_tables.sizes(results))
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
