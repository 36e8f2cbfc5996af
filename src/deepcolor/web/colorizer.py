"""What computes the colors of the web service, chosen when it starts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from colorization.color.lightness import check_photo
from colorization.inference.colorize import coloriser, predict_small_chroma
from colorization.inference.predictor import Predictor
from deepcolor.colorize.open_network import open_predictor

# From accurate to vivid: what the page's slider goes through.
TEMPERATURES = (None, 0.38, 0.15)


class Colorizer(Protocol):
    """What the service asks for. Used from several threads at once."""

    @property
    def temperatures(self) -> tuple[float | None, ...]:
        """Temperatures of the page's slider, from accurate to vivid; None is the regression."""

    def colorize(self, photo: np.ndarray, strength: float, temperature: float | None) -> np.ndarray:
        """Colorize a photo.

        Args:
            photo: `(H, W)` or `(H, W, 3)` sRGB, uint8 or uint16, of any size.
            strength: Factor on the chroma.
            temperature: Above 0, or None for the network's regression.

        Returns:
            `(H, W, 3)` sRGB of the photo's dtype.

        Raises:
            ValueError: If the network has no classes and a temperature is asked for.
        """

    def chroma(self, photo: np.ndarray, temperature: float | None) -> np.ndarray:
        """Predict the chroma of a photo.

        Args:
            photo: As `colorize` takes it.
            temperature: As `colorize` takes it.

        Returns:
            `(h, w, 2)` float32 ab of a small copy of the photo.

        Raises:
            ValueError: As `colorize`.
        """


@dataclass(frozen=True)
class NetworkColorizer:
    """Colorizes with a network, in the way of `coloriser`.

    Attributes:
        network: From lightness to chroma; on any runtime.
        temperatures: As in `Colorizer`.
    """

    network: Predictor
    temperatures: tuple[float | None, ...]

    def colorize(self, photo: np.ndarray, strength: float, temperature: float | None) -> np.ndarray:
        """Colorize a photo, as `Colorizer.colorize` says."""
        dtype = np.uint16 if photo.dtype == np.uint16 else np.uint8
        return coloriser(
            photo, self.network, strength=strength, temperature=temperature, dtype=dtype
        )

    def chroma(self, photo: np.ndarray, temperature: float | None) -> np.ndarray:
        """Predict chroma, as `Colorizer.chroma` says."""
        return predict_small_chroma(self.network, check_photo(photo), temperature)[1]


def open_colorizer(model: Path | None = None) -> Colorizer:
    """Open a model and see that it colorizes.

    Args:
        model: Its `.keras` or `.onnx` file; None for the downloaded or the shipped one. What was
            exported beside a `.keras` file is preferred to it.

    Raises:
        DeepColorError: If there is no such model, or it does not answer with colors.
    """
    return colorizer_of(open_predictor(model))


def colorizer_of(network: Predictor) -> Colorizer:
    """Make a colorizer of a network, having tried which temperatures it has.

    Args:
        network: From lightness to chroma.

    Raises:
        ColorizationError: If it does not answer with colors.
    """
    found = tuple(t for t in TEMPERATURES if _answers(network, t))
    return NetworkColorizer(network, found)


def _answers(network: Predictor, temperature: float | None) -> bool:
    size = network.input_size or (32, 32)
    try:
        network.chroma(np.full(size, 50, np.float32), temperature)
    except ValueError:
        if temperature is None:
            raise
        return False
    return True
