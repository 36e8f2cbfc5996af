"""Draw docs/images/portraits.jpg: portraits that the shipped network has never seen.

    python -m docs.build.draw_portraits PHOTOS [PATTERN ...]

Ten of the matching photos are drawn at random: black and white above, colorized in the middle, the
original below. The picture is committed: choose photos that may be published, and none that the
network has learned from, not even in another crop.
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


def draw_cell(image: np.ndarray) -> np.ndarray:
    """Return the center of a photo at the size of a cell, with a white border."""
    cell = np.asarray(ImageOps.fit(Image.fromarray(image), SIZE, Image.Resampling.LANCZOS))
    return np.pad(cell, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def choose_photos(folder: Path, patterns: list[str]) -> list[Path]:
    """Return the photos to draw, in the order of their names."""
    matching = [
        path
        for path in find_photos(folder)
        if any(fnmatch(path.name, pattern) for pattern in patterns)
    ]
    if len(matching) < COUNT:
        raise typer.BadParameter(f"{folder} must hold {COUNT} matching photos, got {len(matching)}")
    chosen = np.random.default_rng(SEED).choice(len(matching), COUNT, replace=False)
    return [matching[index] for index in sorted(chosen)]


def main(
    photos: Annotated[Path, typer.Argument(help="Folder of photos.")],
    patterns: Annotated[
        list[str] | None, typer.Argument(help="Patterns of file names; by default, all match.")
    ] = None,
) -> None:
    """Draw docs/images/portraits.jpg."""
    originals = [read_photo(path) for path in choose_photos(photos, patterns or ["*"])]
    model = load_model(SHIPPED_MODEL)
    grays = [to_grayscale(photo) for photo in originals]
    rows = [grays, [coloriser(gray, model) for gray in grays], originals]
    sheet = np.concatenate([np.concatenate([draw_cell(i) for i in row], axis=1) for row in rows])
    part = PICTURE.with_suffix(".part")
    Image.fromarray(sheet[:-GAP, :-GAP]).save(part, "JPEG", quality=88, optimize=True)
    part.replace(PICTURE)


if __name__ == "__main__":
    typer.run(main)
