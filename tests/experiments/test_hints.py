import numpy as np
import pytest
from experiments.hints import (
    COUNTS,
    at_random,
    by_distance,
    by_network,
    by_optimization,
    draw,
    measure,
    where_most_wrong,
)

from colorization.inference.predictor import keras_predictor
from colorization.models import unet_hints
from colorization.models.efficientnet import UNTRAINED_LITE0


@pytest.fixture
def halves():
    """L of a dark and a light half, with a hint in each."""
    lightness = np.full((32, 32), 20, np.float32)
    lightness[:, 20:] = 80
    hints = np.zeros((8, 8, 3), np.float32)
    hints[1, 1] = 30, -40, 1
    hints[6, 7] = -10, 50, 1
    return lightness, hints


def test_the_nearest_hint_colors_a_pixel(halves):
    ab = by_distance(*halves)
    np.testing.assert_array_equal(ab[0, 0], [30, -40])
    np.testing.assert_array_equal(ab[-1, -1], [-10, 50])


def test_optimization_fills_regions_of_one_lightness(halves):
    ab = by_optimization(*halves)
    np.testing.assert_allclose(ab[:, :19], np.broadcast_to([30, -40], (32, 19, 2)), atol=2)
    np.testing.assert_allclose(ab[:, 21:], np.broadcast_to([-10, 50], (32, 11, 2)), atol=2)


def test_hints_are_true_colors_of_different_cells():
    cells = np.random.default_rng(0).normal(size=(8, 8, 2)).astype(np.float32)
    hints = draw(cells, 10, np.random.default_rng(1))
    given = hints[..., 2] == 1
    assert given.sum() == 10
    np.testing.assert_array_equal(hints[given][:, :2], cells[given])
    assert not hints[~given].any()


def test_every_method_has_an_error_at_every_count():
    random = np.random.default_rng(0)
    photo = np.concatenate(
        [random.uniform(20, 80, (32, 32, 1)), random.uniform(-30, 30, (32, 32, 2))], axis=-1
    ).astype(np.float32)
    network = by_network(keras_predictor(unet_hints(encoder=UNTRAINED_LITE0)))
    methods = {
        "network": at_random(network),
        "where it is wrong": where_most_wrong(network),
        "nearest": at_random(by_distance),
        "optimization": at_random(by_optimization),
    }
    for scores in measure(methods, [photo], "photo").values():
        assert len(scores["ab_mse"]) == len(scores["psnr"]) == len(COUNTS)
        assert np.isfinite([scores["ab_mse"], scores["psnr"]]).all()


def test_each_hint_is_given_where_the_last_answer_is_most_wrong(halves):
    lightness, _ = halves
    cells = np.zeros((8, 8, 2), np.float32)
    cells[:4], cells[4:, :4] = 80, 40
    answers = list(where_most_wrong(by_distance)(lightness, cells, 0))
    assert not answers[0].any()
    np.testing.assert_array_equal(np.unique(answers[1]), [80])
    wrong = [np.abs(ab[::4, ::4] - cells).mean() for ab in answers]
    assert wrong[2] < wrong[1] and wrong[-1] == 0


def test_the_share_that_ten_hints_leave_has_an_interval_over_the_photos():
    def half(lightness, hints):
        error = 5 if hints[..., 2].any() else 10
        return np.full((*lightness.shape, 2), np.sqrt(error * lightness.mean()))

    photos = [np.full((32, 32, 3), (level, 0, 0), np.float32) for level in (10, 20, 60)]
    left = measure({"half": at_random(half)}, photos, "photos")["half"]["left"]
    assert left == pytest.approx({"mean": 0.5, "low": 0.5, "high": 0.5})
