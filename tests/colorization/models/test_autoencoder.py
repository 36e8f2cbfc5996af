import keras
import numpy as np
import pytest

from colorization.models import autoencoder

# Figure 2 of the assignment: layer, output shape, parameters.
FIGURE_2 = [
    ("Rescaling", (128, 128, 1), 0),
    ("Conv2D", (64, 64, 64), 640),
    ("BatchNormalization", (64, 64, 64), 256),
    ("Conv2D", (32, 32, 128), 73_856),
    ("BatchNormalization", (32, 32, 128), 512),
    ("Conv2D", (16, 16, 256), 295_168),
    ("BatchNormalization", (16, 16, 256), 1_024),
    ("Conv2D", (8, 8, 512), 1_180_160),
    ("BatchNormalization", (8, 8, 512), 2_048),
    ("Conv2D", (4, 4, 1024), 4_719_616),
    ("BatchNormalization", (4, 4, 1024), 4_096),
    ("Conv2DTranspose", (8, 8, 512), 4_719_104),
    ("Conv2DTranspose", (16, 16, 256), 1_179_904),
    ("Conv2DTranspose", (32, 32, 128), 295_040),
    ("Conv2DTranspose", (64, 64, 64), 73_792),
    ("Conv2DTranspose", (128, 128, 2), 1_154),
    ("Rescaling", (128, 128, 2), 0),
]


@pytest.fixture(scope="module")
def model():
    return autoencoder()


def test_the_autoencoder_is_figure_2_layer_by_layer(model):
    rows = [
        (type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers
    ]
    assert rows == FIGURE_2
    assert model.count_params() == 12_546_370


def test_convolutions_are_3x3_with_stride_2_same_padding_and_relu(model):
    kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)
    convolutions = [layer for layer in model.layers if isinstance(layer, kinds)]
    for layer in convolutions:
        assert (layer.kernel_size, layer.strides, layer.padding) == ((3, 3), (2, 2), "same")
    assert {layer.activation.__name__ for layer in convolutions[:-1]} == {"relu"}
    assert convolutions[-1].activation.__name__ == "tanh"


def test_lightness_enters_in_minus_one_to_one(model):
    rescaled = model.layers[0](np.array([0.0, 50.0, 100.0]).reshape(3, 1, 1, 1))
    np.testing.assert_allclose(np.ravel(rescaled), [-1, 0, 1], atol=1e-6)


def test_chroma_leaves_in_minus_128_to_128(model):
    np.testing.assert_allclose(np.ravel(model.layers[-1](np.array([[-1.0, 1.0]]))), [-128, 128])
    chroma = model.predict_on_batch(np.random.default_rng(0).uniform(0, 100, (1, 128, 128, 1)))
    assert np.abs(chroma).max() <= 128
