"""Does a photo get the same colors at every size?

    python -m experiments.sizes wild/ portraits.zip --output build/experiments/sizes.json

Every photo is resized to 128, 256, 512 and 1024 pixels (Lanczos) and its chroma predicted from
each; what was predicted is compared at 128 pixels. Told are the mean ab distance of the two sizes
that differ most, over the photos of each set, its 95th percentile, and the worst photo.
"""

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import typer
from PIL import Image
from tqdm import tqdm

from colorization.data.image_io import read_photo
from colorization.data.sources import open_photos
from colorization.inference.colorize import lightness_of, predict_chroma
from colorization.inference.predictor import Predictor
from deepcolor.colorize.open_network import open_predictor

SIDES = (128, 256, 512, 1024)


def differences(photo: np.ndarray, network: Predictor) -> Iterator[float]:
    """Return the mean ab distance between the colors of any two sizes of a photo."""

    def resized(plane: np.ndarray, longest: int) -> np.ndarray:
        sides = (round(side * longest / max(photo.shape)) for side in photo.shape[1::-1])
        size = tuple(max(1, side) for side in sides)
        return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.LANCZOS))

    seen = []
    for side in SIDES:
        chroma = predict_chroma(network, lightness_of(resized(photo, side)))
        seen.append(np.stack([resized(chroma[..., c], SIDES[0]) for c in range(2)], axis=-1))
    for one, other in itertools.combinations(seen, 2):
        yield float(np.linalg.norm(one - other, axis=-1).mean())


def main(
    sources: Annotated[list[Path], typer.Argument(help="Folders and zips of photos.")],
    model: Annotated[Path | None, typer.Option(help="A network; the default model.")] = None,
    most: Annotated[int, typer.Option(help="Photos of each, at most, drawn evenly.")] = 100,
    output: Annotated[Path | None, typer.Option(help="JSON file to write.")] = None,
) -> None:
    """Measure every set and print it."""
    network = open_predictor(model)
    rows = {}
    for source in sources:
        with TemporaryDirectory() as scratch:
            photos = open_photos(source, Path(scratch))
            chosen = photos[:: -(-len(photos) // most)]
            worst = [max(differences(read_photo(p), network)) for p in tqdm(chosen, source.stem)]
        rows[source.stem] = {
            "photos": len(worst),
            "mean": float(np.mean(worst)),
            "percentile_95": float(np.percentile(worst, 95)),
            "worst": max(worst),
        }
        print(source.stem, {name: round(value, 2) for name, value in rows[source.stem].items()})
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    typer.run(main)
