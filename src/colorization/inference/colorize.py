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

from colorization.color.lightness import checked_photo, lightness_of, tile_lightness
from colorization.inference.model_path import default_model_path, downloaded_model_path, load_model
from colorization.inference.predictor import ColorizationError, Network, keras_network
from colorization.inference.preprocess import WORKING_SIDE, cropped, enlarged, frame_of, framed
from colorization.inference.recolor import compose

if TYPE_CHECKING:
    import keras

# Around the usual one: what one size gets wrong the other often does not.
QUALITY_SIDES = (160, 256)

__all__ = [
    "ColorizationError",
    "coloriser",
    "default_model_path",
    "downloaded_model_path",
    "lightness_of",
    "load_model",
    "predict_chroma",
    "small_colours",
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
        quality: Whether to average what the network says of the photo and of its mirror image, and
            of both at two sizes, if it takes any size; the network works five times as long.
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
    network = model if isinstance(model, Network) else keras_network(model)
    _, chroma = small_colours(network, image, temperature, quality)
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
    network = model if isinstance(model, Network) else keras_network(model)
    _, chroma = small_colours(network, lightness, temperature, quality, lambda part: part)
    return enlarged(chroma, lightness.shape).clip(-128, 128)


def small_colours(
    network: Network,
    image: np.ndarray,
    temperature: float | None = None,
    quality: bool = False,
    lightness: Callable[[np.ndarray], np.ndarray] = tile_lightness,
) -> tuple[np.ndarray, np.ndarray]:
    """Predict chroma at the size at which a network is shown a photo.

    Args:
        network: The network.
        image: `(H, W)` or `(H, W, 3)`, checked by `checked_photo`.
        temperature: As in `coloriser`.
        quality: As in `coloriser`.
        lightness: From a part of the image to its L, `(rows, columns)` float32.

    Returns:
        What the network was shown, `(h, w)` float32 L, and `(h, w, 2)` float32 ab.
    """
    sides = QUALITY_SIDES if quality else (WORKING_SIDE,)
    seen = []
    # A network that is bound to a size sees no two; nor is a tiny photo shown at two.
    for frame in dict.fromkeys(frame_of(image.shape, network.input_size, side) for side in sides):
        shown = framed(image, frame, lightness)
        chroma = network.chroma(shown, temperature, quality)
        seen.append((cropped(shown, frame), cropped(chroma, frame)))
    small, chroma = seen[-1]
    if len(seen) > 1:
        chroma = np.mean([enlarged(answer, small.shape) for _, answer in seen], axis=0)
    return small, chroma
