"""Networks on ONNX Runtime, which starts in a fraction of TensorFlow's time.

What is opened is the graph `network` of `deepcolor export`, from lightness to chroma. It makes a
`Network`, which `coloriser` takes in place of a model: everything but the network, and so memory
for large photos, 16 bits and quality, is `coloriser`'s own. TensorFlow is not imported.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colorization.inference.predictor import Predictor

if TYPE_CHECKING:
    import onnxruntime

NETWORK = "network"  # a graph of `deepcolor export`; its files are `export_path(model, NETWORK)`
SMALL = "-small"  # after the name of a graph whose weights have 8 and 16 bits
PACKAGED_NETWORK = Path(__file__).parent / "network" / "deep-colorization.onnx"
SOURCE = "source_sha256"  # of the .keras file, in the metadata of what was exported of it


def export_path(model: Path, graph: str, folder: Path | None = None) -> Path:
    """Return where a graph that was exported of a model lies.

    Args:
        model: Its `.keras` file.
        graph: As "network" or "network-small".
        folder: Of the exports; None for the model's own.
    """
    return (folder or model.parent) / f"{model.stem}-{graph}.onnx"


def file_digest(model: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with model.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_exported(model: Path, threads: int = 0) -> Predictor | None:
    """Open the export of a model: one that lies beside it, or the network of this package.

    Args:
        model: Its `.keras` file.
        threads: As in `open_onnx`.

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
                return _network(session, path)
    return None


def was_exported_from(session: "onnxruntime.InferenceSession", model: Path) -> bool:
    """Return whether a graph was exported of a model, as far as it says.

    Args:
        session: The graph.
        model: The `.keras` file.
    """
    source = session.get_modelmeta().custom_metadata_map.get(SOURCE)
    return source is None or bool(source == file_digest(model))


def open_onnx(path: Path, threads: int = 0) -> Predictor:
    """Open a network that was exported for ONNX Runtime.

    Args:
        path: Its file. It takes `lightness` `(batch, H, W, 1)` float32 L and, if it has classes, a
            scalar `temperature`, at 0 or below for its regression; it answers with `chroma`
            `(batch, H, W, 2)` float32 ab.
        threads: To compute with; 0 for one on each core.

    Returns:
        The network. It may be used from several threads at once.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such a network.
    """
    return _network(open_session(path, threads), path)


def open_session(path: Path, threads: int = 0) -> "onnxruntime.InferenceSession":
    """Open any ONNX graph on the processor.

    Args:
        path: Its file.
        threads: As in `open_onnx`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a graph.
    """
    import onnxruntime

    if not path.is_file():
        raise FileNotFoundError(f"no model at {path}")
    if threads < 0:
        raise ValueError(f"`threads` must be at least 0, received {threads}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait by spinning would take the cores from those that compose the photo.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common type
        raise ValueError(f"{path} is not a network for ONNX Runtime: {error}") from error


def _network(session: "onnxruntime.InferenceSession", path: Path) -> Predictor:
    shapes = {taken.name: taken.shape for taken in session.get_inputs()}
    if "lightness" not in shapes or not shapes.keys() <= {"lightness", "temperature"}:
        raise ValueError(f"{path} must take lightness and temperature, it takes {[*shapes]}")

    def answer(lightness: np.ndarray, temperature: float | None) -> np.ndarray:
        fed: dict[str, Any] = {"lightness": lightness}
        if "temperature" in shapes:
            fed["temperature"] = np.array(temperature or 0, np.float32)
        elif temperature is not None:
            raise ValueError("`temperature` needs a network that has classes, and this has none")
        return np.asarray(session.run(["chroma"], fed)[0])

    height, width = shapes["lightness"][1:3]
    fixed = isinstance(height, int) and isinstance(width, int)
    return Predictor(answer, (height, width) if fixed else None)
