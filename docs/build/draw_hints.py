"""Draw docs/images/hints.jpg: photos whose true colors a person gives at a few places.

    python -m docs.build.draw_hints

Columns are gray with the places of the hints, ours without and with them, and true. Photos and
network are those of `draw_examples`.
"""

from pathlib import Path

import numpy as np
import typer
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from colorization.files import atomic_path
from colorization.inference.colorize import coloriser
from colorization.inference.predictor import Predictor
from deepcolor.colorize.hint_options import Hint
from deepcolor.colorize.onnx_network import PACKAGED_NETWORK, open_onnx
from deepcolor.colorize.side_by_side import to_grayscale

PICTURE = Path(__file__).parents[1] / "images" / "hints.jpg"
HEIGHT, GAP, LABEL = 300, 4, 30  # pixels
TEXT_SIZE = 20
RADIUS = 7  # of a marker, pixels
NEAR = 6  # pixels around a place, over which its true color is averaged
# Photos, and the rows and columns of what a person would point at.
PHOTOS = (
    (data.astronaut(), [(300, 100), (305, 320), (400, 60), (175, 70), (150, 330), (60, 110)]),
    (
        data.coffee()[:, 40:440],
        [(160, 65), (290, 385), (330, 140), (240, 165), (60, 375), (150, 260)],
    ),
)


def true_hints(photo: np.ndarray, places: list[tuple[int, int]]) -> list[Hint]:
    """Return hints of a photo `(H, W, 3)` uint8 at places, with its own colors."""
    hints = []
    for row, column in places:
        around = photo[row - NEAR : row + NEAR, column - NEAR : column + NEAR]
        color = tuple(int(level) for level in np.rint(around.mean(axis=(0, 1))))
        hints.append(Hint(row, column, color))
    return hints


def mark(photo: np.ndarray, hints: list[Hint]) -> Image.Image:
    """Draw the markers of hints on a photo, reduced to `HEIGHT`."""
    scale = HEIGHT / photo.shape[0]
    image = _reduce(photo)
    pen = ImageDraw.Draw(image)
    for row, column, color in hints:
        x, y = column * scale, row * scale
        pen.circle((x, y), RADIUS, fill=color, outline="white", width=2)
    return image


def _reduce(photo: np.ndarray) -> Image.Image:
    height, width = photo.shape[:2]
    size = (round(width * HEIGHT / height), HEIGHT)
    return Image.fromarray(photo).resize(size, Image.Resampling.LANCZOS)


def draw_row(
    network: Predictor, photo: np.ndarray, places: list[tuple[int, int]]
) -> dict[str, Image.Image]:
    """Return the pictures of a photo by their labels."""
    gray, hints = to_grayscale(photo), true_hints(photo, places)
    return {
        "gray, and what a person knows": mark(gray, hints),
        "without hints": _reduce(coloriser(gray, network)),
        "with them": _reduce(coloriser(gray, network, hints=hints)),
        "true": _reduce(photo),
    }


def draw(rows: list[dict[str, Image.Image]]) -> Image.Image:
    """Draw rows of pictures, whose labels stand above the first."""
    width = max(sum(image.width + GAP for image in row.values()) for row in rows) - GAP
    sheet = Image.new("RGB", (width, LABEL + (HEIGHT + GAP) * len(rows) - GAP), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(TEXT_SIZE)
    for number, row in enumerate(rows):
        x = 0
        for label, image in row.items():
            if number == 0:
                pen.text((x, LABEL // 2), label, "black", font, anchor="lm")
            sheet.paste(image, (x, LABEL + number * (HEIGHT + GAP)))
            x += image.width + GAP
    return sheet


def main() -> None:
    """Draw docs/images/hints.jpg."""
    network = open_onnx(PACKAGED_NETWORK)
    sheet = draw([draw_row(network, photo, places) for photo, places in PHOTOS])
    with atomic_path(PICTURE) as part:
        sheet.save(part, "JPEG", quality=88, optimize=True)


if __name__ == "__main__":
    typer.run(main)
