import keras
import numpy as np
import pytest
import skimage.data
import tensorflow as tf
from tests.support.networks import hinted_unet

from colorization.color.gamut import in_gamut, lab_to_linear
from colorization.color.lightness import photo_lightness
from colorization.export.signatures import build_signatures
from colorization.inference.colorize import (
    TTA_SIDES,
    coloriser,
    predict_chroma,
    predict_small_chroma,
)
from colorization.inference.hints import check_hints
from colorization.inference.model_path import load_model
from colorization.inference.predictor import keras_predictor
from colorization.models import autoencoder

ASTRONAUT = skimage.data.astronaut()
PHOTOS = {
    "square": ASTRONAUT,
    "landscape": skimage.data.chelsea(),
    "portrait": np.ascontiguousarray(np.rot90(skimage.data.coffee())),
    "gray": np.stack([skimage.data.camera()[:200]] * 3, -1),
    "faded": (110 + 0.35 * skimage.data.coffee()).astype(np.uint8),
    "odd": ASTRONAUT[40:73, 80:111],
    "panorama": ASTRONAUT[100:117],
    "mounted": np.pad(ASTRONAUT, ((90, 90), (60, 70), (0, 0)), constant_values=236),
    "line": ASTRONAUT[200:201],
    "column": ASTRONAUT[:, 100:101],
    "tiny": ASTRONAUT[200:203, 200:205],
    "pixel": ASTRONAUT[:1, :1],
}


@pytest.fixture(scope="module")
def model(small_network):
    return load_model(small_network)


@pytest.fixture(scope="module")
def functions(model):
    return compiled(model)


def compiled(model):
    return {
        name: tf.function(function.call, input_signature=function.signature)
        for name, function in build_signatures(model).items()
    }


def off(colorized, expected):
    """How many levels each pixel is off."""
    return np.abs(np.asarray(colorized)[0].astype(int) - expected).max(-1)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(("strength", "temperature"), [(1.0, None), (1.7, None), (1.0, 0.38)])
def test_colors_are_those_of_coloriser(model, functions, name, strength, temperature):
    photo = PHOTOS[name]
    expected = coloriser(photo, model, strength=strength, temperature=temperature)
    answer = functions["colorize"](photo[None], strength, temperature or 0.0)
    assert np.mean(off(answer["colorized"], expected) <= 1) >= 0.999
    assert off(answer["colorized"], expected).max() <= 2


def test_a_strength_far_beyond_the_gamut_gives_the_same_colors_too(model, functions):
    photo = PHOTOS["gray"]
    colorized = functions["colorize"](photo[None], 1000.0, 0.0)["colorized"]
    assert np.mean(off(colorized, coloriser(photo, model, strength=1000)) <= 1) >= 0.999


def test_the_small_network_leaves_the_gamut(model):
    # Else nothing above would try how colors are brought back into it.
    chroma = predict_chroma(model, photo_lightness(ASTRONAUT))
    planes = (photo_lightness(ASTRONAUT), chroma[..., 0], chroma[..., 1])
    outside = ~in_gamut(lab_to_linear(*(plane.ravel() for plane in planes)))
    assert 0.1 < np.mean(outside) < 0.5


def test_colors_in_two_parts_are_those_in_one(functions):
    photo = PHOTOS["landscape"][None]
    chroma = functions["chroma"](photo, 0.0, 0.38)["chroma"]
    assert max(chroma.shape[1:3]) == TTA_SIDES[-1] and chroma.dtype == tf.float32
    apart = functions["recolor"](photo, chroma, 1.3)["colorized"]
    together = functions["colorize"](photo, 1.3, 0.38)["colorized"]
    np.testing.assert_array_equal(apart, together)


@pytest.mark.parametrize("name", ["landscape", "mounted", "tiny"])
def test_fast_predicts_once(model, functions, name):
    found = functions["chroma"](PHOTOS[name][None], 1.0, 0.0)["chroma"]
    _, expected = predict_small_chroma(keras_predictor(model), PHOTOS[name], fast=True)
    np.testing.assert_allclose(found[0], expected, atol=0.01)


@pytest.fixture(scope="module")
def hinted():
    return hinted_unet()


@pytest.fixture(scope="module")
def hinted_functions(hinted):
    return compiled(hinted)


def as_input(hints):
    return np.array([[row, column, *rgb] for row, column, rgb in hints], np.float32).reshape(-1, 5)


INSIDE = [(200, 210, (200, 30, 40)), (300, 250, (20, 90, 200)), (201, 211, (9, 120, 30))]
# Two hints in one cell, none, and one in the border of a photo that has one.
KNOWN = {"square": INSIDE, "landscape": INSIDE[:1], "mounted": INSIDE, "gray": []}
KNOWN_IN_BORDER = [(5, 5, (200, 0, 0))]
NOTHING = np.zeros(0, np.float32)  # kept


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(("name", "hints"), [*KNOWN.items(), ("mounted", KNOWN_IN_BORDER)])
def test_hints_are_followed_as_by_coloriser(hinted, hinted_functions, name, hints, fast):
    photo = PHOTOS[name]
    call = hinted_functions["chroma"]
    found = call(photo[None], float(fast), 0.0, as_input(hints), NOTHING)["chroma"]
    known = check_hints(hints, photo.shape)
    _, expected = predict_small_chroma(keras_predictor(hinted), photo, fast=fast, hints=known)
    np.testing.assert_allclose(found[0], expected, atol=0.02)


@pytest.mark.parametrize("hints", [INSIDE, [], KNOWN_IN_BORDER], ids=["inside", "none", "border"])
def test_kept_maps_answer_other_hints_as_the_whole_network_does(hinted_functions, hints):
    photo, call = PHOTOS["mounted"][None], hinted_functions["chroma"]
    first = call(photo, 1.0, 0.0, as_input(INSIDE[:1]), NOTHING)
    expected = call(photo, 1.0, 0.0, as_input(hints), NOTHING)
    found = call(photo, 1.0, 0.0, as_input(hints), first["kept_maps"])
    for name in expected:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)


def test_kept_maps_are_used_for_the_same_part_of_a_photo_alone(hinted_functions):
    photo, call = PHOTOS["square"][None], hinted_functions["chroma"]
    kept = call(photo, 1.0, 0.0, as_input(INSIDE), NOTHING)["kept_maps"].numpy()
    answers = []
    for place in (0, 1):
        changed = kept.copy()
        changed[:4] += place
        changed[4:] *= 1.01
        answers.append(call(photo, 1.0, 0.0, as_input(INSIDE), changed)["kept_maps"])
    np.testing.assert_allclose(answers[0][4:], 1.01 * kept[4:], rtol=1e-5)
    np.testing.assert_array_equal(answers[1], kept)


def test_an_answer_in_full_quality_keeps_nothing(hinted_functions):
    answer = hinted_functions["chroma"](PHOTOS["gray"][None], 0.0, 0.0, as_input([]), NOTHING)
    assert answer["kept_maps"].shape == (0,)


def test_hints_change_the_colors_of_a_whole_photo(hinted, hinted_functions):
    photo = PHOTOS["square"]
    answer = hinted_functions["colorize"](photo[None], 1.0, 0.0, as_input(INSIDE))
    expected = coloriser(photo, hinted, hints=INSIDE)
    assert np.mean(off(answer["colorized"], expected) <= 1) >= 0.999
    assert off(answer["colorized"], coloriser(photo, hinted)).mean() > 1


def test_a_palette_holds_distinct_likely_colors_at_the_last_hint(hinted, hinted_functions):
    photo = PHOTOS["square"]
    palettes = [
        hinted_functions["chroma"](photo[None], 1.0, 0.0, as_input(INSIDE[:count]), NOTHING)[
            "palette"
        ]
        for count in (1, 2)
    ]
    assert palettes[0].shape == (8, 2)
    apart = np.linalg.norm(palettes[0][:, None] - palettes[0][None], axis=-1)
    assert (apart[~np.eye(8, dtype=bool)] >= 22).all()
    assert not np.array_equal(*palettes)


def test_photos_of_a_batch_do_not_meet(functions):
    photos = np.stack([ASTRONAUT[:100, :150], skimage.data.chelsea()[:100, :150]])
    together = functions["colorize"](photos, 1.0, 0.0)["colorized"]
    for photo, colorized in zip(photos, together, strict=True):
        alone = functions["colorize"](photo[None], 1.0, 0.0)["colorized"]
        assert off(alone, colorized.numpy()).max() <= 1


def test_a_network_without_classes_takes_no_temperature_and_keeps_its_size():
    keras.utils.set_random_seed(0)
    model = autoencoder(32)
    signature = build_signatures(model)["colorize"].signature
    assert [spec.name for spec in signature] == ["photo", "strength"]
    for name in ("landscape", "portrait", "tiny"):
        answer = compiled(model)["colorize"](PHOTOS[name][None], 1.0)
        assert off(answer["colorized"], coloriser(PHOTOS[name], model)).max() <= 1


def test_a_network_of_classes_alone_is_decoded_at_its_own_temperature():
    keras.utils.set_random_seed(0)
    lightness = keras.Input((64, 64, 1))
    x = keras.layers.Rescaling(1 / 50, offset=-1)(lightness)
    model = keras.Model(lightness, keras.layers.Conv2D(313, 5, strides=4, padding="same")(x))
    for temperature in (None, 1.0):
        answer = compiled(model)["colorize"](ASTRONAUT[None], 1.0, temperature or 0.0)
        expected = coloriser(ASTRONAUT, model, temperature=temperature)
        assert np.mean(off(answer["colorized"], expected) <= 1) >= 0.999


def test_what_is_no_network_is_told():
    inputs = keras.Input((32, 32, 3))
    with pytest.raises(ValueError, match=r"must take L \(batch, H, W, 1\)"):
        build_signatures(keras.Model(inputs, keras.layers.Conv2D(2, 1)(inputs)))
