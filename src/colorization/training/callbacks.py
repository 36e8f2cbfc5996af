"""Callbacks of a training: checkpoints to resume from, and a progress log."""

import json
import math
import shutil
import time
from pathlib import Path
from typing import Any

import keras

from colorization.files import atomic_path, save_json

History = dict[str, list[float]]


def selection_values(history: History) -> list[float]:
    """Return one value per epoch; the lowest is the best: validation ab MSE, or else the loss."""
    return history.get("val_ab_mse", history["val_loss"])


def save_model(model: keras.Model, path: Path) -> None:
    """Save a model of standard layers as a `.keras` file, whole or not at all."""
    with atomic_path(path) as part:
        model.save(part)


class Checkpoint(keras.callbacks.Callback):
    """Saves the state of training after each epoch, so that it can be resumed.

    The model with its optimizer and the history carry the epoch in their names, and the history is
    written first: a kill at any moment leaves one complete pair. Only the best and the last epoch
    are kept. Of several workers only one `writes`.
    """

    def __init__(self, folder: Path, writes: bool = True):
        super().__init__()
        self.folder = folder
        self.writes = writes
        self.epoch = 0
        self.history: History = {"loss": [], "val_loss": [], "seconds": []}
        self._started = 0.0

    def load(self) -> keras.Model | None:
        """Return the model of the last complete epoch, or None; set `epoch` and `history`."""
        saved = sorted(self.folder.glob("epoch-????.keras"))
        if not saved:
            return None
        self.epoch = int(saved[-1].stem[-4:])
        self.history = json.loads(saved[-1].with_suffix(".json").read_text("utf-8"))
        return keras.saving.load_model(saved[-1])

    def best(self) -> keras.Model:
        """Return the model of the best epoch so far, by `selection_values`."""
        return keras.saving.load_model(self._best_path(), compile=False)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        seconds = round(time.monotonic() - self._started, 2)
        invalid = [name for name, value in (logs or {}).items() if not math.isfinite(value)]
        if invalid:
            raise ValueError(
                f"the training diverged: {', '.join(invalid)} of epoch {epoch + 1} is not finite; "
                "try a lower `optimizer.learning_rate`, or float32"
            )
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
        values = selection_values(self.history)
        return self._path(values.index(min(values)) + 1)

    def _path(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:04d}.keras"

    def remove(self) -> None:
        """Delete the checkpoints."""
        shutil.rmtree(self.folder, ignore_errors=True)


class ProgressLog(keras.callbacks.Callback):
    """Prints a line per epoch and every few seconds, as Kaggle's logs show no progress bars.

    `deepcolor run` reads the lines.
    """

    def __init__(self, name: str, epochs: int, every: float = 10.0):
        super().__init__()
        self.name = name
        self.epochs = epochs
        self.every = every
        self._epoch = 0
        self._started = self._last_print = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch + 1
        self._started = self._last_print = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now = time.monotonic()
        if now - self._last_print < self.every:
            return
        self._last_print = now
        step = f"step {batch + 1}/{self.params['steps']}"
        loss = (logs or {}).get("loss", float("nan"))
        print(f"{self.name} epoch {self._epoch}/{self.epochs}: {step}, loss {loss:.1f}", flush=True)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        measures = ", ".join(f"{name} {value:.1f}" for name, value in (logs or {}).items())
        seconds = time.monotonic() - self._started
        print(
            f"{self.name} epoch {epoch + 1}/{self.epochs}: {measures} ({seconds:.0f} s)", flush=True
        )
