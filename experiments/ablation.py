"""What each part of the U-Net and of its recipe gains: short trainings that differ in one thing.

    python -m experiments.ablation faces=8 people-wide=9 things-wide=8 --output build/ablation
    python -m experiments.ablation faces=8 people-wide=9 things-wide=8 --output build/ablation \
        --row float32

A row is one epoch at 128 pixels. It is measured on all photos of the validation splits, and its
difference from *ours* on the same photos has a 95 % bootstrap interval. Rows that the JSON file
holds are not trained again.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import typer
from docs.build import markdown_tables

from colorization.augment import Augmentation
from colorization.evaluation.image_scores import bootstrap_interval
from colorization.inference.colorize import load_model
from colorization.models import NetworkBuilder, colorizer, unet
from colorization.training.recipes import RECIPES
from deepcolor.local.train_arguments import parse_folders
from experiments import harness

OURS = replace(RECIPES["unet"], name="network", epochs=1, max_images=None, image_size=128)
GEOMETRY = ("flip", "rotation", "crop", "stretch")
ERRORS = "errors.npz"  # of the photos, by set, in the folder of a row


def without_scene(size: int, momentum: float) -> keras.Model:
    """Build the U-Net with a global context that stays zero."""
    network = unet(size, momentum)
    network.get_layer("scene_features").trainable = False
    return network


def single_head(head: str, size: int, momentum: float) -> keras.Model:
    """Build the U-Net with one of its heads."""
    network = unet(size, momentum)
    if head == "ab":
        return colorizer(network, None)
    return keras.Model(network.inputs[0], network.output["bins"])


def only(*names: str) -> Augmentation:
    """Keep these operations of the recipe's augmentation."""
    return Augmentation(**{name: getattr(OURS.augmentation, name) for name in names})


ROWS = {
    "ours": OURS,
    "another seed": replace(OURS, seed=1),
    "random encoder": OURS,
    "frozen encoder": replace(OURS, optimizer=replace(OURS.optimizer, encoder_rate=0.0)),
    "encoder at the full rate": replace(OURS, optimizer=replace(OURS.optimizer, encoder_rate=1.0)),
    "no scene context": OURS,
    "ab head alone": OURS,
    "classes alone": OURS,
    "no augmentation": replace(OURS, augmentation=Augmentation()),
    "geometry alone": replace(OURS, augmentation=only(*GEOMETRY)),
    "today's film alone": replace(OURS, augmentation=replace(OURS.augmentation, emulsion=0.0)),
    "constant rate": replace(OURS, optimizer=replace(OURS.optimizer, cosine=False)),
    "float32": replace(OURS, mixed_precision=False),
    "figure 2": replace(OURS, network="autoencoder"),
}
# Rows whose network is not built by their recipe.
BUILDERS: dict[str, NetworkBuilder] = {
    "random encoder": partial(unet, pretrained=False),
    "no scene context": without_scene,
    "ab head alone": partial(single_head, "ab"),
    "classes alone": partial(single_head, "bins"),
}


def measure(name: str, records: Mapping[Path, float], output: Path) -> harness.Result:
    """Train one row and return its figures."""
    config, folder = ROWS[name], output / name.replace(" ", "-")
    started = time.monotonic()
    history = harness.train_once(config, records, folder, BUILDERS.get(name))
    network = load_model(folder / f"{config.name}.keras")
    model = colorizer(network)
    errors = {path.name: harness.photo_errors(model, path, config.image_size) for path in records}
    np.savez(folder / ERRORS, **errors)
    return {
        "validation_ab_mse": {name: float(values.mean()) for name, values in errors.items()},
        "against_ours": _against_ours(errors, output),
        "parameters": network.count_params(),
        "seconds_per_epoch": min(history["seconds"]),
        "seconds": round(time.monotonic() - started, 1),
    }


def _against_ours(errors: Mapping[str, np.ndarray], output: Path) -> dict[str, dict[str, float]]:
    """Return the mean difference on each set, with "low" and "high"; empty before *ours* is."""
    if not (output / "ours" / ERRORS).is_file():
        return {}
    with np.load(output / "ours" / ERRORS) as ours:
        return {name: bootstrap_interval(errors[name] - ours[name], seed=0) for name in errors}


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
