import keras
import numpy as np
import pytest

from colorization.models import flops, unet, zhang

# Convolutions of the decoder: side at an input of 128, filters, kernel, stride, parameters.
DECODER = {
    "edge_stem": (32, 32, 7, 4, 1_600),
    "scene_features": (1, 224, 1, 1, 71_904),
    "up16_1": (4, 224, 1, 1, 71_904),
    "up16_2": (8, 224, 3, 1, 677_376),
    "up8_1": (8, 144, 1, 1, 32_400),
    "up8_2": (16, 144, 3, 1, 238_464),
    "up4_1": (16, 96, 1, 1, 13_920),
    "up4_2": (32, 96, 3, 1, 131_424),
    "up4_3": (32, 96, 3, 1, 83_040),
    "ab_small": (32, 2, 3, 1, 1_730),
    "bins": (32, 313, 1, 1, 30_361),
}


@pytest.fixture(scope="module")
def model():
    return unet()


def test_the_convolutions_of_the_decoder_are_those_of_the_table():
    found = {
        layer.name: (
            layer.output.shape[1],
            layer.filters,
            layer.kernel_size[0],
            layer.strides[0],
            layer.count_params(),
        )
        for layer in unet(128).layers
        if isinstance(layer, keras.layers.Conv2D) and not layer.name.startswith("encoder_")
    }
    assert found == DECODER


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


def test_before_training_every_photo_is_gray(model):
    lightness = np.random.default_rng(0).uniform(0, 100, (1, 64, 64, 1)).astype(np.float32)
    assert not model.predict_on_batch(lightness)["ab"].any()


def test_the_whole_scene_reaches_every_pixel(model):
    trained = keras.models.clone_model(model)
    trained.set_weights(model.get_weights())
    for name in ("scene_features", "ab_small"):
        layer = trained.get_layer(name)
        layer.set_weights([np.full_like(weights, 0.1) for weights in layer.get_weights()])
    lightness = np.full((1, 512, 512, 1), 50, np.float32)
    before = trained.predict_on_batch(lightness)["ab"][0, 0, 0]
    lightness[:, 480:, 480:] = 100
    assert (trained.predict_on_batch(lightness)["ab"][0, 0, 0] != before).all()
