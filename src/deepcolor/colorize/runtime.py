"""What computes the colours: chosen once, used for every photo.

A network that was exported for ONNX Runtime beside its `.keras` file is preferred: it starts in a
fraction of TensorFlow's time, and gives the same colours.
"""

from pathlib import Path
from typing import Any

import numpy as np

from colorization.inference import ColorizationError, coloriser
from colorization.model_files import default_model_path, load_model
from colorization.network import Network, keras_network
from deepcolor.errors import told

EXPORTED = "network.onnx"  # beside the model, after its name and a hyphen


def open_network(model: Path | None = None, temperature: float | None = None) -> Network:
    """Open a network, and see that it answers with colours.

    Args:
        model: A `.keras` or `.onnx` file, or None for the default model.
        temperature: One that it must know, or None.

    Returns:
        The network.

    Raises:
        DeepColorError: If there is none, or it cannot do that.
    """
    with told(OSError, ValueError, ColorizationError):
        network = _network(model or default_model_path())
        coloriser(np.full((1, 1), 128, np.uint8), network, temperature=temperature)
    return network


def _network(path: Path) -> Network:
    exported = path.with_name(f"{path.stem}-{EXPORTED}")
    if path.suffix == ".onnx" or exported.is_file():
        return onnx_network(path if path.suffix == ".onnx" else exported)
    return keras_network(load_model(path))


def onnx_network(path: Path) -> Network:
    """Open a network that was exported for ONNX Runtime.

    Args:
        path: Its file. It takes `lightness` `(batch, H, W, 1)` float32 L and, if it has classes, a
            scalar `temperature`, at 0 or below for its regression; it answers with `chroma`
            `(batch, H, W, 2)` float32 ab.

    Returns:
        The network.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such a network.
    """
    import onnxruntime

    if not path.is_file():
        raise FileNotFoundError(f"no model at {path}")
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common type
        raise ValueError(f"{path} is not a network for ONNX Runtime: {error}") from error
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
    return Network(answer, (height, width) if fixed else None)
