"""Colourising photos of any size with a trained network.

The network sees a small, padded copy of the lightness; its chroma is enlarged to the photo's size,
brought into the sRGB gamut, and joined with the photo's own lightness, which stays as it is.
"""

import functools
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image
from skimage.color import rgb2lab
from skimage.util import img_as_float32

from colorization.gamut import into_gamut
from colorization.lab import reconstituer_image, split_lab

MODEL_VARIABLE = "DEEP_COLORIZATION_MODEL"


def coloriser(im: Any, model: keras.Model | str | Path | None = None) -> np.ndarray:
    """Colourise a black-and-white photo, as the assignment asks. Eager only.

    Args:
        im: Photo of any size: `(H, W)`, `(H, W, 1)`, `(H, W, 3)` or `(H, W, 4)`; uint8, uint16 or
            bool over their range, or floating point in [0, 1]. Of a colour photo only the lightness
            is used, and transparency is ignored.
        model: A model from L to ab, its `.keras` file, or None for `default_model_path()`.

    Returns:
        `(H, W, 3)` uint8 sRGB, with the lightness of `im`.

    Raises:
        TypeError: If `im` is not an array of numbers.
        ValueError: If its shape or range is not one of those above.
        FileNotFoundError: If no model is given and none is found.
    """
    lightness = lightness_of(im)
    network = model if isinstance(model, keras.Model) else load_model(model)
    chroma = predict_chroma(network, lightness)
    x, y = split_lab(into_gamut(np.concatenate([lightness[..., None], chroma], axis=-1)))
    return np.rint(reconstituer_image(x, y) * 255).astype(np.uint8)


def lightness_of(im: Any) -> np.ndarray:
    """Return the lightness of a grey or colour photo.

    Args:
        im: Photo, as `coloriser` takes it.

    Returns:
        `(H, W)` float32 L in [0, 100].

    Raises:
        TypeError: If `im` is not an array of numbers.
        ValueError: If its shape or range is not supported.
    """
    image = _checked(im)
    grey = image if image.ndim == 2 else image[..., 0] if image.shape[-1] == 1 else None
    rgb = image[..., :3] if grey is None else np.stack([grey] * 3, axis=-1)
    return rgb2lab(img_as_float32(rgb))[..., 0].astype(np.float32).clip(0, 100)


def _checked(im: Any) -> np.ndarray:
    image = np.asarray(im)
    if image.dtype not in (np.uint8, np.uint16, np.bool_) and image.dtype.kind != "f":
        raise TypeError(f"`im` must be uint8, uint16, bool or floating point, got {image.dtype}")
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.ndim not in (2, 3) or channels not in (1, 3, 4) or image.size == 0:
        raise ValueError(
            f"`im` must be (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), received {image.shape}"
        )
    if image.dtype.kind == "f" and not (image.min() >= 0 and image.max() <= 1):
        raise ValueError(
            f"a floating point `im` must lie in [0, 1], received values from {image.min():g} "
            f"to {image.max():g}"
        )
    return image


def predict_chroma(model: keras.Model, lightness: np.ndarray) -> np.ndarray:
    """Predict the chroma of a photo of any size.

    The lightness is reduced to the network's input with its aspect ratio kept, mirrored at the
    borders to fill the square, and the chroma is enlarged bicubically.

    Args:
        model: A model from L `(1, size, size, 1)` to ab `(1, size, size, 2)`.
        lightness: `(H, W)` float32 in [0, 100].

    Returns:
        `(H, W, 2)` float32 ab in [-128, 128].
    """
    height, width = lightness.shape
    side = model.input_shape[1]
    scale = side / max(height, width)
    small = (max(1, round(height * scale)), max(1, round(width * scale)))
    padded, (top, left) = _pad(_resize(lightness, small), side)
    chroma = model.predict_on_batch(padded[None, ..., None])[0]
    chroma = chroma[top : top + small[0], left : left + small[1]]
    channels = [_resize(chroma[..., channel], (height, width)) for channel in range(2)]
    return np.stack(channels, axis=-1).clip(-128, 128)


def _resize(channel: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    # Pillow's bicubic widens its kernel when it reduces, so that nothing aliases.
    image = Image.fromarray(np.ascontiguousarray(channel, np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def _pad(image: np.ndarray, side: int) -> tuple[np.ndarray, tuple[int, int]]:
    spare = [side - length for length in image.shape]
    before = (spare[0] // 2, spare[1] // 2)
    widths = [(b, s - b) for b, s in zip(before, spare, strict=True)]
    return np.pad(image, widths, mode="symmetric"), before


def load_model(path: str | Path | None = None) -> keras.Model:
    """Load a model, once per process as long as its file does not change.

    Args:
        path: A `.keras` file, or None for `default_model_path()`.

    Returns:
        The model.

    Raises:
        FileNotFoundError: If there is no such file, or no default model.
    """
    path = Path(path) if path else default_model_path()
    if not path.is_file():
        raise FileNotFoundError(f"no model at {path}")
    return _load(path.resolve(), path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _load(path: Path, modified: int) -> keras.Model:
    return keras.saving.load_model(path, compile=False)


def default_model_path() -> Path:
    """Return the model that `coloriser` uses when none is named.

    That is the file named by `DEEP_COLORIZATION_MODEL`, or the one that `deepcolor download` keeps.

    Raises:
        FileNotFoundError: If there is none; the message says how to get one.
    """
    named = os.environ.get(MODEL_VARIABLE)
    path = Path(named) if named else downloaded_model_path()
    if not path.is_file():
        raise FileNotFoundError(
            f"no model at {path}: run `make demo` or `deepcolor download`, "
            f"or name a .keras file in {MODEL_VARIABLE}"
        )
    return path


def downloaded_model_path() -> Path:
    """Return where `deepcolor download` keeps the model, whether or not it is there yet."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "deep-colorization" / "model.keras"
