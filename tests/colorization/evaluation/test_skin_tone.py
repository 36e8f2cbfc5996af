import numpy as np
import pytest

from colorization.evaluation.skin_tone import group_by_tone, typology_angle


def face(lightness, b, surroundings=(5, -60, 60)):
    photo = np.full((100, 80, 3), surroundings, np.float32)
    photo[40:70, 24:56] = (lightness, 14, b)
    return photo


@pytest.mark.parametrize(
    ("lightness", "b", "degrees"),
    [(70, 20, 45.0), (50, 15, 0.0), (30, 20, -45.0), (60, 10 * 3**0.5, 30.0)],
)
def test_the_angle_is_that_of_lightness_and_hue_in_the_middle_of_the_face(lightness, b, degrees):
    assert typology_angle(face(lightness, b)) == pytest.approx(degrees, abs=1e-4)


def test_spectacles_and_highlights_do_not_decide():
    photo = face(70, 20)
    photo[45:50, 24:56] = (2, 0, 0)
    photo[60:62, 30:34] = (99, 0, 2)
    assert typology_angle(photo) == pytest.approx(45)


def test_tones_are_thirds_from_dark_to_light():
    photos = [face(lightness, 18) for lightness in (72, 30, 55, 80, 41, 60, 35)]
    groups = group_by_tone(photos)
    assert list(groups) == ["dark skin", "medium skin", "light skin"]
    assert groups == {"dark skin": [1, 4, 6], "medium skin": [2, 5], "light skin": [0, 3]}
