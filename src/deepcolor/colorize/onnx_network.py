"""Running exported networks on ONNX Runtime, which starts in a fraction of TensorFlow's time.

The graph `network` of `deepcolor export` maps lightness to chroma. It becomes a `Predictor`.
"""

import gzip
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colorization.config import HINT_GRID, HINT_STRIDE
from colorization.inference.predictor import Predictor

if TYPE_CHECKING:
    import onnxruntime

# Before its import: it would send reports to its maker, and keep them in files until then.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

NETWORK = "network"  # a graph of `deepcolor export`; its files are `export_path(model, NETWORK)`
INPUTS = {"lightness", "temperature", HINT_GRID}  # of that graph; all but the first are optional
SMALL = "-small"  # after the name of a graph whose weights have 12 and 16 bits
PACKAGED_NETWORK = Path(__file__).parent / "network" / "deep-colorization.onnx"
# The same network with small weights, from a photo to its chroma, for browsers.
PACKAGED_GRAPH = PACKAGED_NETWORK.with_name("deep-colorization-chroma-small.onnx.gz")
# The same without hints and with still smaller weights: a page's first colors come sooner.
PACKAGED_FIRST_GRAPH = PACKAGED_NETWORK.with_name("deep-colorization-chroma-first.onnx.gz")
SOURCE = "source_sha256"  # of the .keras file, in the metadata of what was exported from it


def export_path(model: Path, graph: str, folder: Path | None = None) -> Path:
    """Return the path of the graph `graph` that is exported from a `.keras` file.

    The folder is by default the model's own.
    """
    return (folder or model.parent) / f"{model.stem}-{graph}.onnx"


def file_digest(model: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_exported(model: Path, threads: int = 0) -> Predictor | None:
    """Open the export of a `.keras` file that lies beside it, or the network of this package.

    Returns:
        The network in float32, or else with small weights; None if there is none, or it was
        exported from another model of this name.

    Raises:
        ValueError: If there is one, and it is not a network.
    """
    beside = [export_path(model, graph) for graph in (NETWORK, NETWORK + SMALL)]
    for path in (*beside, PACKAGED_NETWORK):
        if path.is_file():
            session = open_session(path, threads)
            if was_exported_from(session, model):
                return _predictor(session, path)
    return None


def was_exported_from(session: "onnxruntime.InferenceSession", model: Path) -> bool:
    """Return whether a graph was exported from a `.keras` file; True if it does not state it."""
    source = session.get_modelmeta().custom_metadata_map.get(SOURCE)
    return source is None or bool(source == file_digest(model))


def open_onnx(path: Path, threads: int = 0) -> Predictor:
    """Open an exported network. Several threads may use the predictor at once.

    Args:
        path: An ONNX file. Its inputs are `lightness`, `(batch, H, W, 1)` float32 L; if the network
            has classes, the scalar `temperature`, where 0 or below selects the regression; if it
            takes hints, `hint_grid`. Its output is `chroma`, `(batch, H, W, 2)` float32 ab.
        threads: Number of threads to compute with; 0 for one per core.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such network.

    Example:
        >>> coloriser(photo, open_onnx(Path("exports/deep-colorization-network.onnx")))
    """
    return _predictor(open_session(path, threads), path)


def open_session(path: Path, threads: int = 0) -> "onnxruntime.InferenceSession":
    """Open an ONNX graph, which may be compressed, on the CPU; else as in `open_onnx`."""
    import onnxruntime

    if not path.is_file():
        raise FileNotFoundError(f"no model at {path}")
    if threads < 0:
        raise ValueError(f"`threads` must be at least 0, received {threads}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Spinning threads would take the cores from the rest of the work on the photo.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        source = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path
        return onnxruntime.InferenceSession(source, options, ["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common type
        raise ValueError(f"{path} is not a network for ONNX Runtime: {error}") from error


def _predictor(session: "onnxruntime.InferenceSession", path: Path) -> Predictor:
    shapes = {tensor.name: tensor.shape for tensor in session.get_inputs()}
    if "lightness" not in shapes or not shapes.keys() <= INPUTS:
        raise ValueError(
            f"{path} must have inputs of {', '.join(sorted(INPUTS))}, received {[*shapes]}"
        )

    def predict(
        lightness: np.ndarray, temperature: float | None, grid: np.ndarray | None = None
    ) -> np.ndarray:
        fed: dict[str, Any] = {"lightness": lightness}
        if HINT_GRID in shapes:
            fed[HINT_GRID] = _no_hints(lightness) if grid is None else grid
        if "temperature" in shapes:
            fed["temperature"] = np.array(temperature or 0, np.float32)
        elif temperature is not None:
            raise ValueError(
                "`temperature` needs a network that has classes, and this one has none"
            )
        return np.asarray(session.run(["chroma"], fed)[0])

    def follow_hints(lightness: np.ndarray, grid: np.ndarray) -> np.ndarray:
        return predict(lightness, None, grid)

    height, width = shapes["lightness"][1:3]
    fixed = isinstance(height, int) and isinstance(width, int)
    size = (height, width) if fixed else None
    return Predictor(predict, size, follow_hints if HINT_GRID in shapes else None)


def _no_hints(lightness: np.ndarray) -> np.ndarray:
    batch, height, width = lightness.shape[:3]
    return np.zeros((batch, height // HINT_STRIDE, width // HINT_STRIDE, 3), np.float32)
