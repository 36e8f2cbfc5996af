"""What each part of the U-Net and of its recipe gains: short trainings that differ in one thing.

    python -m experiments.ablation people=25 things=7 --output build/ablation
    python -m experiments.ablation people=25 things=7 --output build/ablation --row float32

A row is measured by the ab MSE of the whole validation splits after its last epoch. Rows that the
JSON file holds are not trained again.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import keras
import typer
from docs.build import markdown_tables

from colorization.augment import Augmentation
from colorization.models import NETWORKS, NetworkBuilder, colorizer, unet
from colorization.training.callbacks import selection_values
from colorization.training.recipes import RECIPES
from deepcolor.local.train import parse_folders
from experiments import harness

OURS = replace(RECIPES["unet"], name="network", epochs=2, image_size=64)
GEOMETRY = ("flip", "rotation", "crop", "stretch")


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
    "ours": OURS,
    "another seed": replace(OURS, seed=1),
    "momentum 0.99": replace(OURS, batch_norm_momentum=0.99),
    "ab head alone": OURS,
    "regression from gray": OURS,
    "classes alone": OURS,
    "no augmentation": replace(OURS, augmentation=Augmentation()),
    "geometry alone": replace(OURS, augmentation=only(*GEOMETRY)),
    "translation alone": replace(OURS, augmentation=Augmentation(), translation=0.2),
    "Adam, constant rate": replace(OURS, optimizer=PLAIN_ADAM),
    "constant rate": replace(OURS, optimizer=replace(OURS.optimizer, cosine=False)),
    "float32": replace(OURS, mixed_precision=False),
    "the paper's network": replace(OURS, network="zhang"),
    "figure 2": replace(OURS, network="autoencoder"),
    "figure 2, its own recipe": replace(
        OURS, network="autoencoder", augmentation=Augmentation(),
        optimizer=RECIPES["autoencoder"].optimizer,
    ),
}  # fmt: skip
# Rows whose network is not built by their recipe.
BUILDERS: dict[str, NetworkBuilder] = {
    "ab head alone": partial(single_head, "ab"),
    "regression from gray": zero_ab_head,
    "classes alone": partial(single_head, "bins"),
}


def measure(name: str, records: Mapping[Path, float], output: Path) -> harness.Result:
    """Train one row and return its figures."""
    config, network = ROWS[name], BUILDERS.get(name)
    started = time.monotonic()
    history = harness.train_once(config, records, output / name.replace(" ", "-"), network)
    build = network or NETWORKS[config.network]
    return {
        "validation_ab_mse": selection_values(history)[-1],
        "training_ab_mse": history.get("ab_mse", history["loss"])[-1],
        "parameters": build(config.image_size, 0.9).count_params(),
        "seconds_per_epoch": min(history["seconds"]),
        "seconds": round(time.monotonic() - started, 1),
    }


def main(
    records: harness.RecordsArgument,
    output: harness.FolderOption,
    row: Annotated[list[str] | None, typer.Option(help="A row to train; default, all.")] = None,
) -> None:
    """Train short variants of the U-Net's recipe, and print what each part gains."""
    folders = parse_folders(records)
    rows = {name: partial(measure, name, folders, output) for name in ROWS}
    results = harness.run_rows(rows, output / "ablation.json", row or ())
    print(markdown_tables.ablation(results))


if __name__ == "__main__":
    typer.run(main)
