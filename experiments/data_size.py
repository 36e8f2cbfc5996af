"""Whether more photos would help: the U-Net trained on parts of them, for as many steps each time.

    python -m experiments.data_size people=25 things=7 --output build/data-size
    python -m experiments.data_size people=25 things=7 --output ... --epochs 20 --part 8 --part 1

Each row is trained on every n-th photo of every folder for n times as many epochs, and measured on
the whole validation split of each folder after its best epoch. If the error still falls between the
last two rows, more photos would reduce it further.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from docs.build import markdown_tables

from colorization.data.tfrecords import load_info
from colorization.models import colorizer
from colorization.training.callbacks import selection_values
from colorization.training.recipes import RECIPES
from deepcolor.local.train_arguments import parse_folders
from experiments import harness

PARTS = (8, 4, 2, 1)
SIZE = 64


def measure(every: int, epochs: int, records: Mapping[Path, float], folder: Path) -> harness.Result:
    """Train one row and return its figures."""
    parts = {harness.thin(whole, folder / whole.name, every): records[whole] for whole in records}
    config = replace(RECIPES["unet"], name="network", image_size=SIZE, epochs=epochs * every)
    history = harness.train_once(config, parts, folder)
    model = colorizer(keras.saving.load_model(folder / "network.keras", compile=False), None)
    return {
        "epochs": epochs,
        "photos": {part.name: load_info(part).count("train") for part in parts},
        "training_ab_mse": history["ab_mse"][int(np.argmin(selection_values(history)))],
        "validation_ab_mse": {
            part.name: harness.score_validation(model, part, SIZE)["ab_mse"] for part in parts
        },
    }


def main(
    records: harness.RecordsArgument,
    output: harness.FolderOption,
    epochs: Annotated[int, typer.Option(help="Length of each training, in epochs of all.")] = 6,
    part: Annotated[
        list[int] | None, typer.Option(min=1, help="Train on every n-th photo; default, 8 4 2 1.")
    ] = None,
) -> None:
    """Train the U-Net on parts of the photos, and print the errors."""
    folders = parse_folders(records)
    rows = {
        f"{epochs} × 1/{every}": partial(
            measure, every, epochs, folders, output / f"{epochs}-of-{every}"
        )
        for every in part or PARTS
    }
    print(markdown_tables.data_size(harness.run_rows(rows, output / "data-size.json")))


if __name__ == "__main__":
    typer.run(main)
