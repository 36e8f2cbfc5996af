import numpy as np
from skimage.color import lab2rgb, rgb2lab

from colorization.gamut import into_gamut

LAB = (
    np.random.default_rng(0).uniform([0, -128, -128], [100, 128, 128], (2000, 3)).astype(np.float32)
)


def test_colours_that_can_be_shown_stay_as_they_are():
    rgb = np.random.default_rng(0).uniform(0, 1, (50, 40, 3))
    lab = rgb2lab(rgb).astype(np.float32)
    np.testing.assert_array_equal(into_gamut(lab), lab)


def test_lightness_and_hue_stay_and_chroma_only_shrinks():
    fitted = into_gamut(LAB)
    np.testing.assert_array_equal(fitted[:, 0], LAB[:, 0])
    chroma, before = (np.hypot(*lab[:, 1:].T) for lab in (fitted, LAB))
    assert (chroma <= before + 1e-5).all() and (chroma < before - 1).any()
    dot = (fitted[:, 1:] * LAB[:, 1:]).sum(axis=1)
    np.testing.assert_allclose(dot, chroma * before, rtol=1e-4, atol=1e-3)


def test_what_comes_out_can_be_shown():
    fitted = into_gamut(LAB)
    shown = rgb2lab(lab2rgb(fitted))
    np.testing.assert_allclose(shown, fitted, atol=0.5)


def test_chroma_is_not_shrunk_more_than_needed():
    grown = into_gamut(LAB)
    outside = np.abs(grown - LAB).max(axis=1) > 0
    grown[outside, 1:] *= 1.05
    shown = rgb2lab(lab2rgb(grown[outside]))
    assert np.abs(shown - grown[outside]).max(axis=1).mean() > 0.2
