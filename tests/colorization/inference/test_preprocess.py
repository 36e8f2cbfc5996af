import itertools

import numpy as np
import pytest
from PIL import Image

from colorization.color.lightness import photo_lightness, split_into_tiles
from colorization.inference.preprocess import (
    BAND_PIXELS,
    CONTRAST,
    MAX_UPSAMPLING,
    MULTIPLE,
    WORKING_SIDE,
    TiledUpsampler,
    plan_resize,
    resize_and_pad,
    stretch_contrast,
    unpad,
    upsample,
)

PIXELS = WORKING_SIDE * 12_000  # of a strip
SHAPES = [(1, 1), (20, 30), (1, 3000), (3000, 1), (200, 300), (301, 200), (64, 64), (1000, 999)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("input_size", [None, (128, 128), (96, 160)])
def test_a_plan_fits_and_keeps_the_aspect_ratio(shape, input_size):
    plan = plan_resize(shape, input_size)
    room = input_size or [min(WORKING_SIDE, MAX_UPSAMPLING * max(shape))] * 2
    assert plan.height == room[0] or plan.width == room[1]
    assert plan.height <= room[0] and plan.width <= room[1]
    assert abs(plan.height / shape[0] * shape[1] - plan.width) <= max(1, shape[1] / shape[0])
    if input_size:
        assert plan.padded == input_size
    else:
        small = plan.height, plan.width
        for side, padded in zip(small, plan.padded, strict=True):
            assert padded % MULTIPLE == 0 and side <= padded < side + MULTIPLE


def test_a_photo_shows_the_network_the_same_whatever_its_size():
    large = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 12), np.uint8))
    large = large.resize((1200, 900), Image.Resampling.BICUBIC)
    pictures = [
        resize_and_pad(
            np.asarray(large.resize(size, Image.Resampling.LANCZOS)), plan_resize(size[::-1])
        )
        for size in ((1200, 900), (600, 450), (300, 225), (160, 120))
    ]
    for picture in pictures[1:]:
        assert np.abs(picture - pictures[0]).mean() < 0.5


@pytest.mark.parametrize("shape", [(40, 30), (2500, 2000, 3), (1, 5000), (5000, 1)])
def test_a_photo_is_reduced_in_bands_as_it_would_be_whole(shape):
    photo = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    plan = plan_resize(shape)
    whole = Image.fromarray(photo_lightness(photo)).resize(
        (plan.width, plan.height), Image.Resampling.BICUBIC
    )
    np.testing.assert_allclose(
        unpad(resize_and_pad(photo, plan), plan),
        stretch_contrast(np.asarray(whole).clip(0, 100)),
        atol=0.01,
    )
    if len(shape) == 3:
        assert shape[0] * shape[1] > BAND_PIXELS


@pytest.mark.parametrize("shape", [(1, PIXELS), (PIXELS, 1)])
def test_a_strip_of_a_photo_is_reduced_as_far_as_it_takes(shape):
    ramp = np.linspace(0, 255, PIXELS).astype(np.uint8).reshape(shape)
    plan = plan_resize(shape)
    found = unpad(resize_and_pad(ramp, plan), plan).ravel()
    expected = photo_lightness(ramp).reshape(WORKING_SIDE, -1).mean(axis=1)
    np.testing.assert_allclose(found, expected, atol=0.5)


FRESH = np.random.default_rng(0).normal(50, 25, (90, 120)).clip(2, 98).astype(np.float32)


@pytest.mark.parametrize(("darkest", "share"), [(45, 0.35), (10, 0.4), (30, 0.6), (80, 0.2)])
def test_a_faded_photo_is_shown_with_the_contrast_of_a_fresh_one(darkest, share):
    faded = darkest + share * FRESH
    shown = stretch_contrast(faded)
    low, high = np.percentile(shown, [1, 99])
    assert high - low == pytest.approx(
        min(CONTRAST, 3 * np.ptp(np.percentile(faded, [1, 99]))), abs=2
    )
    assert np.corrcoef(shown.ravel(), FRESH.ravel())[0, 1] > 0.98


def test_a_fresh_photo_and_a_flat_one_are_shown_as_they_are():
    np.testing.assert_array_equal(stretch_contrast(FRESH), FRESH)
    for tone in (50, 36, 64):
        flat = np.full((40, 60), tone, np.float32)
        np.testing.assert_array_equal(stretch_contrast(flat), flat)


def test_contrast_is_gained_gradually():
    ramp = np.linspace(0, 1, 9000, dtype=np.float32).reshape(90, 100)
    widths = np.linspace(60, 80, 41)
    shown = [stretch_contrast(15 + ramp * np.float32(width)) for width in widths]
    assert max(np.abs(a - b).max() for a, b in itertools.pairwise(shown)) < 1.5


def test_padding_mirrors_the_picture():
    photo = np.random.default_rng(0).integers(0, 256, (WORKING_SIDE, 40), np.uint8)
    plan = plan_resize(photo.shape)
    picture = resize_and_pad(photo, plan)
    assert picture.shape == (WORKING_SIDE, 64) and plan.left == 12
    np.testing.assert_array_equal(picture[:, 11::-1], picture[:, 12:24])
    np.testing.assert_allclose(unpad(picture, plan), photo_lightness(photo), atol=1e-4)


@pytest.mark.parametrize("shape", [(100, 90), (700, 500), (3, 40000), (2, 2)])
def test_chroma_is_enlarged_in_tiles_as_it_would_be_whole(shape):
    chroma = np.random.default_rng(0).normal(0, 30, (20, 18, 2)).astype(np.float32)
    whole = upsample(chroma, shape)
    enlargement = TiledUpsampler(chroma, shape)
    for tile in split_into_tiles(shape):
        np.testing.assert_allclose(
            np.stack(enlargement.tile(tile), axis=-1), whole[tile], atol=1e-3
        )
