"""The network behind the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorization.color.lightness import check_photo
from colorization.inference.colorize import coloriser, predict_small_chroma
from colorization.inference.predictor import Predictor
from deepcolor.colorize.hint_options import Hint
from deepcolor.colorize.open_network import open_predictor

# Of the page's maps, from accurate to lively; None is the network's regression.
TEMPERATURES = (None, 0.38)


@dataclass(frozen=True)
class Colorizer:
    """Computes the colors of photos with a network on any runtime. Thread-safe."""

    network: Predictor
    temperatures: tuple[float | None, ...]  # the `TEMPERATURES` that the network supports

    def colorize(
        self, photo: np.ndarray, strength: float, hints: Sequence[Hint] = ()
    ) -> np.ndarray:
        """Colorize a photo of any size, as `coloriser` does, to its dtype."""
        dtype = np.uint16 if photo.dtype == np.uint16 else np.uint8
        return coloriser(photo, self.network, strength=strength, dtype=dtype, hints=hints)

    def chroma(self, photo: np.ndarray, temperature: float | None) -> np.ndarray:
        """Predict the chroma of a small copy of a photo: `(h, w, 2)` float32 ab."""
        return predict_small_chroma(self.network, check_photo(photo), temperature)[1]


def open_colorizer(model: Path | None = None) -> Colorizer:
    """Open a model (see `open_predictor`) and find out which temperatures it supports.

    Raises:
        DeepColorError: If the model is missing or does not predict colors.
    """
    network = open_predictor(model)
    return Colorizer(network, tuple(t for t in TEMPERATURES if _supports(network, t)))


def _supports(network: Predictor, temperature: float | None) -> bool:
    size = network.input_size or (32, 32)
    try:
        network.chroma(np.full(size, 50, np.float32), temperature)
    except ValueError:
        if temperature is None:
            raise
        return False
    return True
