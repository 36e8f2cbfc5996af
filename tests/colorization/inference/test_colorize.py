import itertools
import subprocess
import sys

import keras
import numpy as np
import pytest
import skimage.data
from PIL import Image
from skimage.color import rgb2gray, rgb2lab

import colorization
from colorization import coloriser
from colorization.color.lightness import photo_lightness
from colorization.inference import model_path
from colorization.inference.colorize import predict_chroma, predict_small_chroma
from colorization.inference.predictor import Predictor

ASTRONAUT = skimage.data.astronaut()


def constant_model(a, b, size=32):
    """A model that answers with one color everywhere."""
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
    colored = coloriser(photo, constant_model(20, 20))
    assert colored.shape == (*shape[:2], 3) and colored.dtype == np.uint8


def test_lightness_stays_within_one_level_even_where_the_model_asks_for_too_much():
    gray = (rgb2gray(ASTRONAUT) * 255).round().astype(np.uint8)
    colored = coloriser(gray, constant_model(100, -100))
    before, after = (rgb2lab(image)[..., 0] for image in (np.stack([gray] * 3, -1), colored))
    assert np.abs(before - after).max() <= 100 / 255
    assert np.abs(rgb2lab(colored)[..., 1:]).mean() > 5


def test_of_a_color_photo_only_the_lightness_is_used():
    lightness = photo_lightness(ASTRONAUT)
    np.testing.assert_allclose(lightness, rgb2lab(ASTRONAUT)[..., 0], atol=1e-3)


def height_network(input_size=None):
    """A network that answers with the height of what it is shown."""

    def answer(lightness, temperature):
        count, height, width = lightness.shape[:3]
        return np.full((count, height // 4, width // 4, 2), height, np.float32)

    return Predictor(answer, input_size)


@pytest.mark.parametrize(
    ("shape", "input_size", "fast", "expected"),
    [
        ((300, 200), None, True, (192, 128, 192)),
        ((300, 200), None, False, (256, 171, (160 + 256) / 2)),
        ((300, 200), (128, 128), False, (128, 85, 128)),
        ((10, 8), None, False, (40, 32, 64)),
    ],
)
def test_a_photo_is_seen_at_two_sizes_where_it_can_be(shape, input_size, fast, expected):
    photo = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    shown, chroma = predict_small_chroma(height_network(input_size), photo, fast=fast)
    assert shown.shape == expected[:2] and chroma.shape == (*shown.shape, 2)
    np.testing.assert_allclose(chroma, expected[2])


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
    gray = np.full((8, 8), 128, np.uint8)
    named = coloriser(gray, tmp_path / "model.keras")
    monkeypatch.setenv("DEEP_COLORIZATION_MODEL", str(tmp_path / "model.keras"))
    np.testing.assert_array_equal(coloriser(gray), named)


def test_without_a_model_the_user_is_told_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.delenv("DEEP_COLORIZATION_MODEL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(model_path, "SHIPPED_MODEL", tmp_path / "absent.keras")
    with pytest.raises(FileNotFoundError, match="make demo"):
        coloriser(np.zeros((4, 4), np.uint8))


def test_the_downloaded_model_comes_before_the_one_that_ships(tmp_path, monkeypatch):
    monkeypatch.delenv("DEEP_COLORIZATION_MODEL", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    shipped, kept = tmp_path / "shipped.keras", model_path.downloaded_model_path()
    monkeypatch.setattr(model_path, "SHIPPED_MODEL", shipped)
    shipped.touch()
    assert model_path.default_model_path() == shipped
    kept.parent.mkdir()
    kept.touch()
    assert model_path.default_model_path() == kept


def test_a_file_that_is_no_model_is_told(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"not a model")
    with pytest.raises(ValueError, match=r"model\.keras is not a model"):
        coloriser(np.zeros((4, 4), np.uint8), tmp_path / "model.keras")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": -0.1}, "`strength` must be at least 0, received -0.1"),
        ({"strength": float("nan")}, "`strength`.*nan"),
        ({"dtype": np.float32}, "`dtype`"),
        ({"temperature": 0.4}, "`temperature`"),
    ],
)
def test_an_argument_that_makes_no_sense_is_told(options, message):
    with pytest.raises(ValueError, match=message):
        coloriser(np.zeros((4, 4), np.uint8), constant_model(0, 0), **options)


@pytest.mark.parametrize("lightness", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 1)), [[]]])
def test_what_is_no_lightness_is_told(lightness):
    with pytest.raises(ValueError, match="`lightness` must be"):
        predict_chroma(constant_model(0, 0), lightness)


def test_a_result_of_16_bits_is_the_same_but_finer():
    gray = np.linspace(0, 65535, 900).astype(np.uint16).reshape(30, 30)
    deep = coloriser(gray, constant_model(9, -9), dtype=np.uint16)
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - coloriser(gray, constant_model(9, -9))).max() <= 0.51


def smooth_network(lightness, temperature):
    """Colors that depend on places and lightness, and do not vary faster than a photo's."""
    rows, columns = (np.linspace(-40, 40, side) for side in lightness.shape[1:3])
    plane = np.broadcast_to(rows[:, None] + 0 * columns, lightness.shape[1:3])
    return np.stack([lightness[..., 0] / 2, plane[None] + 0 * lightness[..., 0]], axis=-1)


def differences(model, photo):
    """Mean ab distance between any two sizes of a photo, all seen 128 pixels small."""

    def resized(array, longest):
        size = [round(side * longest / max(photo.shape)) for side in photo.shape[1::-1]]
        return np.asarray(Image.fromarray(array).resize(size, Image.Resampling.LANCZOS))

    seen = []
    for longest in (128, 256, 512, 1024):
        chroma = predict_chroma(model, photo_lightness(resized(photo, longest)))
        seen.append(np.stack([resized(chroma[..., c], 128) for c in range(2)], axis=-1))
    pairs = itertools.combinations(seen, 2)
    return [np.linalg.norm(one - other, axis=-1).mean() for one, other in pairs]


PICTURES = ["astronaut", "chelsea", "coffee", "rocket"]


@pytest.mark.parametrize("picture", PICTURES)
def test_the_same_photo_at_other_sizes_gets_the_same_colors(picture):
    photo = getattr(skimage.data, picture)()
    assert max(differences(Predictor(smooth_network), photo)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("picture", PICTURES)
def test_the_shipped_model_gives_the_same_colors_at_every_size(picture):
    if not model_path.SHIPPED_MODEL.is_file():
        pytest.skip("no model ships yet")
    model = model_path.load_model(model_path.SHIPPED_MODEL)
    assert max(differences(model, getattr(skimage.data, picture)())) <= 3


MEASURE = """
import sys
import numpy as np
from colorization.inference.colorize import coloriser
from colorization.inference.model_path import load_model
shape, model = eval(sys.argv[1]), load_model(sys.argv[2])
photo = np.full(shape, 90, np.uint8)
photo[::7, ::3] = 200
colored = coloriser(photo, model)
assert colored.shape == (*shape[:2], 3) and np.ptp(colored[0, 0]) > 20
status = open("/proc/self/status").read()
# getrusage would also count the process that started this one
print(int(status.split("VmHWM:")[1].split()[0]) / 1e6)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "gigabytes"),
    [((6124, 8165, 3), 2), ((10_000, 10_000), 2), ((1, 100_000_000), 4), ((100_000_000, 1), 4)],
)
def test_memory_stays_bounded(shape, gigabytes, tmp_path):
    constant_model(40, 10).save(tmp_path / "model.keras")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, repr(shape), tmp_path / "model.keras"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) <= gigabytes


def test_importing_the_package_does_not_load_tensorflow():
    code = "import sys, colorization; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_an_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="colorizer"):
        colorization.colorizer  # noqa: B018
