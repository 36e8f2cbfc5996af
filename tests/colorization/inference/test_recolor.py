import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import lab2rgb, rgb2lab

from colorization.color.lightness import photo_lightness
from colorization.inference.recolor import recolor

GRAY_LEVELS = photo_lightness(np.arange(256, dtype=np.uint8)[None])[0]


def check_lightness(photo, colored):
    """Within one level, of 255 of L as of gray."""
    before = photo_lightness(photo)
    after = rgb2lab(colored.astype(np.float64) / np.iinfo(colored.dtype).max)[..., 0]
    assert np.abs(before - after).max() <= 100 / 255
    levels = [np.interp(values, GRAY_LEVELS, np.arange(256)) for values in (before, after)]
    assert np.abs(levels[0] - levels[1]).max() <= 1


@pytest.mark.parametrize("radius", [0, 3, 10, 30, 60, 90, 120, 180, 400])
def test_every_gray_keeps_its_lightness_in_every_hue(radius):
    gray = np.broadcast_to(np.arange(256, dtype=np.uint8)[:, None], (256, 360))
    hues = np.deg2rad(np.broadcast_to(np.arange(360), gray.shape))
    chroma = radius * np.stack([np.cos(hues), np.sin(hues)], axis=-1)
    check_lightness(gray, recolor(gray, chroma.astype(np.float32), 1))


colors = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(max_examples=60, deadline=None)
@given(colors, st.sampled_from([0.0, 0.5, 1.0, 5.0]), st.booleans(), st.booleans())
def test_every_photo_keeps_its_lightness_whatever_the_network_answers(
    random, strength, color, deep
):
    shape = tuple(random.integers(1, 60, 2)) + ((3,) if color else ())
    dtype = np.uint16 if deep else np.uint8
    photo = random.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
    chroma = random.normal(0, random.uniform(1, 100), (*random.integers(1, 20, 2), 2))
    colored = recolor(photo, chroma.astype(np.float32), strength, dtype)
    assert colored.shape == (*shape[:2], 3) and colored.dtype == dtype
    check_lightness(photo, colored)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_colors_are_those_that_were_asked_for_where_srgb_has_them(dtype):
    rgb = np.random.default_rng(0).integers(0, 256, (60, 50, 3), np.uint8)
    lab = rgb2lab(rgb / 255)
    colored = recolor(rgb, lab[..., 1:].astype(np.float32), 1, dtype)
    np.testing.assert_allclose(colored, lab2rgb(lab) * np.iinfo(dtype).max, atol=0.52)


def test_strength_scales_the_chroma():
    gray = np.full((8, 8), 128, np.uint8)
    chroma = np.full((8, 8, 2), 12, np.float32)
    found = rgb2lab(recolor(gray, chroma, 2))[..., 1:]
    np.testing.assert_allclose(found, 24, atol=0.8)
    assert np.ptp(recolor(gray, chroma, 0), axis=-1).max() <= 1


@pytest.mark.parametrize("strength", [50.0, 1e6, 1e300])
def test_no_strength_is_so_large_that_the_colors_are_lost(strength):
    gray = np.full((8, 8), 128, np.uint8)
    chroma = np.full((8, 8, 2), (30, -10), np.float32)
    found, vivid = (recolor(gray, chroma, s).astype(int) for s in (strength, 10))
    assert np.abs(found - vivid).max() <= 1 and np.ptp(vivid, axis=-1).min() > 100
