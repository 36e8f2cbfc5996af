"""What computes the colors: chosen once, used for every photo.

A network that was exported for ONNX Runtime beside its `.keras` file is preferred: it starts in a
fraction of TensorFlow's time, and gives the same colors.
"""

from pathlib import Path

import numpy as np

from colorization.inference.colorize import ColorizationError, coloriser
from colorization.inference.model_path import default_model_path, load_model
from colorization.inference.predictor import Predictor, keras_predictor
from deepcolor.colorize.onnx_network import open_exported, open_onnx
from deepcolor.errors import user_errors


def open_predictor(model: Path | None = None, temperature: float | None = None) -> Predictor:
    """Open a network, and see that it answers with colors.

    Args:
        model: A `.keras` or `.onnx` file, or None for the default model.
        temperature: One that it must know, or None.

    Returns:
        The network.

    Raises:
        DeepColorError: If there is none, or it cannot do that.
    """
    with user_errors(OSError, ValueError, ColorizationError):
        network = _network(model or default_model_path())
        coloriser(np.full((1, 1), 128, np.uint8), network, temperature=temperature)
    return network


def _network(path: Path) -> Predictor:
    if path.suffix == ".onnx":
        return open_onnx(path)
    return open_exported(path) or keras_predictor(load_model(path))
