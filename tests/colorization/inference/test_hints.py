import numpy as np
import pytest
import skimage.color
from tests.support.networks import hinted_unet

from colorization import coloriser
from colorization.inference.borders import Box
from colorization.inference.hints import MOST_HINTS, all_inside, check_hints, place_on_grid
from colorization.inference.preprocess import plan_resize
from colorization.models import unet
from colorization.models.efficientnet import UNTRAINED_LITE0

GREEN = (47, 107, 58)
WHOLE = Box(0, 300, 0, 400)


@pytest.fixture(scope="module")
def network():
    return hinted_unet()


@pytest.fixture(scope="module")
def photo():
    return np.random.default_rng(0).integers(0, 256, (60, 80), np.uint8)


def test_colors_become_their_chroma():
    ((row, column, *ab),) = check_hints([(3, 5, GREEN)], (10, 10))
    expected = skimage.color.rgb2lab(np.array(GREEN, np.uint8)[None, None])[0, 0, 1:]
    assert (row, column) == (3, 5)
    np.testing.assert_allclose(ab, expected, atol=1e-3)


@pytest.mark.parametrize(
    "hint, message",
    [
        ((300, 5, GREEN), "must lie in the photo of 300 rows and 400 columns, received row 300"),
        ((5, -1, GREEN), "column -1"),
        ((5, 5, (1, 2)), r"\(r, g, b\) in 0 to 255"),
        ((5, 5, (1, 2, 256)), r"\(r, g, b\) in 0 to 255"),
        ((5, 5, (1, 2, float("nan"))), r"\(r, g, b\) in 0 to 255"),
        ((5, 5, "green"), "a hint must be"),
        ((5, 5), "a hint must be"),
        (7, "a hint must be"),
    ],
)
def test_bad_hints_are_named(hint, message):
    with pytest.raises(ValueError, match=message):
        check_hints([(1, 1, GREEN), hint], (300, 400, 3))


def test_too_many_hints_are_refused():
    with pytest.raises(ValueError, match="at most 500, received 501"):
        check_hints([(1, 1, GREEN)] * (MOST_HINTS + 1), (300, 400))


def test_a_hint_lands_in_the_cell_of_its_place():
    plan = plan_resize((300, 400), None, 192)  # 144 x 192, padded to 160 x 192
    hints = check_hints([(0, 0, GREEN), (299, 399, GREEN), (150, 200, GREEN)], (300, 400))
    grid = place_on_grid(hints, WHOLE, plan)
    assert grid.shape == (40, 48, 3)
    assert [*zip(*np.nonzero(grid[..., 2]), strict=True)] == [(2, 0), (20, 24), (37, 47)]


def test_the_last_hint_of_a_cell_counts():
    plan = plan_resize((300, 400), None, 192)
    hints = check_hints([(9, 9, (255, 0, 0)), (9, 9, GREEN)], (300, 400))
    grid = place_on_grid(hints, WHOLE, plan)
    assert grid[..., 2].sum() == 1
    np.testing.assert_array_equal(grid[grid[..., 2] == 1][0, :2], hints[1, 2:])


def test_hints_in_a_border_are_outside_of_the_box():
    hints = check_hints([(5, 5, GREEN)], (300, 400))
    assert all_inside(hints, WHOLE)
    assert not all_inside(hints, Box(10, 290, 10, 390))
    assert all_inside(hints[:0], Box(10, 290, 10, 390))


def test_a_hint_changes_the_photo_and_its_mirror_image_alike(network, photo):
    plain = coloriser(photo, network)
    hinted = coloriser(photo, network, hints=[(30, 10, GREEN)])
    mirrored = coloriser(photo[:, ::-1], network, hints=[(30, 69, GREEN)])
    assert np.abs(hinted.astype(int) - plain).max() > 5
    assert np.abs(hinted.astype(int) - mirrored[:, ::-1]).max() <= 8  # cells are not symmetric


def test_no_hint_is_as_before(network, photo):
    np.testing.assert_array_equal(coloriser(photo, network, hints=[]), coloriser(photo, network))


def test_a_network_that_takes_no_hints_says_so(photo):
    with pytest.raises(ValueError, match="need a network that takes them"):
        coloriser(photo, unet(encoder=UNTRAINED_LITE0), hints=[(1, 1, GREEN)])


def test_hints_do_not_go_with_a_temperature(network, photo):
    with pytest.raises(ValueError, match="`hints` need `temperature` None, received 0.5"):
        coloriser(photo, network, temperature=0.5, hints=[(1, 1, GREEN)])
