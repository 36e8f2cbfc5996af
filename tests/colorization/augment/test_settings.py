import numpy as np
import pytest
import tensorflow as tf

from colorization.augment import random_translation

BATCH = np.random.default_rng(0).uniform(0, 100, (4, 32, 32, 1)).astype(np.float32)
LAB = np.concatenate([BATCH, 2 * BATCH, 3 * BATCH], axis=-1)


def eagerly(op):
    return op(tf.constant(LAB)).numpy()


def under_map(op):
    return next(iter(tf.data.Dataset.from_tensors(LAB).map(op))).numpy()


@pytest.mark.parametrize("run", [eagerly, under_map])
def test_all_channels_move_together(run):
    moved = run(random_translation(0.2, seed=1))
    assert moved.shape == LAB.shape
    assert np.abs(moved - LAB).mean() > 1
    np.testing.assert_allclose(moved[..., 1:], moved[..., :1] * [2, 3], rtol=1e-4)


def test_shifts_stay_within_the_factor_and_differ_between_images():
    ramp = np.tile(np.arange(100, dtype=np.float32)[None, :, None, None], (64, 1, 100, 3))
    moved = random_translation(0.2, seed=1)(tf.constant(ramp)).numpy()
    shifts = moved[:, 50, 50, 0] - 50
    assert np.abs(shifts).max() <= 20.01 and shifts.std() > 5


def test_values_stay_in_range_as_edges_are_mirrored():
    moved = eagerly(random_translation(0.2, seed=1))
    assert moved.min() >= LAB.min() - 1e-3 and moved.max() <= LAB.max() + 1e-3


def test_the_same_seed_gives_the_same_shifts():
    np.testing.assert_array_equal(
        eagerly(random_translation(0.2, seed=5)), eagerly(random_translation(0.2, seed=5))
    )


def test_a_factor_out_of_range_is_refused():
    with pytest.raises(ValueError, match="`factor`.*1.5"):
        random_translation(1.5, seed=0)
