r"""What rebalancing does to the classes: the same head trained with it and without it.

    python -m experiments.rebalancing faces=8 portraits=4 people-wide=9 things-wide=8 \
        --elsewhere wild/ --output build/rebalancing --summary answers/results/rebalancing.json

The trunk of the shipped network is frozen, and its head of classes is trained further, for one pass
over the photos, with the paper's weights of rare colors and with none. Both are measured on the
photos from elsewhere, at every temperature of the answers.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from answers import measurements
from docs.build.markdown_tables import ERROR_AND_COLORFULNESS, markdown

from colorization.color.soft_encoding import class_weights
from colorization.config import Evaluation, Optimizer
from colorization.data.input_pipeline import training_batches
from colorization.data.record_set import RecordSet
from colorization.evaluation.eval_sets import EvalSet
from colorization.inference.colorize import load_model
from colorization.models import Heads
from colorization.models.losses import SoftCrossEntropy
from colorization.training.compile import build_optimizer
from colorization.training.recipes import UNET
from deepcolor.local.evaluate import open_eval_sets
from deepcolor.local.train_arguments import parse_folders
from experiments import harness

ROWS = ("rebalanced", "plain")
SIZE = 128  # pixels
OPTIMIZER = Optimizer(learning_rate=1e-3, cosine=True)


def classes_alone(network: keras.Model) -> keras.Model:
    """Return a network's head of classes on its frozen trunk, with the weights of both."""
    bins = Heads.of(network).tensors["bins"]
    model = keras.Model(network.inputs[0], bins)
    for layer in model.layers:
        layer.trainable = layer is model.layers[-1]
    return model


def train_head(network: keras.Model, records: RecordSet, weights: np.ndarray | None) -> None:
    """Train the head of classes for one pass over the photos; `weights` are of the bins."""
    batches = training_batches(
        records, harness.BATCH, seed=0, augmentation=UNET.augmentation, image_size=SIZE
    )
    model = classes_alone(network)
    model.compile(build_optimizer(OPTIMIZER, len(batches)), SoftCrossEntropy(weights))
    model.fit(batches, verbose=2)


def measure(
    row: str, file: Path | None, folders: Mapping[Path, float], photos: EvalSet
) -> list[harness.Result]:
    """Train the head of one row, and measure its classes at every temperature."""
    network, records = load_model(file), RecordSet.open(folders)
    weights = class_weights(records.ab_counts) if row == "rebalanced" else None
    train_head(network, records, weights)
    return measurements.measure_classes(network, photos)


def table(results: Mapping[str, list[harness.Result]]) -> str:
    """Return error and colorfulness at each temperature as a Markdown table."""
    rows = [
        [name, *(f"{s['ab_mse']:.0f} · {s['colorfulness_ratio']:.2f}" for s in settings)]
        for name, settings in results.items()
    ]
    head = (f"T = {temperature}" for temperature in measurements.TEMPERATURES)
    return markdown([ERROR_AND_COLORFULNESS, *head], rows)


def main(
    records: harness.RecordsArgument,
    elsewhere: Annotated[Path, typer.Option(help="Folder or zip of portraits from elsewhere.")],
    output: harness.FolderOption,
    model: harness.ModelOption = None,
    summary: harness.SummaryOption = None,
) -> None:
    """Train the head of classes with and without rebalancing, and print what each predicts."""
    photos = open_eval_sets([], [f"elsewhere={elsewhere}"], Evaluation())["elsewhere"]
    folders = parse_folders(records)
    rows = {row: partial(measure, row, model, folders, photos) for row in ROWS}
    results = harness.run_rows(rows, output / "rebalancing.json")
    print(table(results))
    harness.write_json(summary, results)


if __name__ == "__main__":
    typer.run(main)
