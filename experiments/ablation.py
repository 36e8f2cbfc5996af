"""What each part of our network and of its recipe gains: short trainings that differ in one thing.

    python -m experiments.ablation people=25 things=7 --output build/experiments/ablation
    python -m experiments.ablation people=25 things=7 --output ... --row "no skips"

The folders are records, as `deepcolor train` takes them. Every row is trained alike and measured by
the ab MSE of the validation splits after its last epoch. A row that is done is not trained again;
the table is written anew after each.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import keras

from colorization.augment import Augmentation
from colorization.config import Training
from colorization.files import save_json
from colorization.models import NETWORKS, colorizer, unet
from colorization.training.callbacks import selection_values
from colorization.training.recipes import RECIPES
from colorization.training.train import train
from deepcolor.local.train import parse_folders

OURS = RECIPES["unet"]
GEOMETRY = ("flip", "rotation", "crop", "stretch")
COMMON = {"epochs": 2, "image_size": 64}


@dataclass(frozen=True)
class Row:
    """One training that differs from ours in one thing.

    Attributes:
        network: Builds the network of an image size and a momentum; by default, the recipe's own.
        changes: Settings of the recipe that differ.
    """

    network: Callable[..., keras.Model] | None = None
    changes: dict[str, Any] = field(default_factory=dict)


def one_head(head: str, size: int, momentum: float) -> keras.Model:
    """Build our U-Net with one of its heads."""
    network = unet(size, momentum)
    if head == "ab":
        return colorizer(network, None)
    return keras.Model(network.inputs[0], network.output["bins"])


def from_gray(size: int, momentum: float) -> keras.Model:
    """Build our U-Net with a regression that answers gray until it has learnt something."""
    network = unet(size, momentum)
    head = network.get_layer("ab_small")
    head.set_weights([0 * weights for weights in head.get_weights()])
    return network


def only(*names: str) -> Augmentation:
    """Return our augmentation with these alone switched on."""
    return Augmentation(**{name: getattr(OURS.augmentation, name) for name in names})


PLAIN_ADAM = replace(OURS.optimizer, name="adam", learning_rate=1e-3, warmup_steps=0, cosine=False,
                     weight_decay=0.0, clipnorm=None)  # fmt: skip
ROWS = {
    "ours": Row(),
    "another seed": Row(changes={"seed": 1}),
    "momentum 0.99": Row(changes={"batch_norm_momentum": 0.99}),
    "ab head alone": Row(partial(one_head, "ab")),
    "regression from gray": Row(from_gray),
    "classes alone": Row(partial(one_head, "bins")),
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


def measure(name: str, records: dict[Path, float], folder: Path) -> dict[str, Any]:
    """Train one row and return its figures."""
    row = ROWS[name]
    config: Training = replace(OURS, name="network", **{**COMMON, **row.changes})
    started = time.monotonic()
    history = train(config, records, folder, network=row.network)
    build = row.network or NETWORKS[config.network]
    return {
        "validation_ab_mse": selection_values(history)[-1],
        "training_ab_mse": history.get("ab_mse", history["loss"])[-1],
        "parameters": build(config.image_size, 0.9).count_params(),
        "seconds_per_epoch": min(history["seconds"]),
        "seconds": round(time.monotonic() - started, 1),
    }


def table(measured: dict[str, dict[str, Any]]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| | ab MSE, validation | training | parameters | s an epoch |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, found in measured.items():
        lines.append(
            f"| {name} | {found['validation_ab_mse']:.1f} | {found['training_ab_mse']:.1f} "
            f"| {found['parameters'] / 1e6:.2f} M | {found['seconds_per_epoch']:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Train the rows that are wanted and not done, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", nargs="+", help="FOLDER or FOLDER=WEIGHT")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--row", action="append", choices=list(ROWS))
    options = parser.parse_args()
    records = parse_folders(options.records)
    file = options.output / "ablation.json"
    options.output.mkdir(parents=True, exist_ok=True)
    measured = json.loads(file.read_text()) if file.is_file() else {}
    for name in options.row or ROWS:
        if name not in measured:
            print(f"\n{name}", flush=True)
            measured[name] = measure(name, records, options.output / name.replace(" ", "-"))
            save_json(file, measured)
    print(table({name: measured[name] for name in ROWS if name in measured}))


if __name__ == "__main__":
    main()
