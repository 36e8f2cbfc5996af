"""The networks of models/: what a reader of the README downloads."""

from pathlib import Path

import numpy as np
import pytest
from docs.build.draw_examples import read_photos
from PIL import Image
from skimage.color import rgb2lab

from colorization.inference.colorize import load_model, predict_chroma
from tests.support.alone import run_alone

MODELS = Path(__file__).parents[1] / "models"
FIGURE_2 = MODELS / "autoencoder-translation.keras"
OPENS_ALONE = """
import keras
model = keras.saving.load_model(sys.argv[1])
print(model.count_params(), {weight.dtype for weight in model.weights})
"""


@pytest.mark.slow
def test_figure_2_opens_without_this_project_and_is_small():
    assert run_alone(OPENS_ALONE, FIGURE_2).split() == ["12546370", "{'float32'}"]
    assert FIGURE_2.stat().st_size <= 26 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoencoder-translation", "deep-colorization"])
def test_a_network_is_closer_to_photos_of_everyday_packages_than_gray(name):
    model = load_model(MODELS / f"{name}.keras")
    errors = []
    for photo in read_photos():
        small = np.asarray(Image.fromarray(photo).resize((128, 128)))
        lab = rgb2lab(small).astype(np.float32)
        predicted = predict_chroma(model, lab[..., 0], fast=True)
        errors.append((np.mean((predicted - lab[..., 1:]) ** 2), np.mean(lab[..., 1:] ** 2)))
    ours, gray = np.mean(errors, axis=0)
    assert ours < 0.9 * gray
