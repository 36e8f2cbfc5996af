"""The picture at the end of a run: a portrait in gray, colorized by two networks, and true."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from colorization.data.image_io import read_photo
from colorization.inference.colorize import coloriser, load_model
from deepcolor.colorize.encode import save_photo
from deepcolor.colorize.onnx_network import PACKAGED_NETWORK, open_onnx
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale

LABEL = 28  # height of a label, pixels
FONT = 15  # size of its letters, pixels


def draw_picture(photo: Path, trained: Path, target: Path) -> None:
    """Write a photo in gray, as a `.keras` file and the packaged network color it, and true."""
    original = read_photo(photo)
    gray = to_grayscale(original)
    versions = {
        "gray": gray,
        "this run learned": coloriser(gray, load_model(trained)),
        "the network that ships": coloriser(gray, open_onnx(PACKAGED_NETWORK)),
        "true colors": original,
    }
    save_photo(side_by_side(*(_label(image, text) for text, image in versions.items())), target)


def _label(image: np.ndarray, text: str) -> np.ndarray:
    height, width = image.shape[:2]
    canvas = Image.new("RGB", (width, height + LABEL), "white")
    canvas.paste(Image.fromarray(image), (0, LABEL))
    place = (width / 2, LABEL / 2)
    ImageDraw.Draw(canvas).text(
        place, text, fill="black", anchor="mm", font=ImageFont.load_default(FONT)
    )
    return np.asarray(canvas)
