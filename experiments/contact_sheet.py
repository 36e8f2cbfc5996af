"""Photos on one sheet for a look: as they came, in black and white, and colorized.

python -m experiments.contact_sheet photos/ --output build/sheets/photos.jpg
"""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageDraw

from colorization.inference.colorize import coloriser, load_model
from deepcolor.colorize.encode import save_photo
from deepcolor.colorize.side_by_side import to_grayscale
from experiments.harness import ModelOption, read_photos

GAP = 6  # pixels


def draw_row(pictures: list[np.ndarray], side: int, title: str) -> Image.Image:
    """Draw pictures side by side, each within a square, with a title in the corner."""
    strip = Image.new("RGB", (len(pictures) * (side + GAP), side + GAP), "white")
    for index, picture in enumerate(pictures):
        small = Image.fromarray(picture)
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        strip.paste(small, (index * (side + GAP), 0))
    ImageDraw.Draw(strip).text((0, 0), title, fill="red")
    return strip


def draw_sheet(rows: list[Image.Image], columns: int) -> Image.Image:
    """Put rows of the same size on a sheet, so many beside each other."""
    width, height = rows[0].size
    sheet = Image.new("RGB", (columns * width, -(-len(rows) // columns) * height), "white")
    for index, row in enumerate(rows):
        sheet.paste(row, (index % columns * width, index // columns * height))
    return sheet


def main(
    photos: Annotated[Path, typer.Argument(help="A folder or a zip.")],
    output: Annotated[Path, typer.Option(help="Picture to write.")],
    model: ModelOption = None,
    temperature: Annotated[float | None, typer.Option(help="Adds the vivid colors.")] = None,
    side: Annotated[int, typer.Option(help="Side of a photo on the sheet, pixels.")] = 240,
    columns: Annotated[int, typer.Option(help="Number of photos beside each other.")] = 2,
) -> None:
    """Draw photos beside their black-and-white and colorized versions."""
    network = load_model(model)
    temperatures = [None, temperature] if temperature else [None]
    rows = []
    for name, photo in read_photos(photos):
        colored = [coloriser(photo, network, temperature=value) for value in temperatures]
        rows.append(draw_row([photo, to_grayscale(photo), *colored], side, name))
    save_photo(np.asarray(draw_sheet(rows, columns)), output)
    print(f"{len(rows)} photos: {output}")


if __name__ == "__main__":
    typer.run(main)
