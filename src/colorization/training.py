"""Training that shows its progress, survives an interruption, and leaves a portable model."""

import json
import shutil
import time
from math import ceil
from pathlib import Path
from typing import Any

import keras
import numpy as np

from colorization.config import Training
from colorization.distribution import Distribution, Records
from colorization.manifest import save_json
from colorization.pipeline import photo_count, weighted
from colorization.placement import Placement
from colorization.precision import mixed_policy, policy
from colorization.preparation import STATISTICS
from colorization.recipes import (
    FULLY_CONVOLUTIONAL,
    NETWORKS,
    Network,
    compile_for,
    epochs_for,
)
from colorization.records import load_info
from colorization.statistics import ChromaStatistics

History = dict[str, list[float]]


def train(
    config: Training,
    records: Records,
    output: Path,
    distribution: Distribution | None = None,
    network: Network | None = None,
) -> History:
    """Train a network by its recipe, resuming where it was interrupted.

    Writes `<name>.keras`, the network of the best epoch in float32 and without optimizer state, and
    `<name>-history.json`. The best epoch is that of the lowest `criterion`. After each epoch a
    checkpoint that holds the optimizer's state replaces the previous one; run again with the same
    `output`, training goes on from there. It is removed once the model is saved.

    Args:
        config: The recipe.
        records: Folder of records, or several with their weights, as `pipeline.training` takes
            them.
        output: Folder to write to; created if needed. Several workers must share it: all of them
            read the checkpoint, the first one writes.
        distribution: The devices to train on; by default, one.
        network: Builds the model of an image size and a batch normalisation's momentum; by
            default, `config.network`.

    Returns:
        For each of "loss" and "val_loss", what the recipe measures besides, and "seconds", one
        value per epoch.
    """
    distribution = distribution or Distribution()
    output.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(config.seed)
    build = network or NETWORKS[config.network]
    first = distribution.placement.worker == 0
    checkpoint = Checkpoint(output / f"{config.name}-checkpoint", writes=first)
    with distribution.scope():
        model = checkpoint.load()
        if model is None:
            model = _compiled(config, records, distribution.placement, build)
            _start(model, config, output)
    epochs = epochs_for(config, photo_count(records, "train"))
    distribution.fit(
        model,
        config,
        records,
        epochs=epochs,
        initial_epoch=checkpoint.epoch,
        callbacks=[checkpoint, Log(epochs)] if first else [checkpoint],
        verbose=0,
    )
    if first:
        whole = None if config.network in FULLY_CONVOLUTIONAL else _side(config, records)
        portable = build(whole, config.batch_norm_momentum)
        portable.set_weights(checkpoint.best().get_weights())
        save_model(portable, output / f"{config.name}.keras")
        save_json(output / f"{config.name}-history.json", checkpoint.history)
        checkpoint.remove()
    return checkpoint.history


def _compiled(
    config: Training, records: Records, placement: Placement, build: Network
) -> keras.Model:
    name = mixed_policy(placement.devices[0]) if config.mixed_precision else "float32"
    with policy(name):
        model = build(_side(config, records), config.batch_norm_momentum)
    photos = photo_count(records, "train")
    epoch_steps = ceil(photos / config.batch_size)
    steps = epoch_steps * epochs_for(config, photos)
    compile_for(model, config, _ab_counts(records), steps, epoch_steps)
    return model


def _start(model: keras.Model, config: Training, output: Path) -> None:
    if config.start is None:
        return
    before = output / f"{config.start}.keras"
    if not before.is_file():
        raise FileNotFoundError(
            f"{config.name} goes on from {config.start}, and {before} is not there: train it first"
        )
    model.set_weights(keras.saving.load_model(before, compile=False).get_weights())


def _side(config: Training, records: Records) -> int:
    return config.image_size or load_info(next(iter(weighted(records)))).image_size


def _ab_counts(records: Records) -> np.ndarray:
    folders = weighted(records)
    statistics = [ChromaStatistics.load(folder / STATISTICS) for folder in folders]
    return sum(statistics, ChromaStatistics.none()).ab_counts


def criterion(history: History) -> list[float]:
    """Return the values by which epochs are compared; the lowest is the best.

    Args:
        history: Of a run.

    Returns:
        The validation split's ab MSE where it was measured beside the loss, else its loss.
    """
    return history.get("val_ab_mse", history["val_loss"])


def best_run(histories: dict[str, History]) -> str:
    """Return the file name of the model whose validation loss is lowest.

    Args:
        histories: History of each run by its name; all have the same loss.
    """
    return min(histories, key=lambda name: min(criterion(histories[name]))) + ".keras"


def save_model(model: keras.Model, path: Path) -> None:
    """Save a model, whole or not at all.

    Args:
        model: A built model of standard layers.
        path: File to write, `.keras`.
    """
    part = path.with_name(path.stem + ".part.keras")
    model.save(part)
    part.replace(path)


class Checkpoint(keras.callbacks.Callback):
    """Keeps the state of training after each epoch, so that it can be resumed.

    The model with its optimizer and the history up to it carry the epoch in their names, and the
    history is written first: a kill at any moment leaves one complete pair. Those of the best epoch
    and of the last one stay, the others are removed.

    Args:
        folder: Where the checkpoints are kept.
        writes: Whether to write them; of several workers, only one does.
    """

    def __init__(self, folder: Path, writes: bool = True):
        super().__init__()
        self.folder = folder
        self.writes = writes
        self.epoch = 0
        self.history: History = {"loss": [], "val_loss": [], "seconds": []}
        self._started = 0.0

    def load(self) -> keras.Model | None:
        """Return the model of the last complete epoch, or None; sets `epoch` and `history`."""
        saved = sorted(self.folder.glob("epoch-????.keras"))
        if not saved:
            return None
        self.epoch = int(saved[-1].stem[-4:])
        self.history = json.loads(saved[-1].with_suffix(".json").read_text("utf-8"))
        return keras.saving.load_model(saved[-1])

    def best(self) -> keras.Model:
        """Return the model of the best epoch so far, by `criterion`."""
        return keras.saving.load_model(self._best_path(), compile=False)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        seconds = round(time.monotonic() - self._started, 2)
        for name, value in {**(logs or {}), "seconds": seconds}.items():
            self.history.setdefault(name, []).append(float(value))
        if self.writes:
            self._save(epoch)

    def _save(self, epoch: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(epoch + 1)
        save_json(path.with_suffix(".json"), self.history)
        save_model(self.model, path)
        kept = {path, self._best_path()}
        for file in self.folder.glob("epoch-????.*"):
            if file.with_suffix(".keras") not in kept:
                file.unlink()

    def _best_path(self) -> Path:
        values = criterion(self.history)
        return self._path(values.index(min(values)) + 1)

    def _path(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:04d}.keras"

    def remove(self) -> None:
        """Delete the checkpoints."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Log(keras.callbacks.Callback):
    """Prints a line per epoch, and one every few seconds within: a log that can be followed.

    Args:
        epochs: Epochs in all.
        every: Seconds between lines.
    """

    def __init__(self, epochs: int, every: float = 10.0):
        super().__init__()
        self.epochs = epochs
        self.every = every
        self._epoch = 0
        self._started = self._said = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch + 1
        self._started = self._said = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now = time.monotonic()
        if now - self._said < self.every:
            return
        self._said = now
        step = f"step {batch + 1}/{self.params['steps']}"
        loss = (logs or {}).get("loss", float("nan"))
        print(f"epoch {self._epoch}/{self.epochs}: {step}, loss {loss:.1f}", flush=True)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        measures = ", ".join(f"{name} {value:.1f}" for name, value in (logs or {}).items())
        seconds = time.monotonic() - self._started
        print(f"epoch {epoch + 1}/{self.epochs}: {measures} ({seconds:.0f} s)", flush=True)
