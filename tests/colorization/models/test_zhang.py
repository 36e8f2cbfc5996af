import keras
import numpy as np
import pytest

from colorization.models import flops, zhang

# Convolution: side at an input of 256, filters, kernel, stride, dilation, parameters.
CONVOLUTIONS = {
    "conv1_1": (256, 64, 3, 1, 1, 640),
    "conv1_2": (128, 64, 3, 2, 1, 36_928),
    "conv2_1": (128, 128, 3, 1, 1, 73_856),
    "conv2_2": (64, 128, 3, 2, 1, 147_584),
    "conv3_1": (64, 256, 3, 1, 1, 295_168),
    "conv3_2": (64, 256, 3, 1, 1, 590_080),
    "conv3_3": (32, 256, 3, 2, 1, 590_080),
    "conv4_1": (32, 512, 3, 1, 1, 1_180_160),
    "conv4_2": (32, 512, 3, 1, 1, 2_359_808),
    "conv4_3": (32, 512, 3, 1, 1, 2_359_808),
    "conv5_1": (32, 512, 3, 1, 2, 2_359_808),
    "conv5_2": (32, 512, 3, 1, 2, 2_359_808),
    "conv5_3": (32, 512, 3, 1, 2, 2_359_808),
    "conv6_1": (32, 512, 3, 1, 2, 2_359_808),
    "conv6_2": (32, 512, 3, 1, 2, 2_359_808),
    "conv6_3": (32, 512, 3, 1, 2, 2_359_808),
    "conv7_1": (32, 512, 3, 1, 1, 2_359_808),
    "conv7_2": (32, 512, 3, 1, 1, 2_359_808),
    "conv7_3": (32, 512, 3, 1, 1, 2_359_808),
    "conv8_1": (64, 256, 4, 2, 1, 2_097_408),
    "conv8_2": (64, 256, 3, 1, 1, 590_080),
    "conv8_3": (64, 256, 3, 1, 1, 590_080),
    "bins": (64, 313, 1, 1, 1, 80_441),
}
# Normalization at the end of a block: its channels, each with a mean and a variance.
NORMALIZATIONS = {
    "norm1": 64,
    "norm2": 128,
    "norm3": 256,
    "norm4": 512,
    "norm5": 512,
    "norm6": 512,
    "norm7": 512,
}
CONVOLUTION = (keras.layers.Conv2D, keras.layers.Conv2DTranspose)


@pytest.fixture(scope="module", params=[128, 256])
def sized(request):
    return request.param, zhang(request.param)


def test_the_convolutions_are_the_papers(sized):
    size, model = sized
    found = {
        layer.name: (
            layer.output.shape[1] * 256 // size,
            layer.filters,
            layer.kernel_size[0],
            layer.strides[0],
            layer.dilation_rate[0],
            layer.count_params(),
        )
        for layer in model.layers
        if isinstance(layer, CONVOLUTION)
    }
    assert found == CONVOLUTIONS
    assert isinstance(model.get_layer("conv8_1"), keras.layers.Conv2DTranspose)
    assert model.output.shape == (None, size // 4, size // 4, 313)


def test_normalisation_without_scale_ends_the_first_seven_blocks(sized):
    _, model = sized
    kind = keras.layers.BatchNormalization
    found = [layer for layer in model.layers if isinstance(layer, kind)]
    assert {layer.name: layer.count_params() // 2 for layer in found} == NORMALIZATIONS
    before = [layer.input._keras_history.operation.name for layer in found]
    assert before == ["conv1_2", "conv2_2", "conv3_3", "conv4_3", "conv5_3", "conv6_3", "conv7_3"]


def test_every_convolution_but_the_last_is_rectified(sized):
    _, model = sized
    convolutions = [layer for layer in model.layers if isinstance(layer, CONVOLUTION)]
    assert {layer.activation.__name__ for layer in convolutions[:-1]} == {"relu"}
    assert convolutions[-1].activation.__name__ == "linear"


def test_its_size_and_cost_are_those_of_the_released_network(sized):
    size, model = sized
    # The PyTorch release has 32,236,011: 4,992 scales and offsets more, 626 of its decoder, and
    # it does not count the 4,992 running statistics.
    assert model.count_params() == 32_236_011 - 626

    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert trained == 32_230_393

    assert flops(model) == pytest.approx(83.5e9 * (size / 256) ** 2, rel=2e-3)


@pytest.mark.parametrize("size", [0, 100, -8])
def test_a_size_that_three_halvings_do_not_divide_is_refused(size):
    with pytest.raises(ValueError, match="`image_size`"):
        zhang(size)
