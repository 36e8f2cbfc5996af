import numpy as np
import pytest
import skimage.data
from PIL import Image

from colorization.color.lightness import photo_lightness
from colorization.inference.borders import Box, add_border, find_box
from colorization.inference.colorize import coloriser

WHOLE = (0, 120, 0, 160)
PHOTOS = {
    "astronaut": skimage.data.astronaut(),
    "cat": skimage.data.chelsea(),
    "coffee": skimage.data.coffee(),
    "rocket": skimage.data.rocket(),
}


def reduced(photo, size=(160, 120)):
    return photo_lightness(
        np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BICUBIC))
    )


def mounted(photo, tone, noise=0.0, rows=(15, 25), columns=(10, 20)):
    """A photo of 120x160 within a border, L."""
    lightness = np.pad(reduced(photo), (rows, columns), constant_values=tone)
    outside = np.ones(lightness.shape, bool)
    outside[rows[0] : -rows[1], columns[0] : -columns[1]] = False
    rough = np.random.default_rng(0).normal(0, noise or 1e-9, lightness.shape)
    return (lightness + outside * rough).clip(0, 100).astype(np.float32)


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize(("tone", "noise"), [(100, 0), (0, 0), (92, 1.5), (25, 1.0)])
def test_a_mount_is_found_to_the_pixel(name, tone, noise):
    photo = mounted(PHOTOS[name], tone, noise)
    box = find_box(photo, photo.shape)
    np.testing.assert_allclose(box, (15, 135, 10, 170), atol=1)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_photo_without_a_border_is_whole(name):
    assert find_box(reduced(PHOTOS[name]), (120, 160)) == WHOLE


def test_a_plain_sky_and_a_backdrop_are_no_border():
    sea = np.full((120, 160), 80, np.float32)
    sea[50:] = 35 + np.random.default_rng(0).normal(0, 5, (70, 160))
    backdrop = np.full((120, 160), 70, np.float32)
    rows, columns = np.mgrid[:120, :160]
    backdrop[(rows - 70) ** 2 / 3 + (columns - 80) ** 2 < 1200] = 30
    for photo in (sea, backdrop, sea[::-1], np.full((120, 160), 90, np.float32)):
        assert find_box(photo, (120, 160)) == WHOLE


def test_black_bars_above_and_below_are_a_border():
    film = np.pad(reduced(PHOTOS["cat"]), ((20, 20), (0, 0)))
    assert find_box(film, film.shape) == (20, 140, 0, 160)
    assert find_box(film, (1600, 1600, 3)) == (200, 1400, 0, 1600)  # of the photo itself


def test_a_reduced_border_is_put_back_in_its_place():
    box = Box(150, 1350, 100, 1700)
    inside = np.ones((120, 160, 2), np.float32)
    whole = add_border(inside, box, (1600, 1900, 3), "constant")
    assert whole.shape == (160, 190, 2)
    assert whole[15:135, 10:170].all() and whole.sum() == inside.sum()


@pytest.mark.parametrize("paper", [255, 236, 0])
def test_paper_stays_neutral_and_the_photo_keeps_its_colors(paper, small_network):
    photo = skimage.data.astronaut()
    gray = np.rint(photo @ [0.2126, 0.7152, 0.0722]).astype(np.uint8)
    framed = np.pad(gray, 60, constant_values=paper)
    colored = coloriser(framed, small_network)
    around = np.concatenate([colored[:50].reshape(-1, 3), colored[:, -50:].reshape(-1, 3)])
    assert np.abs(around.astype(int) - paper).max() <= 1
    assert np.ptp(colored[60:-60, 60:-60].astype(int), axis=-1).mean() > 5
