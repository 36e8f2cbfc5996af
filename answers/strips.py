"""Strips of photos side by side for the figures of the answers."""

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
HEIGHT = 192  # pixels, of whole photos
CHANNEL_LIGHTNESS = 65.0  # L of the pictures of a alone and of b alone
MAPS = 6

Strip = list[np.ndarray]


def subset(photos: EvalSet, indices: Sequence[int]) -> EvalSet:
    """Return some photos of a set."""
    names = [photos.names[index] for index in indices]
    return EvalSet(photos.what, names, [photos.photos[index] for index in indices])


def to_gray(photo: np.ndarray) -> np.ndarray:
    """Return a Lab photo in black and white, `(H, W)` uint8."""
    return to_rgb8(photo * np.array([1, 0, 0], np.float32))[..., 0]


def versions(photos: EvalSet, models: Mapping[str, keras.Model]) -> dict[str, Strip]:
    """Return photos in color, in black and white, and colorized by each model."""
    grays = [to_gray(photo) for photo in photos.photos]
    colored = {name: [coloriser(g, model) for g in grays] for name, model in models.items()}
    return {"original": [to_rgb8(photo) for photo in photos.photos], "gray": grays, **colored}


def settings(photos: EvalSet, network: keras.Model) -> dict[str, Strip]:
    """Return photos colorized by a network's regression, and by its classes at each temperature."""
    grays = [to_gray(photo) for photo in photos.photos]
    temperatures = {"regression": None, "t100": 1.0, "t038": 0.38, "t010": 0.1}
    return {
        name: [coloriser(g, network, temperature=t) for g in grays]
        for name, t in temperatures.items()
    }


def channels_and_maps(photo: np.ndarray, model: keras.Sequential) -> dict[str, Strip]:
    """Return the channels of a `(128, 128, 3)` Lab photo, and maps of two convolutions."""
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    parts = keras.Model(model.inputs, [convolutions[at].output for at in (0, 2)])
    maps = [np.asarray(output)[0] for output in parts([photo[None, ..., :1]], training=False)]
    a_and_b = [_single_channel(photo, channel) for channel in (1, 2)]
    return {
        "channels": [to_rgb8(photo), to_gray(photo), *a_and_b],
        "first": _least_similar(maps[0]),
        "third": _least_similar(maps[1]),
    }


def _single_channel(photo: np.ndarray, channel: int) -> np.ndarray:
    lab = np.zeros_like(photo)
    lab[..., 0], lab[..., channel] = CHANNEL_LIGHTNESS, photo[..., channel]
    return np.rint(reconstituer_image(lab[..., :1], lab[..., 1:]) * 255).astype(np.uint8)


def _least_similar(maps: np.ndarray) -> Strip:
    flat = maps.reshape(-1, maps.shape[-1]).T
    spread = flat.std(axis=1)
    candidates = np.flatnonzero(spread > np.median(spread))
    similarity = np.abs(np.corrcoef(flat[candidates]))
    best = [int(np.argmax(spread[candidates]))]
    while len(best) < MAPS:
        best.append(int(np.argmin(similarity[best].max(axis=0))))
    spans = (maps[..., index] / maps[..., index].max() for index in candidates[best])
    return [np.rint(255 * span).astype(np.uint8) for span in spans]


def save(rows: Mapping[str, Strip], folder: Path, name: str) -> None:
    """Write rows of photos, `(H, W)` or `(H, W, 3)` uint8, as `NAME-ROW.jpg`."""
    for row, photos in rows.items():
        # Without chroma subsampling: the figures compare colors.
        join(photos).save(folder / f"{name}-{row}.jpg", quality=92, subsampling=0)


def join(photos: Strip) -> Image.Image:
    """Put photos side by side at one height: 128 pixels if all are small, else `HEIGHT`."""
    largest = max(photo.shape[0] for photo in photos)
    height = 128 if largest <= 128 else HEIGHT
    method = Image.Resampling.NEAREST if largest < 128 else Image.Resampling.LANCZOS
    images = [Image.fromarray(photo).convert("RGB") for photo in photos]
    images = [
        image.resize((round(image.width * height / image.height), height), method)
        for image in images
    ]
    width = sum(image.width for image in images) + GAP * (len(images) - 1)
    strip = Image.new("RGB", (width, height), "white")
    left = 0
    for image in images:
        strip.paste(image, (left, 0))
        left += image.width + GAP
    return strip
