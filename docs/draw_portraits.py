"""Draw docs/images/portraits.jpg: portraits that the shipped network has not seen.

    python docs/draw_portraits.py RECORDS PHOTOS

RECORDS names the validation photos, PHOTOS is the folder they lie in. Ten of them are drawn at
random: black and white above, colourised in the middle, as they are below. Those committed are
official portraits of members of the US Congress, public domain.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from colorization.inference import coloriser, load_model
from colorization.model_files import SHIPPED_MODEL
from colorization.photo_sets import sample, validation_set
from colorization.photos import read_photo
from deepcolor.colorize.panels import black_and_white

PICTURE = Path(__file__).parent / "images" / "portraits.jpg"
COUNT, SEED = 10, 4
SIZE = (150, 184)
GAP = 4


def framed(image: np.ndarray) -> np.ndarray:
    """Return a photo at the size of a cell, with a white border."""
    cell = np.asarray(Image.fromarray(image).resize(SIZE, Image.Resampling.LANCZOS))
    return np.pad(cell, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


def main() -> None:
    """Choose, colourise and draw."""
    records, folder = map(Path, sys.argv[1:])
    photos = validation_set(records, limit=10**6)
    files = {path.name: path for path in folder.rglob("*") if path.is_file()}
    chosen = [files[Path(photos.names[index]).name] for index in sample(photos, COUNT, SEED)]
    model = load_model(SHIPPED_MODEL)
    originals = [read_photo(path) for path in chosen]
    greys = [black_and_white(photo) for photo in originals]
    rows = [greys, [coloriser(grey, model) for grey in greys], originals]
    sheet = np.concatenate([np.concatenate([framed(i) for i in row], axis=1) for row in rows])
    Image.fromarray(sheet[:-GAP, :-GAP]).save(PICTURE, quality=88, optimize=True)


if __name__ == "__main__":
    main()
