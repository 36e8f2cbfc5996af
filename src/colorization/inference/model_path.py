"""Where the model is that `coloriser` uses, and loading it."""

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

MODEL_VARIABLE = "DEEP_COLORIZATION_MODEL"
SHIPPED_MODEL = Path(__file__).parents[3] / "models" / "deep-colorization.keras"


def load_model(path: str | Path | None = None) -> "keras.Model":
    """Load a model, once per process as long as its file does not change.

    Args:
        path: A `.keras` file, or None for `default_model_path()`.

    Returns:
        The model.

    Raises:
        FileNotFoundError: If there is no such file, or no default model.
        ValueError: If the file is no model.
    """
    path = Path(path) if path else default_model_path()
    if not path.is_file():
        raise FileNotFoundError(f"no model at {path}")
    return _load(path.resolve(), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _load(path: Path, modified: int) -> "keras.Model":
    import keras

    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises a dozen types for a file that it cannot open
        raise ValueError(f"{path} is not a model that Keras can load: {error}") from error


def default_model_path() -> Path:
    """Return the model that `coloriser` uses when none is named.

    That is the file named by `DEEP_COLORIZATION_MODEL`, or the one that `deepcolor download` keeps,
    or the one that this repository ships.

    Raises:
        FileNotFoundError: If there is none; the message says how to get one.
    """
    named = os.environ.get(MODEL_VARIABLE)
    kept = downloaded_model_path()
    path = Path(named) if named else kept if kept.is_file() else SHIPPED_MODEL
    if not path.is_file():
        raise FileNotFoundError(
            f"no model at {path if named else kept}: run `make demo` or `deepcolor download`, "
            f"or name a .keras file in {MODEL_VARIABLE}"
        )
    return path


def downloaded_model_path() -> Path:
    """Return where `deepcolor download` keeps the model, whether or not it is there yet."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "deep-colorization" / "model.keras"
