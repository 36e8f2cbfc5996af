import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab

from colorization.color.gamut import (
    compress_to_gamut,
    lab_to_linear,
    lab_to_linear_in_gamut,
)

LAB = (
    np.random.default_rng(0).uniform([0, -128, -128], [100, 128, 128], (2000, 3)).astype(np.float32)
)


def test_colors_that_can_be_shown_stay_as_they_are():
    rgb = np.random.default_rng(0).uniform(0, 1, (50, 40, 3))
    lab = rgb2lab(rgb).astype(np.float32)
    np.testing.assert_array_equal(compress_to_gamut(lab), lab)


def test_lightness_and_hue_stay_and_chroma_only_shrinks():
    fitted = compress_to_gamut(LAB)
    np.testing.assert_array_equal(fitted[:, 0], LAB[:, 0])
    chroma, before = (np.hypot(*lab[:, 1:].T) for lab in (fitted, LAB))
    assert (chroma <= before + 1e-5).all() and (chroma < before - 1).any()
    dot = (fitted[:, 1:] * LAB[:, 1:]).sum(axis=1)
    np.testing.assert_allclose(dot, chroma * before, rtol=1e-4, atol=1e-3)


def test_what_comes_out_can_be_shown():
    fitted = compress_to_gamut(LAB)
    shown = rgb2lab(lab2rgb(fitted))
    np.testing.assert_allclose(shown, fitted, atol=0.05)


def test_chroma_is_not_shrunk_more_than_needed():
    grown = compress_to_gamut(LAB)
    outside = np.abs(grown - LAB).max(axis=1) > 0
    grown[outside, 1:] *= 1.02
    shown = rgb2lab(lab2rgb(grown[outside]))
    assert np.abs(shown - grown[outside]).max(axis=1).mean() > 0.1


@pytest.mark.parametrize("shape", [(3,), (5, 3), (4, 5, 3)])
def test_any_shape_of_colors_is_taken(shape):
    lab = np.resize(LAB, shape)
    np.testing.assert_array_equal(
        compress_to_gamut(lab), compress_to_gamut(lab.reshape(-1, 3)).reshape(shape)
    )


def test_planes_are_converted_as_skimage_converts_pixels():
    rgb = np.random.default_rng(1).uniform(0, 1, (500, 3))
    linear = lab_to_linear(*rgb2lab(rgb).astype(np.float32).T)
    expected = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    np.testing.assert_allclose(linear.T, expected, atol=2e-6)


def test_planes_come_into_the_gamut_as_pixels_do():
    fitted = lab_to_linear(*compress_to_gamut(LAB).T).clip(0, 1)
    np.testing.assert_allclose(lab_to_linear_in_gamut(*LAB.T), fitted, atol=1e-6)
