"""The photos of a set that a report shows, in every version, as small WebP pictures."""

import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from colorization.evaluation.eval_sets import EvalSet, best_median_worst
from colorization.evaluation.metrics import to_rgb8
from colorization.evaluation.predictors import ChromaPredictor, replace_chroma

PHOTOS = 2  # of each kind: best, median, worst
SIDE = 160  # longer side of a picture, pixels
QUALITY = 75  # of WebP: a picture takes about 4 kB
GRAY, TRUTH = "black and white", "true colors"


class Column(NamedTuple):
    """One photo in all versions."""

    kind: str  # "best", "median" or "worst"
    pictures: dict[str, bytes]  # WebP, by version
    errors: dict[str, float]  # ab MSE of a version that is a prediction


class Gallery(NamedTuple):
    """The best, median and worst photos of a set."""

    ranked_by: str  # the predictor by whose errors they were chosen
    columns: list[Column]


def draw_gallery(
    photos: EvalSet,
    colorizers: Mapping[str, ChromaPredictor],
    errors: Mapping[str, Sequence[float]],
    ranked_by: str,
) -> Gallery:
    """Draw the best, median and worst photos of a set, colored by every predictor.

    Args:
        photos: The set.
        colorizers: The predictors to show, in this order.
        errors: ab MSE of each photo, by predictor.
        ranked_by: The predictor by whose errors the photos are chosen.
    """
    columns = [
        Column(
            kind,
            _versions(photos.photos[index], colorizers),
            {name: errors[name][index] for name in colorizers},
        )
        for kind, members in best_median_worst(errors[ranked_by], PHOTOS).items()
        for index in members
    ]
    return Gallery(ranked_by, columns)


def draw_sheet(gallery: Gallery) -> Image.Image:
    """Draw the photos of a gallery in gray, by the predictor that ranked them, and in truth."""
    rows = (GRAY, gallery.ranked_by, TRUTH)
    sheet = Image.new("RGB", (SIDE * len(gallery.columns), SIDE * len(rows)), "white")
    for x, column in enumerate(gallery.columns):
        for y, version in enumerate(rows):
            with Image.open(io.BytesIO(column.pictures[version])) as picture:
                sheet.paste(picture, (x * SIDE, y * SIDE))
    return sheet


def _versions(photo: np.ndarray, colorizers: Mapping[str, ChromaPredictor]) -> dict[str, bytes]:
    lightness = photo[..., 0]
    gray = np.zeros((*lightness.shape, 2), np.float32)
    chroma = {GRAY: gray} | {name: predict(lightness) for name, predict in colorizers.items()}
    colored = {name: replace_chroma(photo, ab) for name, ab in chroma.items()}
    return {name: _encode(lab) for name, lab in (colored | {TRUTH: photo}).items()}


def _encode(lab: np.ndarray) -> bytes:
    image = Image.fromarray(to_rgb8(lab))
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=QUALITY)
    return file.getvalue()
