"""Draw docs/images/portraits.jpg: portraits that the shipped network has not seen.

    python -m docs.build.draw_portraits PHOTOS [PATTERN ...]

Ten of the photos in a folder whose names match are drawn at random: black and white above,
colorized in the middle, as they are below. What is drawn is committed: choose photos that may be
published, and none that the network has learnt from, not even in another crop.
"""

from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageOps

from colorization.data.image_io import read_photo
from colorization.data.sources import find_photos
from colorization.inference.colorize import coloriser, load_model
from colorization.inference.model_path import SHIPPED_MODEL
from deepcolor.colorize.side_by_side import to_grayscale

PICTURE = Path(__file__).parents[1] / "images" / "portraits.jpg"
COUNT, SEED = 10, 4
SIZE = (150, 184)
GAP = 4


def framed(image: np.ndarray) -> np.ndarray:
    """Return the middle of a photo at the size of a cell, with a white border."""
    cell = np.asarray(ImageOps.fit(Image.fromarray(image), SIZE, Image.Resampling.LANCZOS))
    return np.pad(cell, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def chosen(folder: Path, patterns: list[str]) -> list[Path]:
    """Return the photos to draw, in the order of their names."""
    found = [
        path
        for path in find_photos(folder)
        if any(fnmatch(path.name, pattern) for pattern in patterns or ["*"])
    ]
    if len(found) < COUNT:
        raise SystemExit(f"{folder}: {COUNT} photos are drawn, and only {len(found)} match")
    picked = np.random.default_rng(SEED).choice(len(found), COUNT, replace=False)
    return [found[index] for index in sorted(picked)]


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of photos.")],
    patterns: Annotated[
        list[str] | None, typer.Argument(help="Patterns of the names to choose from.")
    ] = None,
) -> None:
    """Choose, colorize and draw portraits."""
    originals = [read_photo(path) for path in chosen(photos, patterns or [])]
    model = load_model(SHIPPED_MODEL)
    grays = [to_grayscale(photo) for photo in originals]
    rows = [grays, [coloriser(gray, model) for gray in grays], originals]
    sheet = np.concatenate([np.concatenate([framed(i) for i in row], axis=1) for row in rows])
    part = PICTURE.with_suffix(".part")
    Image.fromarray(sheet[:-GAP, :-GAP]).save(part, "JPEG", quality=88, optimize=True)
    part.replace(PICTURE)


if __name__ == "__main__":
    typer.run(main)
