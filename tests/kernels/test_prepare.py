"""What `kernels/prepare` does faster gives what the assignment's calls give."""

import keras
import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab
from skimage.io import imread

from colorization.data.convert import rgb_to_codes
from colorization.data.image_io import decode_square, read_bytes
from colorization.data.input_pipeline import validation_batches
from colorization.evaluation.eval_sets import load_validation

CODES = np.array([255 / 100, 1, 1])  # per unit of L, a and b
# Pillow rounds to 8 bits between and after its two passes, the layer not at all.
LARGEST, MEAN = 3, 0.25


def assignment(photo, size):
    """Return the Lab image of a photo by `Resizing` and `rgb2lab`."""
    small = keras.layers.Resizing(size, size, antialias=True)(photo)
    return rgb2lab(np.rint(small) / 255)


@pytest.mark.parametrize("side", [(100, 80), (64, 64), (20, 51)])
def test_resizing_and_conversion_are_those_of_the_assignment(side, tmp_path):
    colors = np.random.default_rng(0).integers(0, 256, (9, 7, 3), np.uint8)
    photo = Image.fromarray(colors).resize(side, Image.Resampling.BICUBIC)
    photo.save(tmp_path / "photo.png")  # without loss: decoders of JPEG differ by themselves
    (read,) = keras.utils.image_dataset_from_directory(
        tmp_path, labels=None, batch_size=None, image_size=side[::-1]
    )
    expected = assignment(read, 32) * CODES + [0, 128, 128]
    codes = rgb_to_codes(decode_square(read_bytes(tmp_path / "photo.png"), 32))
    difference = np.abs(codes - np.rint(expected))
    assert difference.max() <= LARGEST and difference.mean() <= MEAN


def test_records_hold_the_pairs_of_the_assignment(records, faces):
    pairs = validation_batches(records, batch_size=1)
    names = load_validation(records, -1).names
    for name, (x, y) in zip(names, pairs, strict=True):
        lab = assignment(imread(faces / name), 32)
        found = np.concatenate([x[0], y[0]], axis=-1)
        difference = np.abs(found - lab) * CODES
        assert difference.max() <= LARGEST + 0.5 and difference.mean() <= MEAN + 0.5
