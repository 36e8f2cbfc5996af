import numpy as np
import pytest
import tensorflow as tf

from colorization.training.random_hints import cell_means
from colorization.training.recolored_regions import recolor_and_draw_hints, recolor_one_thing

KEY = (1, 2)


@pytest.fixture
def squares():
    """Photos of two squares of one color on a plain ground; ground and color vary."""
    random = np.random.default_rng(0)
    middle = np.reshape([(70, 0, 0), (40, 20, 30)], (2, 1, 1, 1, 3))
    ground, color = middle + random.uniform(-5, 5, (2, 200, 1, 1, 3))
    lab = np.broadcast_to(ground, (200, 32, 48, 3)).astype(np.float32)
    lab[:, 12:20, 4:20] = lab[:, 12:20, 28:44] = color
    return tf.constant(lab[..., :1]), tf.constant(lab[..., 1:])


def test_what_looks_alike_and_is_connected_changes_its_color_and_nothing_else(squares):
    lightness, ab = squares
    recolored, place = recolor_one_thing(lightness, ab, KEY)
    assert (place.numpy().sum(axis=(1, 2, 3)) == 1).all()
    changed = (recolored != ab).numpy().any(axis=-1)
    squares_and_ground = np.zeros((3, 32, 48), bool)
    squares_and_ground[0, 12:20, 4:20] = squares_and_ground[1, 12:20, 28:44] = True
    squares_and_ground[2] = ~squares_and_ground[:2].any(axis=0)
    row, column = np.nonzero(place.numpy()[..., 0])[1:]
    for photo, thing in enumerate(squares_and_ground[:, row * 4, column * 4].argmax(axis=0)):
        np.testing.assert_array_equal(changed[photo], squares_and_ground[thing])


def test_the_new_color_is_that_of_another_photo_and_more_vivid(squares):
    lightness, ab = squares
    recolored, place = recolor_one_thing(lightness, ab, KEY)
    others = np.roll(ab, 1, axis=0)
    new, other = ((cell_means(x) * place).numpy().sum(axis=(1, 2)) for x in (recolored, others))
    factors = new / other
    assert 1 <= factors.min() < 1.1 and 2.4 < factors.max() < 2.51
    np.testing.assert_allclose(factors[:, 0], factors[:, 1], rtol=1e-3)


def test_the_hints_say_so_and_are_often_alone(squares):
    lightness, ab = squares
    wanted, hints = (x.numpy() for x in recolor_and_draw_hints(lightness, ab, KEY))
    recolored = (wanted != ab.numpy()).any(axis=(1, 2, 3))
    given = hints[..., 2] == 1
    assert 0.3 < recolored.mean() < 0.5
    assert given.any(axis=(1, 2)).all()
    single = given.sum(axis=(1, 2)) == 1
    assert 0.35 < single[recolored].mean() < 0.65
    assert single[~recolored].mean() < 0.2
    true = cell_means(wanted).numpy()
    single &= recolored
    np.testing.assert_allclose(
        hints[single][given[single]][:, :2], true[single][given[single]], rtol=1e-4
    )
    assert not hints[~given].any()


def test_equal_keys_recolor_equally_eagerly_and_under_map(squares):
    eager = recolor_and_draw_hints(*squares, KEY)
    batches = tf.data.Dataset.from_tensors(squares).map(
        lambda lightness, ab: recolor_and_draw_hints(lightness, ab, KEY)
    )
    mapped = next(iter(batches))
    assert [spec.shape for spec in batches.element_spec] == [(200, 32, 48, 2), (200, 8, 12, 3)]
    for one, other in zip(eager, mapped, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-4)
    assert np.any(recolor_and_draw_hints(*squares, (3, 4))[0] != eager[0])
