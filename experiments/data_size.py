"""Would more photos help? Our network, trained on parts of the photos, always for as many steps.

    python -m experiments.data_size people=25 things=7 --output build/data-size
    python -m experiments.data_size people=25 things=7 --output ... --epochs 20 --part 8 --part 1

The folders are records, as `deepcolor train` takes them. Each row is trained on every n-th photo of
every folder, n times as often, and measured on the whole validation split of each folder, after the
epoch that was best on all of them. Where the error still falls from the last row but one to the
last, more photos would let it fall further. A row that is done is not trained again.
"""

import argparse
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from colorization.data import input_pipeline
from colorization.data.chroma_statistics import STATISTICS
from colorization.data.tfrecords import load_info, save_info, shard_name, write_shard
from colorization.files import save_json
from colorization.training.callbacks import selection_values
from colorization.training.recipes import RECIPES
from colorization.training.train import train
from deepcolor.local.train import parse_folders

PARTS = (8, 4, 2, 1)
SIZE = 64
OURS = RECIPES["unet"]


def thinned(records: Path, target: Path, every: int) -> Path:
    """Make records of every n-th training photo, and of all validation photos."""
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


def errors(network: Path, records: list[Path]) -> dict[str, float]:
    """Return the ab MSE of a network on the validation split of each folder."""
    model = keras.saving.load_model(network, compile=False)
    found = {}
    for folder in records:
        photos = input_pipeline.validation_batches(
            folder, OURS.batch_size, SIZE
        ).as_numpy_iterator()
        each = [((model.predict_on_batch(x)["ab"] - y) ** 2).mean((1, 2, 3)) for x, y in photos]
        found[folder.name] = float(np.concatenate(each).mean())
    return found


def measure(every: int, epochs: int, records: dict[Path, float], folder: Path) -> dict[str, Any]:
    """Train one row and return its figures."""
    parts = {thinned(whole, folder / whole.name, every): records[whole] for whole in records}
    config = replace(OURS, name="network", image_size=SIZE, epochs=epochs * every)
    history = train(config, parts, folder)
    return {
        "epochs": epochs,
        "photos": {part.name: load_info(part).count("train") for part in parts},
        "training_ab_mse": history["ab_mse"][int(np.argmin(selection_values(history)))],
        "validation_ab_mse": errors(folder / "network.keras", list(parts)),
    }


def table(measured: dict[str, dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    names = list(next(iter(measured.values()))["photos"])
    lines = [
        f"| photos | epochs of all | training | {' | '.join(names)} |",
        f"|---|---:|---:{'|---:' * len(names)}|",
    ]
    for row in measured.values():
        photos = " + ".join(f"{row['photos'][name]:,}" for name in names)
        cells = [row["training_ab_mse"], *(row["validation_ab_mse"][name] for name in names)]
        figures = " | ".join(f"{cell:.1f}" for cell in cells)
        lines.append(f"| {photos} | {row['epochs']} | {figures} |")
    return "\n".join(lines)


def main() -> None:
    """Train the rows that are not done, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", nargs="+", help="FOLDER or FOLDER=WEIGHT")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=6, help="of all photos, or as many steps")
    parser.add_argument("--part", type=int, action="append", choices=PARTS)
    options = parser.parse_args()
    records = parse_folders(options.records)
    file = options.output / "data-size.json"
    options.output.mkdir(parents=True, exist_ok=True)
    measured = json.loads(file.read_text()) if file.is_file() else {}
    for every in options.part or PARTS:
        name = f"{options.epochs} × 1/{every}"
        if name not in measured:
            print(f"\n{name}", flush=True)
            folder = options.output / f"{options.epochs}-of-{every}"
            measured[name] = measure(every, options.epochs, records, folder)
            save_json(file, measured)
    print(table(measured))


if __name__ == "__main__":
    main()
