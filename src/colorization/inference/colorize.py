"""Colorizing photos of any size and kind.

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

from colorization.color.lightness import check_photo, tile_lightness
from colorization.inference.model_path import default_model_path, downloaded_model_path, load_model
from colorization.inference.predictor import ColorizationError, Predictor, keras_predictor
from colorization.inference.preprocess import (
    WORKING_SIDE,
    plan_resize,
    resize_and_pad,
    unpad,
    upsample,
)
from colorization.inference.recolor import recolor

if TYPE_CHECKING:
    import keras

# Around the usual one: what one size gets wrong the other often does not.
TTA_SIDES = (160, 256)

__all__ = [
    "ColorizationError",
    "coloriser",
    "default_model_path",
    "downloaded_model_path",
    "load_model",
    "predict_chroma",
    "predict_small_chroma",
]


def coloriser(
    im: Any,
    model: "keras.Model | Predictor | str | Path | None" = None,
    *,
    strength: float = 1.0,
    temperature: float | None = None,
    quality: bool = False,
    dtype: type[np.unsignedinteger] = np.uint8,
) -> np.ndarray:
    """Colorize a black-and-white photo, as the assignment asks. Eager only.

    Args:
        im: Photo of any size: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`; uint8, uint16 or
            bool over their range, or floating point in [0, 1]. Of a color photo only the lightness
            is used, and transparency is ignored.
        model: A model from L to ab, or to ab and classes; its `.keras` file; or None for
            `default_model_path()`.
        strength: Factor on the chroma: 0 for gray, 1 as predicted, above it more vivid.
        temperature: None for the network's regression, which is accurate; above 0 for the annealed
            mean of its classes: 1 is dull, 0.38 livelier, toward 0 vivid and blotchy.
        quality: Whether to average what the network says of the photo and of its mirror image, and
            of both at two sizes, if it takes any size; the network works five times as long.
        dtype: Of the result: np.uint8, or np.uint16 for photos of 16 bits.

    Returns:
        `(H, W, 3)` sRGB over the range of `dtype`, whose lightness is that of `im` up to rounding.

    Raises:
        TypeError: If `im` is not an array of numbers.
        ValueError: If its shape or range, or another argument, is not one of those above.
        FileNotFoundError: If no model is given and none is found.
        ColorizationError: If the model does not answer with colors.
    """
    image = check_photo(im)
    if not (math.isfinite(strength) and strength >= 0):
        raise ValueError(f"`strength` must be at least 0, received {strength}")
    if dtype not in (np.uint8, np.uint16):
        raise ValueError(f"`dtype` must be np.uint8 or np.uint16, received {dtype}")
    if model is None or isinstance(model, str | Path):
        model = load_model(model)
    network = model if isinstance(model, Predictor) else keras_predictor(model)
    _, chroma = predict_small_chroma(network, image, temperature, quality)
    return recolor(image, chroma, strength, dtype)


def predict_chroma(
    model: "keras.Model | Predictor",
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
        ColorizationError: If the model does not answer with colors.
    """
    lightness = np.asarray(lightness)
    if lightness.ndim != 2 or lightness.size == 0 or lightness.dtype.kind != "f":
        raise ValueError(
            "`lightness` must be (H, W) floating point, "
            f"received {lightness.dtype} of shape {lightness.shape}"
        )
    network = model if isinstance(model, Predictor) else keras_predictor(model)
    _, chroma = predict_small_chroma(network, lightness, temperature, quality, lambda part: part)
    return upsample(chroma, lightness.shape).clip(-128, 128)


def predict_small_chroma(
    network: Predictor,
    image: np.ndarray,
    temperature: float | None = None,
    quality: bool = False,
    lightness: Callable[[np.ndarray], np.ndarray] = tile_lightness,
) -> tuple[np.ndarray, np.ndarray]:
    """Predict chroma at the size at which a network is shown a photo.

    Args:
        network: The network.
        image: `(H, W)` or `(H, W, 3)`, checked by `check_photo`.
        temperature: As in `coloriser`.
        quality: As in `coloriser`.
        lightness: From a part of the image to its L, `(rows, columns)` float32.

    Returns:
        What the network was shown, `(h, w)` float32 L, and `(h, w, 2)` float32 ab.
    """
    sides = TTA_SIDES if quality else (WORKING_SIDE,)
    seen = []
    # A network that is bound to a size sees no two; nor is a tiny photo shown at two.
    for frame in dict.fromkeys(
        plan_resize(image.shape, network.input_size, side) for side in sides
    ):
        shown = resize_and_pad(image, frame, lightness)
        chroma = network.chroma(shown, temperature, quality)
        seen.append((unpad(shown, frame), unpad(chroma, frame)))
    small, chroma = seen[-1]
    if len(seen) > 1:
        chroma = np.mean([upsample(answer, small.shape) for _, answer in seen], axis=0)
    return small, chroma
