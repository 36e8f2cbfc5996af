"""What computes the colours: chosen once, used for every photo.

A network that was exported for ONNX Runtime beside its `.keras` file is preferred: it starts in a
fraction of TensorFlow's time, and gives the same colours.
"""

from pathlib import Path

import numpy as np

from colorization.inference.colorize import ColorizationError, coloriser
from colorization.inference.model_path import default_model_path, load_model
from colorization.inference.predictor import Network, keras_network
from deepcolor.colorize.onnx_network import exported_network, onnx_network
from deepcolor.errors import told


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
    if path.suffix == ".onnx":
        return onnx_network(path)
    return exported_network(path) or keras_network(load_model(path))
