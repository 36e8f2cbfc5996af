"""The paper's network and ours, each by its own recipe, on the same photos for as many epochs.

    python -m experiments.against_paper people=25 things=7 --output build/against-paper

The folders are records, as `deepcolor train` takes them. At 64 pixels two cores can train both: the
paper's takes an hour and a half. Each answers in two ways, accurate and vivid, and is measured on
the whole validation split of each folder, after the epoch that was best on all of them. What was
interrupted goes on where it stopped.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from colorization.data import input_pipeline
from colorization.evaluation.metrics import colorfulness, to_rgb8
from colorization.evaluation.predictors import replace_chroma
from colorization.files import save_json
from colorization.models import colorizer
from colorization.models.colorizer import VIVID
from colorization.training.recipes import RECIPES
from colorization.training.train import train
from deepcolor.local.train import parse_folders

SIZE = 64
EPOCHS = 8
BATCH = 32
# How each network is asked, by what the row is called.
ANSWERS: dict[str, dict[str, dict[str, Any]]] = {
    "unet": {"ours": {"temperature": None}, "ours, vivid": VIVID},
    "zhang": {
        "the paper's, T = 1": {"temperature": 1.0},
        "the paper's, T = 0.38": {"temperature": 0.38},
    },
}

Scores = dict[str, dict[str, float]]


def scores(model: keras.Model, records: list[Path]) -> Scores:
    """Return error and colorfulness of a model from L to ab on each folder's validation split."""
    found = {}
    for folder in records:
        errors, told, true = [], [], []
        for x, y in input_pipeline.validation_batches(folder, BATCH, SIZE).as_numpy_iterator():
            for lightness, chroma, truth in zip(x, model.predict_on_batch(x), y, strict=True):
                photo = np.concatenate([lightness, truth], axis=-1)
                errors.append(np.mean((chroma - truth) ** 2))
                told.append(colorfulness(to_rgb8(replace_chroma(photo, chroma))))
                true.append(colorfulness(to_rgb8(photo)))
        ratio = np.mean(told) / np.mean(true)
        found[folder.name] = {"ab_mse": float(np.mean(errors)), "colorfulness": float(ratio)}
    return found


def trained(name: str, records: dict[Path, float], folder: Path) -> dict[str, Any]:
    """Train a network by its recipe; return what it took, and the network."""
    kept = folder / f"{name}-history.json"
    if not kept.is_file():
        train(replace(RECIPES[name], image_size=SIZE, epochs=EPOCHS), records, folder)
    history = json.loads(kept.read_text("utf-8"))
    network = keras.saving.load_model(folder / f"{name}.keras", compile=False)
    return {"network": network, "minutes": sum(history["seconds"]) / 60}


def main() -> None:
    """Train both, measure them, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", nargs="+", help="FOLDER or FOLDER=WEIGHT")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    records = parse_folders(options.records)
    measured = {}
    for name, answers in ANSWERS.items():
        found = trained(name, records, options.output)
        network = found.pop("network")
        for row, how in answers.items():
            by_folder = scores(colorizer(network, **how), list(records))
            measured[row] = {"epochs": EPOCHS, "scores": by_folder, **found}
            save_json(options.output / "against-paper.json", measured)
            print(f"{row}: {measured[row]}", flush=True)


if __name__ == "__main__":
    main()
