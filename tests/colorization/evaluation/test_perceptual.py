import numpy as np
import pytest

from colorization.evaluation.perceptual import (
    feature_distance,
    frechet_distance,
    inception_features,
    perceive,
    vgg_features,
)

RANDOM = np.random.default_rng(0)


def samples(means, deviations, count=200_000):
    return RANDOM.normal(means, deviations, (count, len(means)))


def test_the_frechet_distance_is_that_of_the_closed_form():
    # For independent features: sum of (m - m')^2 + (s - s')^2.
    first, second = samples([0, 1, 2], [1, 2, 3]), samples([1, 1, 0], [2, 2, 1])
    assert frechet_distance(first, second) == pytest.approx(1 + 0 + 4 + 1 + 0 + 4, rel=0.02)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(first[:, :1], second[:, :1]) == pytest.approx(2, rel=0.05)


def test_correlated_features_have_the_distance_of_their_principal_axes():
    turn = np.linalg.qr(RANDOM.normal(size=(3, 3)))[0]
    first, second = samples([0, 0, 0], [1, 2, 3]), samples([0, 0, 0], [2, 2, 1])
    assert frechet_distance(first @ turn, second @ turn) == pytest.approx(5, rel=0.02)


def test_one_photo_has_no_distribution():
    with pytest.raises(ValueError, match="at least two photos, received 1 and 5"):
        frechet_distance(np.zeros((1, 3)), np.zeros((5, 3)))


def test_features_are_compared_by_direction_alone():
    one = np.zeros((2, 4, 4, 3), np.float32)
    one[..., 0] = 5
    other = np.zeros_like(one)
    other[0, ..., 0], other[1, ..., 1] = 0.1, 7
    np.testing.assert_allclose(feature_distance(one, other), [0, 2], atol=1e-5)


@pytest.mark.slow
def test_photos_that_are_alike_are_closer_than_gray_ones():
    """With random weights, which tell colors apart well enough for an order."""
    lab = np.stack(
        [RANDOM.uniform(20, 80, (48, 40, 1)) * [1, 0, 0] + [0, 40, 20] for _ in range(4)]
    )
    truths = list(lab.astype(np.float32))
    predictions = {"itself": truths, "gray": [photo * np.float32([1, 0, 0]) for photo in truths]}
    found = perceive(truths, predictions, inception_features(None), vgg_features(None))
    assert found["itself"]["vgg_distance"] == pytest.approx(0, abs=1e-5)
    assert found["itself"]["vgg_agreement"] == 100
    assert found["gray"]["vgg_distance"] > 1e-3
    assert found["gray"]["fid"] > found["itself"]["fid"] + 1e-6
