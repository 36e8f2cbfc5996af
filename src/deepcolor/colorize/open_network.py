"""Choose the network that colorizes: an export for ONNX Runtime is preferred to a `.keras` file."""

from pathlib import Path

import numpy as np

from colorization.inference.colorize import ColorizationError, coloriser
from colorization.inference.model_path import load_model, own_model_path
from colorization.inference.predictor import Predictor, keras_predictor
from deepcolor.colorize.onnx_network import PACKAGED_NETWORK, open_exported, open_onnx
from deepcolor.errors import user_errors


def open_predictor(model: Path | None = None) -> Predictor:
    """Open a network and check that it colorizes.

    The model is a `.keras` or `.onnx` file; None is the user's own model, as `own_model_path` finds
    it, or else the network of this package.

    Raises:
        DeepColorError: If the network cannot be opened or used.
    """
    with user_errors(OSError, ValueError, ColorizationError):
        network = _network(model or own_model_path() or PACKAGED_NETWORK)
        coloriser(np.full((1, 1), 128, np.uint8), network)
    return network


def _network(path: Path) -> Predictor:
    if path.suffix == ".onnx":
        return open_onnx(path)
    if path.suffix != ".keras":
        raise ValueError(f"a network must be a .keras or .onnx file, received {path}")
    return open_exported(path) or keras_predictor(load_model(path))
