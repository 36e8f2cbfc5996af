import keras
import numpy as np
import pytest

from colorization.models import flops, unet, zhang

# Convolution: side at an input of 128, filters, kernel, stride, parameters.
CONVOLUTIONS = {
    "down0_1": (32, 64, 7, 4, 3_200),
    "down0_2": (32, 64, 3, 1, 36_928),
    "down1_1": (16, 128, 3, 2, 73_856),
    "down1_2": (16, 128, 3, 1, 147_584),
    "down2_1": (8, 256, 3, 2, 294_912),
    "down2_2": (8, 256, 3, 1, 589_824),
    "down3_1": (4, 512, 3, 2, 1_179_648),
    "down3_2": (4, 512, 3, 1, 2_359_296),
    "up2_1": (4, 256, 1, 1, 131_328),
    "up2_2": (8, 256, 3, 1, 1_179_648),
    "up1_1": (8, 128, 1, 1, 32_896),
    "up1_2": (16, 128, 3, 1, 295_040),
    "up0_1": (16, 64, 1, 1, 8_256),
    "up0_2": (32, 64, 3, 1, 73_792),
    "ab_small": (32, 2, 3, 1, 1_154),
    "bins": (32, 313, 1, 1, 20_345),
}


@pytest.fixture(scope="module")
def model():
    return unet()


def test_the_convolutions_are_those_of_the_table():
    found = {
        layer.name: (
            layer.output.shape[1],
            layer.filters,
            layer.kernel_size[0],
            layer.strides[0],
            layer.count_params(),
        )
        for layer in unet(128).layers
        if isinstance(layer, keras.layers.Conv2D)
    }
    assert found == CONVOLUTIONS


def test_it_is_small_and_an_eighth_as_costly_as_the_papers_network():
    assert unet().count_params() <= 8_000_000
    for size in (128, 256):
        assert flops(unet(size)) * 8 <= flops(zhang(size))


@pytest.mark.parametrize("height, width", [(32, 32), (64, 96), (160, 32)])
def test_any_multiple_of_32_passes(model, height, width):
    lightness = np.random.default_rng(0).uniform(0, 100, (2, height, width, 1))
    outputs = model.predict_on_batch(lightness.astype(np.float32))
    assert outputs["ab"].shape == (2, height, width, 2)
    assert outputs["bins"].shape == (2, height // 4, width // 4, 313)
    assert all(np.isfinite(output).all() for output in outputs.values())


def test_size_and_freedom_of_size_share_the_same_weights(model):
    fixed = unet(32)
    fixed.set_weights(model.get_weights())
    x = np.random.default_rng(0).uniform(0, 100, (1, 32, 32, 1)).astype(np.float32)
    for name, output in model.predict_on_batch(x).items():
        np.testing.assert_allclose(fixed.predict_on_batch(x)[name], output, atol=1e-5)


def test_under_mixed_precision_chroma_stays_in_single_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        outputs = unet(32).output
    finally:
        keras.config.set_dtype_policy("float32")
    assert (outputs["ab"].dtype, outputs["bins"].dtype) == ("float32", "float16")


def test_lightness_enters_in_minus_one_to_one(model):
    rescaled = model.layers[1](np.array([0.0, 50.0, 100.0]).reshape(3, 1, 1, 1))
    np.testing.assert_allclose(np.ravel(rescaled), [-1, 0, 1], atol=1e-6)


@pytest.mark.parametrize("size", [0, 16, 100])
def test_a_size_that_is_no_multiple_of_32_is_refused(size):
    with pytest.raises(ValueError, match="`image_size`"):
        unet(size)


def test_the_five_convolutions_on_the_smallest_maps_are_normalized():
    kind = keras.layers.BatchNormalization
    norms = {layer.name.removesuffix("_norm") for layer in unet().layers if isinstance(layer, kind)}
    assert norms == {"down2_1", "down2_2", "down3_1", "down3_2", "up2_2"}
