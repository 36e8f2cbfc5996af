"""Strips of photos side by side, as the answers show them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from colorization.color.lab import reconstituer_image
from colorization.evaluation.eval_sets import EvalSet
from colorization.evaluation.metrics import to_rgb8
from colorization.inference.colorize import coloriser

GAP = 4  # pixels of white between photos
HEIGHT = 192  # of whole photos, pixels
SHOWN_LIGHTNESS = 65.0  # at which a and b alone are shown
MAPS = 6

Strip = list[np.ndarray]


def chosen(photos: EvalSet, indices: Sequence[int]) -> EvalSet:
    """Return a part of a set."""
    names = [photos.names[index] for index in indices]
    return EvalSet(photos.what, names, [photos.photos[index] for index in indices])


def gray(photo: np.ndarray) -> np.ndarray:
    """Return the black-and-white version of a Lab photo, `(H, W)` uint8."""
    return to_rgb8(photo * np.array([1, 0, 0], np.float32))[..., 0]


def versions(photos: EvalSet, models: Mapping[str, keras.Model]) -> dict[str, Strip]:
    """Show photos in color, in black and white, and as each model colors them."""
    grays = [gray(photo) for photo in photos.photos]
    colored = {name: [coloriser(g, model) for g in grays] for name, model in models.items()}
    return {"original": [to_rgb8(photo) for photo in photos.photos], "gray": grays, **colored}


def settings(photos: EvalSet, network: keras.Model) -> dict[str, Strip]:
    """Show what a network with two heads answers, by its regression and by its classes."""
    grays = [gray(photo) for photo in photos.photos]
    temperatures = {"regression": None, "t100": 1.0, "t038": 0.38, "t010": 0.1}
    return {
        name: [coloriser(g, network, temperature=t) for g in grays]
        for name, t in temperatures.items()
    }


def of_one(photo: np.ndarray, model: keras.Sequential) -> dict[str, Strip]:
    """Show a photo's channels, and maps, unlike each other, of two of a model's convolutions.

    Args:
        photo: `(128, 128, 3)` float32 Lab.
        model: The auto-encoder.
    """
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    parts = keras.Model(model.inputs, [convolutions[at].output for at in (0, 2)])
    maps = [np.asarray(found)[0] for found in parts([photo[None, ..., :1]], training=False)]
    channels = [to_rgb8(photo), gray(photo), _alone(photo, 1), _alone(photo, 2)]
    return {"channels": channels, "first": _varied(maps[0]), "third": _varied(maps[1])}


def _alone(photo: np.ndarray, channel: int) -> np.ndarray:
    only = np.zeros_like(photo)
    only[..., 0], only[..., channel] = SHOWN_LIGHTNESS, photo[..., channel]
    return np.rint(reconstituer_image(only[..., :1], only[..., 1:]) * 255).astype(np.uint8)


def _varied(maps: np.ndarray) -> Strip:
    flat = maps.reshape(-1, maps.shape[-1]).T
    spread = flat.std(axis=1)
    candidates = np.flatnonzero(spread > np.median(spread))
    likeness = np.abs(np.corrcoef(flat[candidates]))
    best = [int(np.argmax(spread[candidates]))]
    while len(best) < MAPS:
        best.append(int(np.argmin(likeness[best].max(axis=0))))
    spans = (maps[..., index] / maps[..., index].max() for index in candidates[best])
    return [np.rint(255 * span).astype(np.uint8) for span in spans]


def save(rows: Mapping[str, Strip], folder: Path, name: str) -> None:
    """Write strips as `NAME-ROW.jpg`, all photos of one strip at one height.

    Args:
        rows: Photos `(H, W)` or `(H, W, 3)` uint8, by the name of their row.
        folder: Where to.
        name: Of the figure.
    """
    for row, photos in rows.items():
        # 4:4:4, lest the JPEG blur the very thing that is shown.
        joined(photos).save(folder / f"{name}-{row}.jpg", quality=92, subsampling=0)


def joined(photos: Strip) -> Image.Image:
    """Put photos side by side, on white; small square ones are kept, or enlarged to 128 pixels."""
    largest = max(photo.shape[0] for photo in photos)
    height = 128 if largest <= 128 else HEIGHT
    way = Image.Resampling.NEAREST if largest < 128 else Image.Resampling.LANCZOS
    images = [Image.fromarray(photo).convert("RGB") for photo in photos]
    images = [
        image.resize((round(image.width * height / image.height), height), way) for image in images
    ]
    width = sum(image.width for image in images) + GAP * (len(images) - 1)
    strip = Image.new("RGB", (width, height), "white")
    left = 0
    for image in images:
        strip.paste(image, (left, 0))
        left += image.width + GAP
    return strip
