import keras
import numpy as np
import pytest
import skimage.data
from experiments.convert_encoder import checkpoint_path, convert, fold, read_checkpoint
from skimage.color import rgb2lab
from skimage.transform import resize

from colorization.models import unet
from colorization.models.efficientnet import (
    LITE0,
    UNTRAINED_LITE0,
    WEIGHTS,
    efficientnet_lite,
    load_pretrained,
)

# Photos of installed packages, and the classes of ImageNet that they show.
SHOWN = {
    "chelsea": (skimage.data.chelsea, range(281, 286)),  # cats
    "coffee": (skimage.data.coffee, (967, 968)),  # espresso, cup
    "rocket": (skimage.data.rocket, (540, 657, 682)),  # drilling platform, missile, obelisk
}


@pytest.fixture(scope="module")
def checkpoint():
    return read_checkpoint(checkpoint_path())


@pytest.fixture(scope="module")
def classifier(checkpoint):
    """The encoder as it ships, with the head of the original."""
    gray = keras.Input((224, 224, 1))
    x = keras.layers.Conv2D(1280, 1, name="head")(efficientnet_lite(gray)[32])
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU(6.0)(x))
    model = keras.Model(gray, keras.layers.Dense(1000, name="classes")(x))
    load_pretrained(model, WEIGHTS)
    kernel, bias = fold(checkpoint, "_conv_head", "_bn1")
    model.get_layer("head").set_weights([4 * kernel, bias])  # it reads features that are a quarter
    model.get_layer("classes").set_weights([checkpoint["_fc.weight"].T, checkpoint["_fc.bias"]])
    return model


@pytest.mark.parametrize(("open_photo", "classes"), SHOWN.values(), ids=SHOWN)
def test_the_converted_encoder_recognizes_what_a_gray_photo_shows(classifier, open_photo, classes):
    rgb = open_photo()
    side = min(rgb.shape[:2])
    top, left = ((length - side) // 2 for length in rgb.shape[:2])
    square = resize(rgb[top : top + side, left : left + side], (224, 224), anti_aliasing=True)
    scores = classifier.predict_on_batch(rgb2lab(square)[None, ..., :1] / 50 - 1)
    assert int(scores.argmax()) in classes


def test_the_shipped_file_is_the_conversion(checkpoint):
    converted = convert(checkpoint)
    with np.load(WEIGHTS) as shipped:
        assert set(shipped) == set(converted)
        for name, array in converted.items():
            np.testing.assert_array_equal(shipped[name], array)
            assert array.dtype == np.float16
    assert WEIGHTS.stat().st_size < 7e6


def test_features_have_the_strides_and_channels_of_the_original():
    features = efficientnet_lite(keras.Input((128, 128, 1)))
    shapes = {stride: tuple(x.shape[1:]) for stride, x in features.items()}
    assert shapes == {
        stride: (128 // stride, 128 // stride, channels)
        for stride, channels in {2: 16, 4: 24, 8: 40, 16: 112, 32: 320}.items()
    }


def test_a_network_begins_with_what_the_encoder_knows_unless_told_not_to():
    known, random = (
        unet(32, encoder=choice).get_layer("encoder_stem") for choice in (LITE0, UNTRAINED_LITE0)
    )
    with np.load(WEIGHTS) as shipped:
        np.testing.assert_array_equal(known.get_weights()[0], shipped["stem/kernel"])
    assert np.abs(random.get_weights()[0]).max() < 1
