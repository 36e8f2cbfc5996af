import subprocess
import sys

import keras
import numpy as np
import pytest

from colorization.models import (
    Heads,
    add_hints,
    colorizer,
    flops,
    hint_decoder,
    takes_hints,
    unet,
    unet_hints,
)
from colorization.models.efficientnet import UNTRAINED_LITE0
from colorization.models.hint_decoder import without_hints

OPENS_ALONE = """
import sys, keras, numpy as np
model = keras.saving.load_model(sys.argv[1])
shapes = [(1, 32, 64, 1), (1, 8, 16, 3)]
outputs = model.predict_on_batch([np.ones(shape, np.float32) for shape in shapes])
assert outputs["ab"].shape == (1, 32, 64, 2), outputs["ab"].shape
assert not any(name.startswith("colorization") for name in sys.modules)
"""


@pytest.fixture(scope="module")
def plain():
    """A network whose predictions are not all gray, as after a training."""
    keras.utils.set_random_seed(0)
    network = unet(encoder=UNTRAINED_LITE0)
    for layer in (network.get_layer("ab_small"), network.get_layer("scene_features")):
        layer.set_weights(
            [np.random.default_rng(1).normal(0, 0.02, w.shape) for w in layer.weights]
        )
    return network


@pytest.fixture(scope="module")
def hinted(plain):
    """One that takes hints, and has learned to use them somehow."""
    network = add_hints(plain)
    last = network.get_layer("hint_correction")
    last.set_weights([np.random.default_rng(2).normal(0, 0.1, w.shape) for w in last.weights])
    return network


@pytest.fixture(scope="module")
def lightness():
    return np.random.default_rng(3).uniform(0, 100, (2, 64, 96, 1)).astype(np.float32)


def hints_at(*places, shape=(2, 16, 24, 3)):
    hints = np.zeros(shape, np.float32)
    for image, row, column, a, b in places:
        hints[image, row, column] = a, b, 1
    return hints


def test_without_hints_it_answers_bit_for_bit_as_before(plain, hinted, lightness):
    before = plain.predict_on_batch(lightness)
    after = hinted.predict_on_batch([lightness, hints_at()])
    assert np.ptp(before["ab"]) > 1
    for head in ("ab", "bins"):
        np.testing.assert_array_equal(after[head], before[head])


def test_a_hint_changes_its_own_photo_alone(plain, hinted, lightness):
    before = plain.predict_on_batch(lightness)["ab"]
    after = hinted.predict_on_batch([lightness, hints_at((0, 5, 7, 60, -20))])["ab"]
    assert np.abs(after[0] - before[0]).max() > 1
    np.testing.assert_array_equal(after[1], before[1])


def test_hints_do_not_change_the_classes(plain, hinted, lightness):
    after = hinted.predict_on_batch([lightness, hints_at((0, 5, 7, 60, -20))])
    np.testing.assert_array_equal(after["bins"], plain.predict_on_batch(lightness)["bins"])


def test_before_training_a_hint_already_draws_what_is_near(plain, lightness):
    before = plain.predict_on_batch(lightness)["ab"]
    after = add_hints(plain).predict_on_batch([lightness, hints_at((0, 5, 7, 60, -20))])["ab"]
    wanted = np.array([60, -20])
    here, far = (slice(20, 24), slice(28, 32)), (slice(60, 64), slice(92, 96))
    drawn = [
        np.mean((after[0] - before[0])[place] @ wanted) / np.linalg.norm(wanted)
        for place in (here, far)
    ]
    assert drawn[0] > 5
    assert drawn[0] > drawn[1] > 0


def test_of_two_hints_the_nearer_one_draws_more(plain, lightness):
    hints = hints_at((0, 1, 1, 70, 0), (0, 14, 22, -70, 0))
    ab = add_hints(plain).predict_on_batch([lightness, hints])["ab"][0]
    assert ab[4:8, 4:8, 0].mean() > ab[56:60, 88:92, 0].mean() + 10


def test_a_hint_reaches_as_far_in_a_larger_photo(plain):
    network, drawn = add_hints(plain), []
    for side in (128, 256):
        lightness, cells = np.full((1, side, side, 1), 50.0), side // 4
        hints = hints_at((0, cells // 4, cells // 4, 70, 0), shape=(1, cells, cells, 3))
        before = network.predict_on_batch([lightness, np.zeros_like(hints)])["ab"]
        after = network.predict_on_batch([lightness, hints])["ab"]
        halfway = slice(side // 2 - 4, side // 2 + 4)
        drawn.append((after - before)[0, halfway, halfway, 0].mean())
    assert drawn[0] > 3
    assert drawn[1] == pytest.approx(drawn[0], rel=0.25)


def test_what_is_still_wrong_at_a_hint_is_spread_again(plain, lightness, monkeypatch):
    left = []
    for rounds in (0, 1, 4):
        monkeypatch.setattr(hint_decoder, "ROUNDS", rounds)
        ab = add_hints(plain).predict_on_batch([lightness, hints_at((0, 5, 7, 60, -20))])["ab"]
        left.append(np.linalg.norm(ab[0, 20:24, 28:32].mean(axis=(0, 1)) - [60, -20]))
    assert left[0] > left[1] + 2 > left[2] + 4


def test_only_the_branch_is_trained(hinted):
    trained = {variable.path.split("/")[0] for variable in hinted.trainable_variables}
    assert trained
    assert all(name.startswith(hint_decoder.PREFIX) for name in trained)


def test_the_network_without_hints_shares_the_weights(plain, hinted, lightness):
    alone = without_hints(hinted)
    for weight, expected in zip(alone.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(weight, expected)
    for head, expected in plain.predict_on_batch(lightness).items():
        np.testing.assert_array_equal(alone.predict_on_batch(lightness)[head], expected)
    assert not takes_hints(alone)
    assert takes_hints(hinted)


def test_a_colorizer_and_the_heads_are_those_without_hints(plain, hinted, lightness):
    heads = Heads.of(hinted)
    assert heads.has_regression and heads.has_classes and heads.stride == 4
    np.testing.assert_array_equal(
        colorizer(hinted).predict_on_batch(lightness), plain.predict_on_batch(lightness)["ab"]
    )


def test_the_branch_costs_less_than_half_of_the_network():
    assert flops(unet_hints(128)) < 1.5 * flops(unet(128))


def test_its_file_opens_without_this_project(tmp_path, hinted):
    hinted.save(tmp_path / "hints.keras")
    subprocess.run([sys.executable, "-c", OPENS_ALONE, tmp_path / "hints.keras"], check=True)
    again = keras.saving.load_model(tmp_path / "hints.keras")
    assert takes_hints(again)
    assert Heads.of(again).has_classes
