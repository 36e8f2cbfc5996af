import subprocess
import sys

import keras
import numpy as np
import pytest
import skimage.data
from skimage.color import rgb2gray, rgb2lab

import colorization
from colorization import coloriser
from colorization.inference import lightness_of, predict_chroma

ASTRONAUT = skimage.data.astronaut()


def constant_model(a, b, size=32):
    """A model that answers with one colour everywhere."""
    inputs = keras.Input((size, size, 1))
    shift = keras.layers.Rescaling(0.0, offset=[a, b])
    chroma = keras.layers.Concatenate()([inputs, inputs])
    return keras.Model(inputs, shift(chroma))


def lightness_model(size=32):
    """A model whose a and b follow the lightness: it shows where pixels end up."""
    inputs = keras.Input((size, size, 1))
    chroma = keras.layers.Concatenate()([inputs, inputs])
    return keras.Model(inputs, keras.layers.Rescaling(0.2)(chroma))


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (40, 60, 1), (60, 40, 3), (9, 9, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_photo_of_any_size_and_kind_keeps_its_size(shape, dtype):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    photo = (np.random.default_rng(0).uniform(0, 1, shape) * top).astype(dtype)
    coloured = coloriser(photo, constant_model(20, 20))
    assert coloured.shape == (*shape[:2], 3) and coloured.dtype == np.uint8


def test_lightness_stays_within_one_level_even_where_the_model_asks_for_too_much():
    grey = (rgb2gray(ASTRONAUT) * 255).round().astype(np.uint8)
    coloured = coloriser(grey, constant_model(100, -100))
    before, after = (rgb2lab(image)[..., 0] for image in (np.stack([grey] * 3, -1), coloured))
    assert np.abs(before - after).max() <= 100 / 255
    assert np.abs(rgb2lab(coloured)[..., 1:]).mean() > 5


def test_of_a_colour_photo_only_the_lightness_is_used():
    lightness = lightness_of(ASTRONAUT)
    np.testing.assert_allclose(lightness, rgb2lab(ASTRONAUT)[..., 0], atol=1e-3)


@pytest.mark.parametrize("shape", [(32, 32), (100, 50), (30, 90)])
def test_chroma_lands_where_its_lightness_is(shape):
    rows = np.linspace(10, 90, shape[0])[:, None]
    lightness = np.broadcast_to(rows, shape).astype(np.float32)
    chroma = predict_chroma(lightness_model(), lightness)
    np.testing.assert_allclose(chroma[..., 0], 0.2 * lightness, atol=1)


@pytest.mark.parametrize(
    ("photo", "error", "message"),
    [
        (np.zeros((2, 2, 2), np.uint8), ValueError, r"`im`.*\(2, 2, 2\)"),
        (np.zeros((0, 2), np.uint8), ValueError, r"`im`.*\(0, 2\)"),
        (np.full((2, 2), 200.0), ValueError, r"\[0, 1\].*200"),
        (np.full((2, 2), np.nan), ValueError, r"\[0, 1\].*nan"),
        (np.zeros((2, 2), np.int64), TypeError, "int64"),
        ("photo.jpg", TypeError, "`im`"),
    ],
)
def test_what_is_no_photo_is_told(photo, error, message):
    with pytest.raises(error, match=message):
        coloriser(photo, constant_model(0, 0))


def test_a_model_is_found_by_its_path_or_by_the_environment(tmp_path, monkeypatch):
    constant_model(30, 0).save(tmp_path / "model.keras")
    grey = np.full((8, 8), 128, np.uint8)
    named = coloriser(grey, tmp_path / "model.keras")
    monkeypatch.setenv("DEEP_COLORIZATION_MODEL", str(tmp_path / "model.keras"))
    np.testing.assert_array_equal(coloriser(grey), named)


def test_without_a_model_the_user_is_told_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.delenv("DEEP_COLORIZATION_MODEL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="make demo"):
        coloriser(np.zeros((4, 4), np.uint8))


def test_importing_the_package_does_not_load_tensorflow():
    code = "import sys, colorization; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_an_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="colouriser"):
        colorization.colouriser  # noqa: B018
