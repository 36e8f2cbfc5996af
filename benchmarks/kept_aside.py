"""Copy the photos of a source that a training never saw, nor others of the same sitting.

    python benchmarks/kept_aside.py portraits.zip --trained faces-train.zip --output portraits-aside

Of `portraits.zip` the validation split is taken, as `deepcolor prepare` divides it, and of all
sources the training split. Two sources may show the same person, or the same photo in another
frame: whatever resembles a photo that was trained on is left out, and named.
"""

import argparse
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from colorization.config import Preparation
from colorization.sources import Photo, open_sources, split_photos

THUMBNAIL = (24, 28)
# Correlation of thumbnails. Portraits of different people reach 0.8; the same photo, 0.97.
ALIKE = 0.85


def thumbnails(photos: list[Photo]) -> np.ndarray:
    """Return small grey pictures as rows of norm 1 around mean 0."""
    rows = []
    for photo in photos:
        with Image.open(photo.path) as image:
            grey = image.convert("L").resize(THUMBNAIL, Image.Resampling.BOX)
        row = np.asarray(grey, np.float32).ravel()
        rows.append(row - row.mean())
    stacked = np.stack(rows)
    return stacked / np.linalg.norm(stacked, axis=1, keepdims=True).clip(1e-6)


def main() -> None:
    """Compare and copy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("--trained", type=Path, nargs="*", default=[])
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    fraction = Preparation().validation_fraction
    options.output.mkdir(parents=True)
    with TemporaryDirectory() as scratch:
        splits = [
            split_photos(open_sources([source], Path(scratch) / str(number))[0], fraction)
            for number, source in enumerate([options.source, *options.trained])
        ]
        aside, seen = splits[0]["validation"], [photo for s in splits for photo in s["train"]]
        likeness = (thumbnails(aside) @ thumbnails(seen).T).max(axis=1)
        for photo, alike in zip(aside, likeness, strict=True):
            if alike < ALIKE:
                shutil.copyfile(photo.path, options.output / photo.name)
            else:
                print(f"left out: {photo.label}, resembles a training photo ({alike:.2f})")
    print(f"{(likeness < ALIKE).sum()} of {len(aside)} photos in {options.output}")


if __name__ == "__main__":
    main()
