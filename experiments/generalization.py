"""Error of a network on photos that it was trained on, and on held-out photos, by source.

    python -m experiments.generalization people things --output docs/build/generalization.json

Where both errors are close, more photos of that kind would help little. Where they are far apart,
there are too few photos. A source is what precedes "_" in a photo's name, as in the sets of faces.
"""

import re
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from docs.build import markdown_tables
from tqdm import tqdm

from colorization.evaluation.eval_sets import load_split
from colorization.inference.colorize import load_model, predict_chroma
from experiments import harness

MOST = 300  # photos of a source and split
FEWEST = 20


def photos_by_source(records: Path, split: str) -> dict[str, list[np.ndarray]]:
    """Read the Lab photos of a split, grouped by their source."""
    photos = load_split(records, split)
    sources = defaultdict(list)
    for name, photo in zip(photos.names, photos.photos, strict=True):
        prefix = re.match(r"([a-z]+)_", Path(name).name)
        sources[f"{records.name}, {prefix[1]}" if prefix else records.name].append(photo)
    return sources


def score(model: keras.Model, photos: list[np.ndarray], title: str) -> dict[str, float]:
    """Return the mean ab MSE of a network, its standard error, and the ab MSE of gray."""
    errors = [
        np.mean((predict_chroma(model, photo[..., 0], fast=True) - photo[..., 1:]) ** 2)
        for photo in tqdm(photos, title, unit=" photos")
    ]
    return {
        "photos": len(photos),
        "ab_mse": float(np.mean(errors)),
        "standard_error": float(np.std(errors) / len(errors) ** 0.5),
        "gray": float(np.mean([np.mean(photo[..., 1:] ** 2) for photo in photos])),
    }


def measure(model: keras.Model, folders: list[Path]) -> dict[str, harness.Result]:
    """Measure both splits of every source that has enough photos in both."""
    results: dict[str, harness.Result] = defaultdict(dict)
    for folder in folders:
        for split in ("train", "validation"):
            for source, photos in photos_by_source(folder, split).items():
                if len(photos) >= FEWEST:
                    results[source][split] = score(model, photos[:MOST], f"{source}, {split}")
    return {source: splits for source, splits in results.items() if len(splits) == 2}


def main(
    records: Annotated[list[Path], typer.Argument(help="Folders of records.")],
    model: harness.ModelOption = None,
    output: harness.FileOption = None,
) -> None:
    """Compare a network's errors on training photos and on held-out photos."""
    results = measure(load_model(model), records)
    print(markdown_tables.generalization(results))
    harness.write_json(output, results)


if __name__ == "__main__":
    typer.run(main)
