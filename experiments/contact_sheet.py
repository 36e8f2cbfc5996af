"""Photos, black and white beside colored, on one sheet: to be looked at.

    python -m experiments.contact_sheet photos/ --output build/sheets/photos.jpg

The photo as it came, its lightness, and its colors; with `--temperature` the vivid answer, too.
"""

import os
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import typer
from PIL import Image, ImageDraw

from colorization.data.image_io import read_photo
from colorization.data.sources import find_photos
from colorization.inference.colorize import coloriser
from colorization.inference.predictor import Predictor
from deepcolor.colorize.encode import save_photo
from deepcolor.colorize.open_network import open_predictor
from deepcolor.colorize.side_by_side import to_grayscale

GAP = 6  # pixels


def row(photo: np.ndarray, network: Predictor, side: int, temperature: float | None) -> Image.Image:
    """Put one photo, its lightness and its colors side by side, each within a square."""
    pictures = [photo, to_grayscale(photo), coloriser(photo, network)]
    if temperature:
        pictures.append(coloriser(photo, network, temperature=temperature))
    strip = Image.new("RGB", (len(pictures) * (side + GAP), side + GAP), "white")
    for index, picture in enumerate(pictures):
        small = Image.fromarray(picture)
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        strip.paste(small, (index * (side + GAP), 0))
    return strip


def main(
    photos: Annotated[Path, typer.Argument(help="A folder.")],
    output: Annotated[Path, typer.Option(help="Picture to write.")],
    model: Annotated[Path | None, typer.Option(help="A network; the default model.")] = None,
    temperature: Annotated[float | None, typer.Option(help="Adds the vivid answer.")] = None,
    side: Annotated[int, typer.Option(help="Of a photo on the sheet, pixels.")] = 240,
    columns: Annotated[int, typer.Option(help="Photos beside each other.")] = 2,
) -> None:
    """Draw the sheet."""
    network = open_predictor(model, temperature)
    found = find_photos(photos)
    if not found:
        raise SystemExit(f"no photo in {photos}")
    rows = [row(read_photo(path), network, side, temperature) for path in found]
    width, height = rows[0].size
    sheet = Image.new("RGB", (columns * width, -(-len(rows) // columns) * height), "white")
    for index, (path, strip) in enumerate(zip(found, rows, strict=True)):
        place = (index % columns * width, index // columns * height)
        sheet.paste(strip, place)
        ImageDraw.Draw(sheet).text(place, path.stem, fill="red")
    save_photo(np.asarray(sheet), output)
    print(f"{len(found)} photos: {output}")


if __name__ == "__main__":
    typer.run(main)
