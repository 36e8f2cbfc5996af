"""The paper's network and ours, each trained by its own recipe on the same photos for 8 epochs.

    python -m experiments.against_paper people=25 things=7 --output build/against-paper

Each network is decoded in two ways, accurate and vivid, and measured on the whole validation split
of each folder after its best epoch. At 64 pixels the paper's network takes two cores 90 minutes.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import typer
from docs.build import markdown_tables

from colorization.config import VIVID
from colorization.models import colorizer
from colorization.training.recipes import RECIPES
from deepcolor.local.train_arguments import parse_folders
from experiments import harness

SIZE = 64
EPOCHS = 8
# The recipe and the decoding of each row.
ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "ours": ("unet", {"temperature": None}),
    "ours, vivid": ("unet", {"strength": VIVID}),
    "the paper's, T = 1": ("zhang", {"temperature": 1.0}),
    "the paper's, T = 0.38": ("zhang", {"temperature": 0.38}),
}


def measure(
    recipe: str, decoding: dict[str, Any], records: Mapping[Path, float], folder: Path
) -> harness.Result:
    """Train a network unless it is trained, and measure it with one decoding."""
    config = replace(RECIPES[recipe], image_size=SIZE, epochs=EPOCHS)
    history = harness.train_once(config, records, folder)
    network = keras.saving.load_model(folder / f"{recipe}.keras", compile=False)
    model = colorizer(network, **decoding)
    return {
        "epochs": EPOCHS,
        "scores": {part.name: harness.score_validation(model, part, SIZE) for part in records},
        "minutes": sum(history["seconds"]) / 60,
    }


def main(records: harness.RecordsArgument, output: harness.FolderOption) -> None:
    """Train the paper's network and ours on the same photos, and print their scores."""
    folders = parse_folders(records)
    rows = {name: partial(measure, *row, folders, output) for name, row in ROWS.items()}
    results = harness.run_rows(rows, output / "against-paper.json")
    print(markdown_tables.against_paper(results))


if __name__ == "__main__":
    typer.run(main)
