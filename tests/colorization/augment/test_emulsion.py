import numpy as np
import pytest
import tensorflow as tf
from skimage.color import rgb2lab

from colorization.augment import Augmentation, augment

NAMED = {"red": (200, 40, 40), "skin": (214, 160, 130), "blue": (60, 90, 200), "gray": (128,) * 3}


def plain(name, count=64):
    """Images of one color in their left half and middle gray in the right."""
    rgb = np.full((8, 8, 3), 128, np.uint8)
    rgb[:, :4] = NAMED[name]
    return np.repeat(rgb2lab(rgb)[None].astype(np.float32), count, axis=0)


def spot(name, count=64):
    """Gray images with one pixel of a color in their corner: not enough red to be left out."""
    rgb = np.full((16, 16, 3), 128, np.uint8)
    rgb[0, 0] = NAMED[name]
    return np.repeat(rgb2lab(rgb)[None].astype(np.float32), count, axis=0)


def eagerly(op, lab):
    return op(tf.constant(lab)).numpy()


def under_map(op, lab):
    return next(iter(tf.data.Dataset.from_tensors(lab).map(op))).numpy()


@pytest.mark.parametrize("run", [eagerly, under_map])
def test_old_film_sees_red_and_skin_darker_and_blue_lighter_beside_gray(run):
    change = {}
    for name in NAMED:
        lab = spot(name)
        seen = run(augment(Augmentation(emulsion=1.0), seed=1), lab)
        assert seen.shape == lab.shape and seen.dtype == np.float32
        assert seen[..., 1:].tobytes() == lab[..., 1:].tobytes()
        beside = seen[:, 0, 0, 0] - seen[:, 0, 7, 0]
        change[name] = beside - (lab[0, 0, 0, 0] - lab[0, 0, 7, 0])
    assert change["red"].max() < 0.1 and change["red"].mean() < -10
    assert change["skin"].max() < 0.1 and change["skin"].mean() < -3
    assert change["blue"].min() > -0.1 and change["blue"].mean() > 5
    np.testing.assert_allclose(change["gray"], 0, atol=1e-3)


def test_the_exposure_keeps_the_mean_luminance():
    lab = plain("skin")
    seen = eagerly(augment(Augmentation(emulsion=1.0), seed=1), lab)
    before, after = (((x[..., 0] + 16) / 116) ** 3 for x in (lab, seen))
    np.testing.assert_allclose(after.mean((1, 2)), before.mean((1, 2)), rtol=0.02)


def test_the_probability_is_that_of_an_old_film():
    lab = plain("skin", 256)
    seen = eagerly(augment(Augmentation(emulsion=0.3), seed=2), lab)
    changed = np.abs(seen - lab).max(axis=(1, 2, 3)) > 0
    assert 0.2 < changed.mean() < 0.4


def test_photos_with_strong_reds_stay_as_they_are():
    rgb = np.full((1, 8, 8, 3), 128, np.uint8)
    rgb[:, :2] = 200, 40, 40
    lab = np.repeat(rgb2lab(rgb).astype(np.float32), 64, axis=0)
    assert eagerly(augment(Augmentation(emulsion=1.0), seed=1), lab).tobytes() == lab.tobytes()
