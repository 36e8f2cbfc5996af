"""What each part of the U-Net and of its recipe gains: short trainings that differ in one thing.

    python -m experiments.ablation people=25 things=7 --output build/ablation
    python -m experiments.ablation people=25 things=7 --output build/ablation --row float32

A row is measured by the ab MSE of the whole validation splits after its last epoch. Rows that the
JSON file holds are not trained again.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import keras
import typer
from docs.build import markdown_tables

from colorization.augment import Augmentation
from colorization.models import NETWORKS, NetworkBuilder, colorizer, unet
from colorization.training.callbacks import selection_values
from colorization.training.recipes import RECIPES
from deepcolor.local.train import parse_folders
from experiments.harness import FolderOption, RecordsArgument, Result, run_rows, train_once

OURS = RECIPES["unet"]
GEOMETRY = ("flip", "rotation", "crop", "stretch")
COMMON = {"epochs": 2, "image_size": 64}


@dataclass(frozen=True)
class Row:
    """One training that differs from `OURS` in one thing.

    Attributes:
        network: Builds the network of an image size and a momentum; by default, the recipe's own.
        changes: Settings of the recipe that differ.
    """

    network: NetworkBuilder | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


def single_head(head: str, size: int, momentum: float) -> keras.Model:
    """Build the U-Net with one of its heads."""
    network = unet(size, momentum)
    if head == "ab":
        return colorizer(network, None)
    return keras.Model(network.inputs[0], network.output["bins"])


def zero_ab_head(size: int, momentum: float) -> keras.Model:
    """Build the U-Net with a regression head that predicts gray before training."""
    network = unet(size, momentum)
    head = network.get_layer("ab_small")
    head.set_weights([0 * weights for weights in head.get_weights()])
    return network


def only(*names: str) -> Augmentation:
    """Keep these operations of the recipe's augmentation."""
    return Augmentation(**{name: getattr(OURS.augmentation, name) for name in names})


PLAIN_ADAM = replace(OURS.optimizer, name="adam", learning_rate=1e-3, warmup_steps=0, cosine=False,
                     weight_decay=0.0, clipnorm=None)  # fmt: skip
ROWS = {
    "ours": Row(),
    "another seed": Row(changes={"seed": 1}),
    "momentum 0.99": Row(changes={"batch_norm_momentum": 0.99}),
    "ab head alone": Row(partial(single_head, "ab")),
    "regression from gray": Row(zero_ab_head),
    "classes alone": Row(partial(single_head, "bins")),
    "no augmentation": Row(changes={"augmentation": Augmentation()}),
    "geometry alone": Row(changes={"augmentation": only(*GEOMETRY)}),
    "translation alone": Row(changes={"augmentation": Augmentation(), "translation": 0.2}),
    "Adam, constant rate": Row(changes={"optimizer": PLAIN_ADAM}),
    "constant rate": Row(changes={"optimizer": replace(OURS.optimizer, cosine=False)}),
    "float32": Row(changes={"mixed_precision": False}),
    "the paper's network": Row(changes={"network": "zhang"}),
    "figure 2": Row(changes={"network": "autoencoder"}),
    "figure 2, its own recipe": Row(
        changes={
            "network": "autoencoder",
            "augmentation": Augmentation(),
            "optimizer": RECIPES["autoencoder"].optimizer,
        }
    ),
}


def measure(row: Row, records: Mapping[Path, float], folder: Path) -> Result:
    """Train one row and return its figures."""
    config = replace(OURS, name="network", **{**COMMON, **row.changes})
    started = time.monotonic()
    history = train_once(config, records, folder, row.network)
    build = row.network or NETWORKS[config.network]
    return {
        "validation_ab_mse": selection_values(history)[-1],
        "training_ab_mse": history.get("ab_mse", history["loss"])[-1],
        "parameters": build(config.image_size, 0.9).count_params(),
        "seconds_per_epoch": min(history["seconds"]),
        "seconds": round(time.monotonic() - started, 1),
    }


def main(
    records: RecordsArgument,
    output: FolderOption,
    row: Annotated[list[str] | None, typer.Option(help="A row to train; default, all.")] = None,
) -> None:
    """Train short variants of the U-Net's recipe, and print what each part gains."""
    folders = parse_folders(records)
    rows = {
        name: partial(measure, variant, folders, output / name.replace(" ", "-"))
        for name, variant in ROWS.items()
    }
    results = run_rows(rows, output / "ablation.json", row or ())
    print(markdown_tables.ablation(results))


if __name__ == "__main__":
    typer.run(main)
