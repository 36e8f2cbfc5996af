from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from PIL import Image
from tests.support.photos import content

from deepcolor.colorize.photo_checks import check_photo_file, warn_of_gray
from deepcolor.colorize.photo_file import read_photo_file
from deepcolor.colorize.provenance import NeedsForceError

COLOR = skimage.data.astronaut()
GRAY = np.asarray(Image.fromarray(COLOR).convert("L"), np.float32)
MASK = np.float32([0.95, 0.62, 0.42])  # of a color negative: its base is orange


def check(pixels):
    """Check pixels as the file of a photo."""
    check_photo_file(read_photo_file(content(Image.fromarray(pixels.astype(np.uint8)))))


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee", "rocket"])
def test_a_color_photo_is_refused(name):
    with pytest.raises(NeedsForceError, match="in color already; --force"):
        check(getattr(skimage.data, name)())


@pytest.mark.parametrize("paper", [(255, 255, 255), (235, 215, 180), (220, 190, 140)])
def test_gray_sepia_and_yellowed_prints_are_no_color_photos(paper):
    noise = np.random.default_rng(0).normal(0, 4, COLOR.shape)
    check((GRAY[..., None] / 255 * np.float32(paper) + noise).clip(0, 255))


def test_a_color_negative_is_told_from_a_color_photo():
    with pytest.raises(NeedsForceError, match="a color negative: invert it first"):
        check((255 - COLOR) * MASK)


def test_a_photo_of_16_bits_is_checked_as_one_of_8():
    photo = read_photo_file(content(Image.fromarray(COLOR)))
    deep = replace(photo, pixels=photo.pixels.astype(np.uint16) * 257)
    with pytest.raises(NeedsForceError, match="in color already"):
        check_photo_file(deep)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_result_with_hardly_any_color_is_told(dtype):
    white = np.iinfo(dtype).max
    gray = np.repeat(GRAY[..., None], 3, axis=-1) / 255 * white
    assert warn_of_gray(gray.astype(dtype)) == ["the result has hardly any color"]
    assert warn_of_gray((COLOR / 255 * white).astype(dtype)) == []
