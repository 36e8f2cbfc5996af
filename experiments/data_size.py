"""Whether more photos would help: the U-Net trained on parts of them, for as many steps each time.

    python -m experiments.data_size people=25 things=7 --output build/data-size
    python -m experiments.data_size people=25 things=7 --output ... --epochs 20 --part 8 --part 1

Each row is trained on every n-th photo of every folder for n times as many epochs, and measured on
the whole validation split of each folder after its best epoch. If the error still falls between the
last two rows, more photos would reduce it further.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import tensorflow as tf
import typer
from docs.build import markdown_tables

from colorization.data.chroma_statistics import STATISTICS
from colorization.data.record_info import save_info
from colorization.data.tfrecords import load_info, shard_name, write_shard
from colorization.models import colorizer
from colorization.training.callbacks import selection_values
from colorization.training.recipes import RECIPES
from deepcolor.local.train_arguments import parse_folders
from experiments import harness

PARTS = (8, 4, 2, 1)
SIZE = 64


def thin(records: Path, target: Path, every: int) -> Path:
    """Write records of every n-th training photo and of all validation photos."""
    info = load_info(records)
    target.mkdir(parents=True, exist_ok=True)
    files = [str(records / shard.file) for shard in info.splits["train"]]

    def examples() -> Iterator[bytes]:
        yield from tf.data.TFRecordDataset(files).shard(every, 0).as_numpy_iterator()

    shard = write_shard(target / shard_name("train", 0, 1), examples())
    for kept in (*(shard.file for shard in info.splits["validation"]), STATISTICS):
        shutil.copyfile(records / kept, target / kept)
    save_info(target, replace(info, splits={**info.splits, "train": [shard]}, problems={}))
    return target


def measure(every: int, epochs: int, records: Mapping[Path, float], folder: Path) -> harness.Result:
    """Train one row and return its figures."""
    parts = {thin(whole, folder / whole.name, every): records[whole] for whole in records}
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
