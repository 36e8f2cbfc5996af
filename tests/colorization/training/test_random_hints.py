import numpy as np
import pytest
import tensorflow as tf

from colorization.training.random_hints import cell_means, draw_hints, place_hints

KEY = (1, 2)


@pytest.fixture
def ab():
    return tf.constant(np.random.default_rng(0).uniform(-100, 100, (64, 32, 48, 2)), tf.float32)


def test_hints_are_true_colors_and_zeros(ab):
    hints = place_hints(ab, tf.fill([64], 5), KEY).numpy()
    cells = ab.numpy().reshape(64, 8, 4, 12, 4, 2).mean(axis=(2, 4))
    given = hints[..., 2] == 1
    assert set(np.unique(hints[..., 2])) == {0, 1}
    np.testing.assert_allclose(hints[given][:, :2], cells[given], rtol=1e-4, atol=1e-3)
    assert not hints[~given].any()
    assert 1 <= given.sum(axis=(1, 2)).min() <= given.sum(axis=(1, 2)).max() == 5


def test_a_patch_has_one_color_and_at_most_nine_cells(ab):
    hints = place_hints(ab, tf.fill([64], 1), KEY, largest=3).numpy()
    sizes = (hints[..., 2] == 1).sum(axis=(1, 2))
    assert set(sizes) >= {1, 4, 9} and max(sizes) == 9
    for photo in hints:
        assert np.ptp(photo[photo[..., 2] == 1], axis=0).max() == 0


def test_no_point_means_no_hint(ab):
    assert not place_hints(ab, tf.zeros([64], tf.int32), KEY).numpy().any()


def test_the_number_of_points_is_geometric_and_seldom_all():
    ab = tf.random.stateless_normal((2000, 64, 64, 2), (0, 0))
    share = draw_hints(ab, KEY).numpy()[..., 2].mean(axis=(1, 2))
    assert 0.004 < np.mean(share == 1) < 0.02
    some = share[share < 1] * 16 * 16
    assert some.min() >= 1
    assert 20 < some.mean() < 45  # about 8 points of 4.7 cells


def test_all_cells_are_drawn(ab):
    hints = [place_hints(ab, tf.fill([64], 9), (index, 0)).numpy() for index in range(5)]
    assert np.concatenate(hints)[..., 2].max(axis=0).all()


def test_equal_keys_draw_equal_hints_eagerly_and_under_map(ab):
    eager = draw_hints(ab, KEY)
    batches = tf.data.Dataset.from_tensors(ab).map(lambda y: draw_hints(y, KEY))
    mapped = next(iter(batches))
    assert batches.element_spec.shape == (64, 8, 12, 3)
    np.testing.assert_array_equal(eager, mapped)
    assert np.any(draw_hints(ab, (3, 4)).numpy() != eager.numpy())


def test_cells_are_averaged(ab):
    assert cell_means(ab).shape == (64, 8, 12, 2)
