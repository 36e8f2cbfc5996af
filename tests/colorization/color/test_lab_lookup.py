import numpy as np
import pytest
from skimage.color import rgb2lab

from colorization.color.lab import decode_lab
from colorization.color.lab_lookup import CHUNK_PIXELS, LabEncoder, lab_code_table


@pytest.mark.slow
def test_every_color_is_within_half_a_level_of_skimage():
    codes = lab_code_table().view(np.uint8).reshape(256, 256, 256, 4)
    red, green = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    for blue in range(256):
        rgb = np.stack([red, green, np.full_like(red, blue)], axis=-1)
        lab = decode_lab(codes[blue][..., [0, 2, 3]].astype(np.float64))
        error = np.abs(lab - rgb2lab(rgb)).max(axis=(0, 1))
        assert (error <= np.array([50 / 255, 0.5, 0.5]) + 1e-5).all(), blue


@pytest.mark.parametrize("shape", [(32, 32), (128, 128), (1, 1), (1, CHUNK_PIXELS + 1), (129, 128)])
def test_codes_are_those_of_skimage_rounded(shape):
    rgb = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    lightness, chroma = LabEncoder().encode(rgb)
    lab = rgb2lab(rgb).reshape(-1, 3)
    np.testing.assert_allclose(lightness, lab[:, 0] * 2.55, atol=0.5 + 1e-6)
    np.testing.assert_allclose(chroma & 255, lab[:, 1] + 128, atol=0.5 + 1e-6)
    np.testing.assert_allclose(chroma >> 8, lab[:, 2] + 128, atol=0.5 + 1e-6)


def test_gray_has_no_chroma():
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    _, chroma = LabEncoder().encode(np.repeat(gray, 3, axis=-1))
    assert set(chroma) == {128 + 256 * 128}


def test_one_image_leaves_the_codes_of_another_alone():
    one, other = np.random.default_rng(2).integers(0, 256, (2, 32, 32, 3), np.uint8)
    encoder = LabEncoder()
    lightness, chroma = encoder.encode(one)
    before = lightness.copy(), chroma.copy()
    encoder.encode(other)
    np.testing.assert_array_equal(lightness, before[0])
    np.testing.assert_array_equal(chroma, before[1])
