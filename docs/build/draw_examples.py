"""Draw docs/images/examples.jpg: photos of everyday packages, colorized by the shipped network.

    python -m docs.build.draw_examples

Rows are gray, ours and true; `deepcolor colorize` makes the same colors. The network has learned
from none of these photos, and they were chosen before it colored them. All are in the public domain
or CC0.
"""

import io
from pathlib import Path

import numpy as np
import typer
from matplotlib import cbook
from PIL import Image, ImageDraw, ImageFont, ImageOps
from skimage import data

from colorization.files import atomic_path
from colorization.inference.colorize import coloriser
from deepcolor.colorize.onnx_network import PACKAGED_NETWORK, open_onnx
from deepcolor.colorize.side_by_side import to_grayscale

PICTURE = Path(__file__).parents[1] / "images" / "examples.jpg"
SIDE, GAP, LABEL = 220, 4, 56  # pixels: of a cell, between cells, of the row labels
TEXT_SIZE = 20


def read_photos() -> list[np.ndarray]:
    """Return the photos, `(H, W, 3)` uint8."""
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        hopper = np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB"))
    return [data.astronaut(), hopper, data.cat(), data.coffee(), data.rocket()]


def make_rows(photos: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Return the rows of the picture by their labels."""
    network = open_onnx(PACKAGED_NETWORK)
    grays = [to_grayscale(photo) for photo in photos]
    return {"gray": grays, "ours": [coloriser(g, network) for g in grays], "true": photos}


def draw(rows: dict[str, list[np.ndarray]]) -> Image.Image:
    """Draw rows of photos, each cut to a square, with labels at the left."""
    step = SIDE + GAP
    size = (LABEL + step * len(rows["true"]) - GAP, step * len(rows) - GAP)
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT_SIZE)
    for y, (label, photos) in enumerate(rows.items()):
        pen.text((0, y * step + SIDE // 2), label, "black", font, anchor="lm")
        for x, photo in enumerate(photos):
            # Nearer to the top, where faces are.
            cell = ImageOps.fit(Image.fromarray(photo), (SIDE, SIDE), centering=(0.5, 0.2))
            sheet.paste(cell, (LABEL + x * step, y * step))
    return sheet


def main() -> None:
    """Draw docs/images/examples.jpg."""
    sheet = draw(make_rows(read_photos()))
    with atomic_path(PICTURE) as part:
        sheet.save(part, "JPEG", quality=88, optimize=True)


if __name__ == "__main__":
    typer.run(main)
