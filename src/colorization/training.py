"""Training that shows its progress, survives an interruption, and leaves a portable model."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from colorization.config import Training
from colorization.distribution import Distribution
from colorization.manifest import save_json
from colorization.models import autoencoder
from colorization.records import load_info

History = dict[str, list[float]]
Network = Callable[[int, float], keras.Model]


def train(
    config: Training,
    records: Path,
    output: Path,
    distribution: Distribution | None = None,
    network: Network = autoencoder,
) -> History:
    """Train the auto-encoder of figure 2 as the assignment asks, resuming where it was interrupted.

    Writes `<name>.keras`, the model without optimizer state, and `<name>-history.json`. After each
    epoch a checkpoint that holds the optimizer's state replaces the previous one; run again with
    the same `output`, training goes on from there. It is removed once the model is saved.

    Args:
        config: Epochs, batch size, translation, seed.
        records: Folder of records.
        output: Folder to write to; created if needed. Several workers must share it: all of them
            read the checkpoint, the first one writes.
        distribution: The devices to train on; by default, one.
        network: Builds the model of an image size and a batch normalisation's momentum.

    Returns:
        For each of "loss" and "val_loss" (ab MSE), and "seconds", one value per epoch.
    """
    distribution = distribution or Distribution()
    output.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(config.seed)
    first = distribution.placement.worker == 0
    checkpoint = Checkpoint(output / f"{config.name}-checkpoint", writes=first)
    with distribution.scope():
        model = checkpoint.load() or _compiled(config, records, network)
    distribution.fit(
        model,
        config,
        records,
        epochs=config.epochs,
        initial_epoch=checkpoint.epoch,
        callbacks=[checkpoint, Log(config.epochs)] if first else [checkpoint],
        verbose=0,
    )
    if first:
        save_portable(model, output / f"{config.name}.keras")
        save_json(output / f"{config.name}-history.json", checkpoint.history)
        checkpoint.remove()
    return checkpoint.history


def _compiled(config: Training, records: Path, network: Network) -> keras.Model:
    model = network(load_info(records).image_size, config.batch_norm_momentum)
    model.compile(optimizer="adam", loss="mse")
    return model


def best_run(histories: dict[str, History]) -> str:
    """Return the file name of the model whose validation loss is lowest at the end.

    Args:
        histories: History of each run by its name.
    """
    return min(histories, key=lambda name: histories[name]["val_loss"][-1]) + ".keras"


def save_portable(model: keras.Model, path: Path) -> None:
    """Save a model for inference: no optimizer state, a third of the size, whole or not at all.

    Args:
        model: A built model of standard layers.
        path: File to write, `.keras`.
    """
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    part = path.with_name(path.stem + ".part.keras")
    bare.save(part)
    part.replace(path)


class Checkpoint(keras.callbacks.Callback):
    """Keeps the state of training after each epoch, so that it can be resumed.

    The model with its optimizer and the history up to it carry the epoch in their names, and the
    history is written first: a kill at any moment leaves one complete pair.

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
        path = self.folder / f"epoch-{epoch + 1:04d}.keras"
        save_json(path.with_suffix(".json"), self.history)
        part = self.folder / "part.keras"
        self.model.save(part)
        part.replace(path)
        self._forget(except_epoch=epoch + 1)

    def remove(self) -> None:
        """Delete the checkpoints."""
        self._forget(except_epoch=None)
        if self.folder.is_dir():
            self.folder.rmdir()

    def _forget(self, except_epoch: int | None) -> None:
        for path in self.folder.glob("epoch-????.*"):
            if path.stem != f"epoch-{except_epoch or 0:04d}":
                path.unlink()


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
