import numpy as np
from skimage.color import lab2rgb, rgb2lab

from colorization.color.gamut import lab_to_linear, lab_to_linear_in_gamut
from colorization.color.srgb import linear_to_srgb

LAB = (
    np.random.default_rng(0).uniform([0, -128, -128], [100, 128, 128], (2000, 3)).astype(np.float32)
)


def compress_to_gamut(lab):
    """The Lab colors of the linear light that `lab_to_linear_in_gamut` returns."""
    return rgb2lab(linear_to_srgb(lab_to_linear_in_gamut(*lab.T).astype(np.float64)).T)


def test_colors_that_can_be_shown_stay_as_they_are():
    rgb = np.random.default_rng(0).uniform(0, 1, (2000, 3))
    lab = rgb2lab(rgb).astype(np.float32)
    np.testing.assert_array_equal(lab_to_linear_in_gamut(*lab.T), lab_to_linear(*lab.T).clip(0, 1))


def test_lightness_and_hue_stay_and_chroma_only_shrinks():
    fitted = compress_to_gamut(LAB)
    np.testing.assert_allclose(fitted[:, 0], LAB[:, 0], atol=0.01)
    chroma, before = (np.hypot(*lab[:, 1:].T) for lab in (fitted, LAB))
    assert (chroma <= before + 0.01).all() and (chroma < before - 1).any()
    dot = (fitted[:, 1:] * LAB[:, 1:]).sum(axis=1)
    np.testing.assert_allclose(dot, chroma * before, rtol=1e-3, atol=1)


def test_chroma_is_not_shrunk_more_than_needed():
    grown = compress_to_gamut(LAB)
    outside = np.abs(grown - LAB).max(axis=1) > 0.1
    grown[outside, 1:] *= 1.02
    shown = rgb2lab(lab2rgb(grown[outside]))
    assert np.abs(shown - grown[outside]).max(axis=1).mean() > 0.1


def test_planes_are_converted_as_skimage_converts_pixels():
    rgb = np.random.default_rng(1).uniform(0, 1, (500, 3))
    linear = lab_to_linear(*rgb2lab(rgb).astype(np.float32).T)
    expected = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    np.testing.assert_allclose(linear.T, expected, atol=2e-6)
