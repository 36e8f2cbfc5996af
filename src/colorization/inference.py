"""Colourising photos of any size and kind.

The photo's lightness is reduced with its aspect ratio kept (bicubic, antialiased) until the longer
side is `framing.WORKING_SIDE`, or fits what the network is bound to; mirrored at its borders up to
multiples of 32; and given to the network. The answer is cut back to the small picture, enlarged
bicubically to the photo's size, multiplied by the strength, brought into the sRGB gamut by scaling
chroma at constant hue and lightness, and joined with the photo's own lightness.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colorization.composition import compose
from colorization.framing import cropped, enlarged, frame_of, framed
from colorization.lightness import checked_photo, lightness_of, tile_lightness
from colorization.model_files import default_model_path, downloaded_model_path, load_model
from colorization.network import ColorizationError, Network, keras_network

if TYPE_CHECKING:
    import keras

__all__ = [
    "ColorizationError",
    "coloriser",
    "default_model_path",
    "downloaded_model_path",
    "lightness_of",
    "load_model",
    "predict_chroma",
]


def coloriser(
    im: Any,
    model: "keras.Model | Network | str | Path | None" = None,
    *,
    strength: float = 1.0,
    temperature: float | None = None,
    quality: bool = False,
    dtype: type[np.unsignedinteger] = np.uint8,
) -> np.ndarray:
    """Colourise a black-and-white photo, as the assignment asks. Eager only.

    Args:
        im: Photo of any size: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`; uint8, uint16 or
            bool over their range, or floating point in [0, 1]. Of a colour photo only the lightness
            is used, and transparency is ignored.
        model: A model from L to ab, or to ab and classes; its `.keras` file; or None for
            `default_model_path()`.
        strength: Factor on the chroma: 0 for grey, 1 as predicted, above it more vivid.
        temperature: None for the network's regression, which is accurate; above 0 for the annealed
            mean of its classes: 1 is dull, 0.38 livelier, towards 0 vivid and blotchy.
        quality: Whether to average with the colours of the mirrored photo; takes twice as long.
        dtype: Of the result: np.uint8, or np.uint16 for photos of 16 bits.

    Returns:
        `(H, W, 3)` sRGB over the range of `dtype`, whose lightness is that of `im` up to rounding.

    Raises:
        TypeError: If `im` is not an array of numbers.
        ValueError: If its shape or range, or another argument, is not one of those above.
        FileNotFoundError: If no model is given and none is found.
        ColorizationError: If the model does not answer with colours.
    """
    image = checked_photo(im)
    if not (math.isfinite(strength) and strength >= 0):
        raise ValueError(f"`strength` must be at least 0, received {strength}")
    if dtype not in (np.uint8, np.uint16):
        raise ValueError(f"`dtype` must be np.uint8 or np.uint16, received {dtype}")
    if model is None or isinstance(model, str | Path):
        model = load_model(model)
    chroma = _small_chroma(model, image, temperature, quality)
    return compose(image, chroma, strength, dtype)


def predict_chroma(
    model: "keras.Model | Network",
    lightness: np.ndarray,
    temperature: float | None = None,
    quality: bool = False,
) -> np.ndarray:
    """Predict the chroma of a photo of any size, in the way of `coloriser`.

    Args:
        model: As `coloriser` takes it, loaded.
        lightness: `(H, W)` float32 in [0, 100].
        temperature: As in `coloriser`.
        quality: As in `coloriser`.

    Returns:
        `(H, W, 2)` float32 ab in [-128, 128].

    Raises:
        ValueError: If an argument is not one of those above.
        ColorizationError: If the model does not answer with colours.
    """
    lightness = np.asarray(lightness)
    if lightness.ndim != 2 or lightness.size == 0 or lightness.dtype.kind != "f":
        raise ValueError(
            "`lightness` must be (H, W) floating point, "
            f"received {lightness.dtype} of shape {lightness.shape}"
        )
    small = _small_chroma(model, lightness, temperature, quality, lambda part: part)
    return enlarged(small, lightness.shape).clip(-128, 128)


def _small_chroma(
    model: "keras.Model | Network",
    image: np.ndarray,
    temperature: float | None,
    quality: bool,
    lightness: Callable[[np.ndarray], np.ndarray] = tile_lightness,
) -> np.ndarray:
    network = model if isinstance(model, Network) else keras_network(model)
    frame = frame_of(image.shape, network.input_size)
    chroma = network.chroma(framed(image, frame, lightness), temperature, quality)
    return cropped(chroma, frame)
