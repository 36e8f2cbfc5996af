"""What limits a network: its error on photos that it was trained on, and on those kept aside.

    python -m experiments.generalization models/deep-colorization.keras people things

`--output` names a JSON file to write. The folders are records. Where both errors are alike, more
photos of that kind would teach this network little that it does not know: what is left is its size,
the length of its training, and what lightness does not tell. Where they are far apart, the photos
are too few. Photos are told apart by what precedes "_" in their names, as a source is marked in the
sets of faces.
"""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tqdm import tqdm

from colorization.evaluation.eval_sets import EvalSet, load_split
from colorization.inference.colorize import predict_chroma

MOST = 300  # photos of a source and split
FEWEST = 20


def by_source(folder: Path, photos: EvalSet) -> dict[str, list[np.ndarray]]:
    """Divide the photos of a split by their source."""
    sources = defaultdict(list)
    for name, photo in zip(photos.names, photos.photos, strict=True):
        prefix = re.match(r"([a-z]+)_", Path(name).name)
        sources[f"{folder.name}, {prefix[1]}" if prefix else folder.name].append(photo)
    return sources


def error(model: keras.Model, photos: list[np.ndarray], source: str) -> dict[str, float]:
    """Return the mean ab MSE of a network and of gray, and its standard error."""
    chosen = photos[:MOST]
    errors = [
        np.mean((predict_chroma(model, photo[..., 0]) - photo[..., 1:]) ** 2)
        for photo in tqdm(chosen, desc=source, unit=" photos")
    ]
    return {
        "photos": len(chosen),
        "ab_mse": float(np.mean(errors)),
        "standard_error": float(np.std(errors) / len(errors) ** 0.5),
        "gray": float(np.mean([np.mean(photo[..., 1:] ** 2) for photo in chosen])),
    }


def measure(model: keras.Model, folders: list[Path]) -> dict[str, dict[str, Any]]:
    """Measure both splits of every source that has enough photos."""
    measured: dict[str, dict[str, Any]] = defaultdict(dict)
    for folder in folders:
        for split in ("train", "validation"):
            for source, photos in by_source(folder, load_split(folder, split)).items():
                if len(photos) >= FEWEST:
                    measured[source][split] = error(model, photos, f"{source}, {split}")
    return {source: found for source, found in measured.items() if len(found) == 2}


def main() -> None:
    """Measure, print a table, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("records", type=Path, nargs="+")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    model = keras.saving.load_model(options.model, compile=False)
    measured = measure(model, options.records)
    print("| ab MSE, share of gray's | trained on | kept aside |\n|---|---:|---:|")
    for source, found in measured.items():
        cells = [
            f"{found[split]['ab_mse']:.0f} ± {found[split]['standard_error']:.0f}, "
            f"{found[split]['ab_mse'] / found[split]['gray']:.2f}"
            for split in ("train", "validation")
        ]
        print(f"| {source} | {' | '.join(cells)} |")
    if options.output:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
