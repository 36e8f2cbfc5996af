"""Colorizing photos of any size and kind.

A network predicts the chroma of a reduced copy (see `preprocess`), which is upsampled bicubically
and joined with the photo's own lightness, inside the sRGB gamut at constant hue. A uniform border
is neither shown to the network nor colored.
"""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from colorization.color.lightness import check_photo, tile_lightness
from colorization.inference.borders import Box, add_border, find_box
from colorization.inference.hints import all_inside, check_hints, place_on_grid
from colorization.inference.model_path import default_model_path, downloaded_model_path, load_model
from colorization.inference.predictor import ColorizationError, Predictor, keras_predictor
from colorization.inference.preprocess import (
    WORKING_SIDE,
    pad,
    plan_resize,
    reduce_photo,
    stretch_contrast,
    unpad,
    upsample,
)
from colorization.inference.recolor import recolor

if TYPE_CHECKING:
    import keras

# Around `WORKING_SIDE`: errors at one size are often absent at the other.
TTA_SIDES = (128, 192)

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
    fast: bool = False,
    dtype: type[np.unsignedinteger] = np.uint8,
    hints: Iterable[Any] = (),
) -> np.ndarray:
    """Colorize a black-and-white photo, as the assignment asks. Eager only.

    Args:
        im: Photo of any size: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`; uint8, uint16 or
            bool over their range, or floating point in [0, 1]; or a Pillow image. Only the
            lightness of a color photo is used, and transparency is ignored.
        model: A network as built or as loaded; its `.keras` file; or None for
            `default_model_path()`.
        strength: Factor on the chroma: 0 for gray, 1 as predicted, 1.3 vivid.
        temperature: None for the regression, which is the most accurate; above 0 for the annealed
            mean of the classes: 1 is calm, 0.38 bolder, toward 0 blotchy.
        fast: Whether to predict once, in a quarter of the time. By default, test-time augmentation
            averages the predictions for the photo and its mirror image, each at two sizes if the
            network takes any size, which is more accurate.
        dtype: Of the result: np.uint8, or np.uint16 for photos of 16 bits.
        hints: Colors that are known, `(row, column, (r, g, b))` each: a pixel of the photo, and
            sRGB in 0 to 255. At most 500. They need a network of the recipe `unet-hints`, such as
            the one that ships, and no `temperature`.

    Returns:
        `(H, W, 3)` sRGB over the range of `dtype`, with the lightness of `im` up to rounding.

    Raises:
        TypeError: If `im` is not an array of numbers.
        ValueError: If an argument has another shape or range.
        FileNotFoundError: If no model is given and none is found.
        ColorizationError: If the model does not predict colors.

    Example:
        >>> color = coloriser(skimage.io.imread("grandma.jpg"), strength=1.2)
        >>> color = coloriser(photo, hints=[(120, 340, (47, 107, 58))])  # her dress was green
    """
    image = check_photo(im)
    if not (math.isfinite(strength) and strength >= 0):
        raise ValueError(f"`strength` must be at least 0, received {strength}")
    if dtype not in (np.uint8, np.uint16):
        raise ValueError(f"`dtype` must be np.uint8 or np.uint16, received {dtype}")
    if model is None or isinstance(model, str | Path):
        model = load_model(model)
    known = check_hints(hints, image.shape)
    _, chroma = predict_small_chroma(_predictor(model), image, temperature, fast, hints=known)
    return recolor(image, chroma, strength, dtype)


def _predictor(model: "keras.Model | Predictor") -> Predictor:
    return model if isinstance(model, Predictor) else keras_predictor(model)


def predict_chroma(
    model: "keras.Model | Predictor",
    lightness: np.ndarray,
    temperature: float | None = None,
    fast: bool = False,
) -> np.ndarray:
    """Predict ab `(H, W, 2)` float32 in [-128, 128] of L `(H, W)` float32 in [0, 100].

    The photo may have any size; the other arguments are those of `coloriser`.

    Raises:
        ValueError: If an argument has another shape or range.
        ColorizationError: If the model does not predict colors.
    """
    lightness = np.asarray(lightness)
    if lightness.ndim != 2 or lightness.size == 0 or lightness.dtype.kind != "f":
        raise ValueError(
            "`lightness` must be (H, W) floating point, "
            f"received {lightness.dtype} of shape {lightness.shape}"
        )
    predictor = _predictor(model)
    _, chroma = predict_small_chroma(predictor, lightness, temperature, fast, lambda part: part)
    return upsample(chroma, lightness.shape).clip(-128, 128)


def predict_small_chroma(
    predictor: Predictor,
    image: np.ndarray,
    temperature: float | None = None,
    fast: bool = False,
    lightness: Callable[[np.ndarray], np.ndarray] = tile_lightness,
    hints: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Predict chroma at the network's working size.

    Args:
        predictor: The network.
        image: `(H, W)` or `(H, W, 3)`, checked by `check_photo`.
        temperature: As in `coloriser`.
        fast: As in `coloriser`.
        lightness: From a part of the image to its L, `(rows, columns)` float32.
        hints: As `check_hints` returns them.

    Returns:
        The reduced L `(h, w)` and the predicted ab `(h, w, 2)`, float32.
    """
    sides = (WORKING_SIDE,) if fast else TTA_SIDES
    plan = plan_resize(image.shape, predictor.input_size, sides[-1])
    reduced = reduce_photo(image, plan, lightness)
    box = find_box(reduced, image.shape)
    known_colors = hints if hints is not None and len(hints) else None
    if known_colors is not None and not all_inside(known_colors, box):  # then it is no border
        box = Box(0, image.shape[0], 0, image.shape[1])
    inside = image[box.top : box.bottom, box.left : box.right]
    # Reducing a large photo takes time: without a border, what was reduced to find it is used.
    known = {plan: reduced} if inside.shape == image.shape else {}
    predictions = []
    # The plans are equal for a network that is bound to a size, and for a tiny photo.
    for plan in dict.fromkeys(
        plan_resize(inside.shape, predictor.input_size, side) for side in sides
    ):
        small = known[plan] if plan in known else reduce_photo(inside, plan, lightness)
        small = stretch_contrast(small)
        grid = None if known_colors is None else place_on_grid(known_colors, box, plan)
        chroma = predictor.chroma(pad(small, plan), temperature, not fast, grid)
        predictions.append((small, unpad(chroma, plan)))
    small, chroma = predictions[-1]
    if len(predictions) > 1:
        chroma = np.mean([upsample(ab, small.shape) for _, ab in predictions], axis=0)
    return (
        add_border(small, box, image.shape, "edge"),
        add_border(chroma, box, image.shape, "constant"),
    )
