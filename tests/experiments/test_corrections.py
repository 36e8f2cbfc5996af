import numpy as np
import pytest
from experiments.corrections import measure
from experiments.hints import by_optimization


class Everywhere:
    """A network that gives the whole photo the color of a hint."""

    def chroma(self, lightness, hints=None):
        color = np.zeros(2) if hints is None else hints[hints[..., 2] == 1][0, :2]
        return np.broadcast_to(color, (*lightness.shape, 2))


class Optimization:
    """Levin et al. 2004 as a network: plain areas take the color of a hint."""

    def chroma(self, lightness, hints=None):
        gray = np.zeros((*lightness.shape, 2))
        return gray if hints is None else by_optimization(lightness, hints)


@pytest.fixture
def photos():
    """A dark half and a light one, of other colors in each photo."""
    random = np.random.default_rng(0)
    lab = np.zeros((8, 32, 64, 3), np.float32)
    lab[:, :, :32, 0], lab[:, :, 32:, 0] = 20, 80
    lab[..., 1:] = random.uniform(-40, 40, (8, 1, 2, 2)).repeat(32, axis=2)
    return list(lab)


def test_a_change_of_everything_is_as_large_elsewhere(photos):
    shares = measure(Everywhere(), photos, "all")
    assert shares["photos"] == 8
    assert shares["thing"] == shares["elsewhere"] == pytest.approx(1)


def test_what_all_of_a_thing_takes_is_one(photos):
    assert measure(Optimization(), photos, "halves")["thing"] == pytest.approx(1, abs=0.05)


def test_corrections_that_change_little_are_not_counted(photos):
    gray = [photo * [1, 0.05, 0.05] for photo in photos]
    gray[0] = photos[0]
    assert measure(Everywhere(), gray, "gray")["photos"] < 8
