import importlib.util
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from tests.support.networks import colorful_unet

from colorization.inference.colorize import predict_chroma
from colorization.inference.predictor import ColorizationError, Predictor, keras_predictor
from colorization.models import autoencoder, colorizer, zhang

LIGHTNESS = np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return colorful_unet()


def answering(shape, value=0.0):
    return Predictor(lambda lightness, _: np.full(shape, value, np.float32))


def test_a_raw_network_answers_as_the_models_made_of_it(network):
    raw = keras_predictor(network)
    for temperature in (None, 0.38, 1.0):
        expected = colorizer(network, temperature).predict_on_batch(LIGHTNESS[None, ..., None])[0]
        np.testing.assert_allclose(raw.chroma(LIGHTNESS, temperature), expected, atol=0.01)


def test_a_model_that_was_made_of_a_network_is_taken_as_it_is(network):
    made = keras_predictor(colorizer(network, 0.38))
    np.testing.assert_allclose(
        made.chroma(LIGHTNESS), keras_predictor(network).chroma(LIGHTNESS, 0.38), atol=0.01
    )
    with pytest.raises(ValueError, match="needs a network that predicts classes"):
        made.chroma(LIGHTNESS, 0.5)


def test_classes_alone_are_decoded_at_the_papers_temperature():
    keras.utils.set_random_seed(0)
    classes = zhang(64)
    found, expected = (
        keras_predictor(model).chroma(LIGHTNESS[:, :64], temperature)
        for model, temperature in ((classes, None), (colorizer(classes, 0.38), None))
    )
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_the_assignments_network_takes_its_own_size_only():
    assert keras_predictor(autoencoder()).input_size == (128, 128)
    chroma = predict_chroma(autoencoder(), LIGHTNESS)
    assert chroma.shape == (64, 96, 2) and np.isfinite(chroma).all()


def test_test_time_augmentation_treats_a_photo_and_its_mirror_image_alike(network):
    taken = keras_predictor(network)
    for temperature in (None, 0.38):
        straight = taken.chroma(LIGHTNESS, temperature, mirrored=True)
        mirrored = taken.chroma(LIGHTNESS[:, ::-1], temperature, mirrored=True)
        np.testing.assert_allclose(straight, mirrored[:, ::-1], atol=0.01)
    assert np.abs(straight - taken.chroma(LIGHTNESS, 0.38)).max() > 0.1


@pytest.mark.parametrize("temperature", [0, -1.0, float("nan")])
def test_a_temperature_must_be_above_0(network, temperature):
    with pytest.raises(ValueError, match="`temperature` must be above 0"):
        keras_predictor(network).chroma(LIGHTNESS, temperature)


@pytest.mark.parametrize(
    "shape",
    [(64, 96, 2), (2, 64, 96, 2), (1, 64, 96, 3), (1, 96, 64, 2), (1, 0, 0, 2), (1, 128, 192, 2)],
)
def test_an_answer_that_is_not_chroma_is_an_error(shape):
    with pytest.raises(ColorizationError, match=r"chroma \(1, 64, 96, 2\)"):
        answering(shape).chroma(LIGHTNESS)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_answer_that_is_no_number_is_an_error(value):
    with pytest.raises(ColorizationError, match="100% values that are not numbers"):
        answering((1, 64, 96, 2), value).chroma(LIGHTNESS)


def test_a_small_answer_is_enlarged():
    chroma = answering((1, 16, 24, 2), 7).chroma(LIGHTNESS)
    assert chroma.shape == (64, 96, 2) and (chroma == 7).all()


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [((32, 32, 3), 2, "must take L"), ((32,), 2, "must take L"), ((32, 32, 1), 3, "313 bins")],
)
def test_a_model_of_another_kind_is_refused(inputs, outputs, message):
    given = keras.Input(inputs)
    model = keras.Model(given, keras.layers.Dense(outputs)(given))
    with pytest.raises(ValueError, match=message):
        keras_predictor(model)


def test_photos_of_other_proportions_are_not_traced_anew():
    traced = []

    class Traced(keras.layers.Layer):
        def call(self, x):
            traced.append(x.shape)
            return x

    given = keras.Input((None, None, 1))
    network = keras_predictor(
        keras.Model(given, keras.layers.Concatenate()([Traced()(given), given]))
    )
    network.chroma(LIGHTNESS)
    before = len(traced)
    for shape in ((32, 32), (96, 64), (256, 32)):
        network.chroma(np.zeros(shape, np.float32), mirrored=True)
    assert len(traced) == before


ANSWER = """
import json, sys
import keras, numpy as np
from colorization.inference.colorize import coloriser
from colorization.models import unet
random = np.random.default_rng(0)
model = unet()
model.set_weights([random.normal(0, 0.05, w.shape) ** 2 for w in model.get_weights()])
photo = random.integers(0, 256, (90, 120), np.uint8)
found = [coloriser(photo, model, temperature=t)[::9, ::9] for t in (None, 0.4)]
print(json.dumps([keras.backend.backend(), [image.tolist() for image in found]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_backend_gives_the_same_colors(backend):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    answers = []
    for name in ("tensorflow", backend):
        environment = {**os.environ, "KERAS_BACKEND": name, "CUDA_VISIBLE_DEVICES": ""}
        done = subprocess.run(
            [sys.executable, "-c", ANSWER], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        used, images = json.loads(done.stdout.splitlines()[-1])
        assert used == name
        answers.append(np.array(images))
    assert np.abs(answers[0] - answers[1]).max() <= 1


def test_a_network_that_keras_knows_nothing_of_does_without_it():
    code = (
        "import sys, numpy as np\n"
        "from colorization.inference.colorize import coloriser\n"
        "from colorization.inference.predictor import Predictor\n"
        "network = Predictor(lambda x, t: np.zeros((*x.shape[:3], 2), np.float32))\n"
        "coloriser(np.zeros((9, 9), np.uint8), network)\n"
        "heavy = {'keras', 'tensorflow', 'skimage', 'scipy'}\n"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
