import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from tests.support.networks import colorful_unet

from colorization.color.ab_bins import bin_centers
from colorization.color.soft_encoding import annealed_mean
from colorization.models import autoencoder, colorizer, flops, unet, zhang

X = np.random.default_rng(0).uniform(0, 100, (2, 32, 32, 1)).astype(np.float32)


@pytest.fixture(scope="module", params=["zhang", "unet"])
def network(request):
    return zhang(32) if request.param == "zhang" else colorful_unet()


def logits_of(network):
    output = network.predict_on_batch(X)
    return output["bins"] if isinstance(output, dict) else output


@pytest.mark.parametrize("temperature", [1.0, 0.38])
def test_the_chroma_is_the_enlarged_annealed_mean(network, temperature):
    small = np.asarray(annealed_mean(logits_of(network), temperature))
    expected = tf.image.resize(small, (32, 32), method="bilinear")
    chroma = colorizer(network, temperature).predict_on_batch(X)
    assert chroma.shape == (2, 32, 32, 2) and chroma.dtype == np.float32
    np.testing.assert_allclose(chroma, expected, atol=1e-3)


def test_without_temperature_the_regression_is_used():
    network = colorful_unet(32)
    expected = network.predict_on_batch(X)["ab"]
    np.testing.assert_array_equal(colorizer(network, None).predict_on_batch(X), expected)
    plain = autoencoder(32)
    expected = plain.predict_on_batch(X)
    np.testing.assert_array_equal(colorizer(plain, None).predict_on_batch(X), expected)


def test_the_centers_of_the_bins_are_not_trained(network):
    model = colorizer(network, 0.38)
    layer = model.get_layer("bin_centers")
    np.testing.assert_array_equal(layer.get_weights()[0][0, 0], bin_centers())
    assert layer.trainable_weights == []
    unused = 2 if len(network.outputs) > 1 else 0  # kernel and bias of the regression head
    assert len(model.trainable_weights) == len(network.trainable_weights) - unused


def test_classes_alone_are_decoded_at_the_papers_temperature():
    classes = zhang(32)
    expected = colorizer(classes, 0.38).predict_on_batch(X)
    np.testing.assert_array_equal(colorizer(classes).predict_on_batch(X), expected)


def test_temperatures_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="`temperature` needs a network that predicts classes"):
        colorizer(autoencoder(32), 0.38)
    with pytest.raises(ValueError, match="`temperature` must be above 0"):
        colorizer(zhang(32), 0)


def test_costs_of_unknown_sizes_are_refused():
    with pytest.raises(ValueError, match="fixed image size"):
        flops(unet())


@pytest.mark.slow
def test_saved_models_open_without_this_project_and_answer_alike(tmp_path):
    models = {
        "zhang": colorizer(zhang(32)),
        "unet": unet(),
        "accurate": colorizer(unet(), None),
        "classes": colorizer(unet(), 0.38),
    }
    code = (
        "import json, sys, keras, numpy as np\n"
        "x = np.load('x.npy')\n"
        "for name in sys.argv[1:]:\n"
        "    output = keras.saving.load_model(name + '.keras').predict_on_batch(x)\n"
        "    np.savez(name, **(output if isinstance(output, dict) else {'ab': output}))\n"
        "print('colorization' in sys.modules)"
    )
    np.save(tmp_path / "x.npy", X)
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
    command = [sys.executable, "-c", code, *models]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    for name, model in models.items():
        expected = model.predict_on_batch(X)
        expected = expected if isinstance(expected, dict) else {"ab": expected}
        with np.load(tmp_path / f"{name}.npz") as found:
            assert set(found) == set(expected)
            for output, values in expected.items():
                np.testing.assert_allclose(found[output], values, atol=1e-3)


def test_what_is_saved_are_standard_layers(network):
    for layer in colorizer(network, 0.38, strength=1.3).layers:
        assert type(layer).__module__.startswith("keras.src.layers")
    assert all(isinstance(layer, keras.Layer) for layer in network.layers)
