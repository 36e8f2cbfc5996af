"""Find and load the model that `coloriser` uses."""

import functools
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

MODEL_VARIABLE = "DEEP_COLORIZATION_MODEL"
_ROOT = Path(__file__).parents[3]
# Outside a clone of the repository, no `.keras` file ships.
SHIPPED_MODEL = _ROOT / "models" / "deep-colorization.keras"


def load_model(path: str | Path | None = None) -> "keras.Model":
    """Load a `.keras` file, or `default_model_path()`, once as long as the file does not change.

    Raises:
        FileNotFoundError: If there is no such file, or no default model.
        ValueError: If Keras cannot load the file.
    """
    path = Path(path) if path else default_model_path()
    check_model_file(path)
    return _load(path.resolve(), path.stat().st_mtime_ns)


def check_model_file(path: Path) -> None:
    """Check that a file may be a `.keras` file, before Keras is imported, which takes seconds.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is another kind of file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no model at {path}")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not a model: expected a .keras file")


@functools.lru_cache(maxsize=4)
def _load(path: Path, modified: int) -> "keras.Model":
    import keras

    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises a dozen types for a file that it cannot open
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path} is not a model that Keras can load: {reason}") from error


def default_model_path() -> Path:
    """Return `own_model_path()`, or, in a clone of the repository, the model that ships.

    Raises:
        FileNotFoundError: If there is none; the message says how to get one.
    """
    if path := own_model_path():
        return path
    if (_ROOT / "pyproject.toml").is_file() and SHIPPED_MODEL.is_file():
        return SHIPPED_MODEL
    raise FileNotFoundError(
        f"no model at {downloaded_model_path()}: run `make demo` or `deepcolor download`, "
        f"or name a .keras file in {MODEL_VARIABLE}"
    )


def own_model_path() -> Path | None:
    """Return the model in `DEEP_COLORIZATION_MODEL`, which must be there, or the downloaded one."""
    if named := os.environ.get(MODEL_VARIABLE):
        if not Path(named).is_file():
            raise FileNotFoundError(f"no model at {named}, which {MODEL_VARIABLE} names")
        return Path(named)
    downloaded = downloaded_model_path()
    return downloaded if downloaded.is_file() else None


def downloaded_model_path() -> Path:
    """Return where `deepcolor download` keeps the model, whether or not it is there yet."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "deep-colorization" / "model.keras"
