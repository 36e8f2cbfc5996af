"""Copy the photos of a source that a training never saw, nor others of the same sitting.

    python benchmarks/kept_aside.py portraits.zip --trained faces-train.zip --output portraits-aside

Of `portraits.zip` the validation split is taken, as `deepcolor prepare` divides it, and of all
sources the training split. Two sources may show the same photo in another frame: each is compared
with windows of the others, and whatever resembles a photo that was trained on is left out, and
named.
"""

import argparse
import shutil
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from tqdm import tqdm

from colorization.config import Preparation
from colorization.sources import Photo, open_sources, split_photos

WHOLE, THUMBNAIL = (48, 56), (16, 18)
SCALES = (1.0, 0.9, 0.8, 0.7, 0.6)
# Correlation of thumbnails: the same photo in another frame reaches 0.95 and more, portraits of
# different people seldom 0.9.
ALIKE = 0.9


def windows(photo: Photo) -> np.ndarray:
    """Return small grey pictures of a photo and of its parts, the whole first.

    Args:
        photo: Any photo.

    Returns:
        `(windows, pixels)` float32 rows of norm 1 around mean 0.
    """
    with Image.open(photo.path) as image:
        grey = image.convert("L").resize(WHOLE, Image.Resampling.BOX)
    rows = []
    for scale, across, down in product(SCALES, (0, 0.5, 1), (0, 0.5, 1)):
        left, top = (
            side * (1 - scale) * at for side, at in zip(WHOLE, (across, down), strict=True)
        )
        box = (left, top, left + WHOLE[0] * scale, top + WHOLE[1] * scale)
        rows.append(np.asarray(grey.resize(THUMBNAIL, Image.Resampling.BILINEAR, box)).ravel())
    stacked = np.stack(rows).astype(np.float32)
    stacked -= stacked.mean(axis=1, keepdims=True)
    return stacked / np.linalg.norm(stacked, axis=1, keepdims=True).clip(1e-6)


def likenesses(aside: list[Photo], seen: list[Photo]) -> np.ndarray:
    """Return how much each photo resembles the one of the others that it resembles most."""
    own = np.stack([windows(photo) for photo in aside])
    best = np.full(len(aside), -1.0, np.float32)
    for photo in tqdm(seen, unit=" photos"):
        other = windows(photo)
        in_part = own @ other[0]  # a part of ours, the whole of theirs
        of_part = own[:, 0] @ other.T
        best = np.maximum(best, np.maximum(in_part.max(axis=1), of_part.max(axis=1)))
    return best


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
        likeness = likenesses(aside, seen)
        for photo, alike in zip(aside, likeness, strict=True):
            if alike < ALIKE:
                shutil.copyfile(photo.path, options.output / photo.name)
            else:
                print(f"left out: {photo.label}, resembles a training photo ({alike:.2f})")
    print(f"{(likeness < ALIKE).sum()} of {len(aside)} photos in {options.output}")


if __name__ == "__main__":
    main()
