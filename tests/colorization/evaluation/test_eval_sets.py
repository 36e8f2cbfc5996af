import numpy as np
import pytest
from PIL import Image

from colorization.data.sources import find_photos
from colorization.data.tfrecords import load_info
from colorization.evaluation.eval_sets import (
    EvalSet,
    best_median_worst,
    group_by_skin_tone,
    load_photos,
    load_split,
    load_validation,
    sample_indices,
    typology_angle,
)


@pytest.fixture(scope="module")
def photos(records):
    return load_validation(records, limit=100)


def test_the_validation_set_is_that_of_the_records(photos, records):
    assert len(photos.photos) == load_info(records).count("validation")
    assert photos.photos[0].shape == (32, 32, 3)
    assert all(name.endswith(".jpg") for name in photos.names)


def test_the_splits_have_no_photo_in_common(photos, records):
    trained = load_split(records, "train")
    assert len(trained.names) == load_info(records).count("train")
    assert not set(trained.names) & set(photos.names)
    assert len(load_split(records, "train", limit=3).names) == 3


def test_whole_photos_keep_their_shape_and_are_reduced(tmp_path):
    Image.new("RGB", (400, 200), "red").save(tmp_path / "wide.png")
    Image.new("RGB", (40, 80), "red").save(tmp_path / "small.png")
    found = load_photos(find_photos(tmp_path), longest_side=100)
    assert [photo.shape for photo in found.photos] == [(80, 40, 3), (50, 100, 3)]


def test_photos_for_a_figure_are_chosen_at_random_by_seed(photos):
    chosen = sample_indices(photos, 3, seed=1)
    assert chosen == sample_indices(photos, 3, seed=1)
    assert len(set(chosen)) == 3
    assert sample_indices(photos, 1000, seed=1) == list(range(len(photos.photos)))


def test_the_best_the_median_and_the_worst_are_told_apart():
    errors = [5.0, 1.0, 9.0, 3.0, 7.0]
    assert best_median_worst([*errors, 2.0], 2) == {
        "best": [1, 5], "median": [3, 0], "worst": [4, 2]
    }  # fmt: skip
    assert best_median_worst(errors, 1) == {"best": [1], "median": [0], "worst": [2]}
    assert best_median_worst([2.0, 1.0], 3) == {"best": [1], "median": [], "worst": [0]}


def test_faces_are_grouped_by_tone():
    skins = [np.full((20, 20, 3), (lightness, 12, 18), np.float32) for lightness in (80, 40, 60)]
    grouped = group_by_skin_tone(EvalSet("", ["a", "b", "c"], skins))
    assert grouped.groups == {"dark skin": [1], "medium skin": [2], "light skin": [0]}
    assert grouped.photos is skins


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
    groups = group_by_skin_tone(EvalSet("", list("abcdefg"), photos)).groups
    assert list(groups) == ["dark skin", "medium skin", "light skin"]
    assert groups == {"dark skin": [1, 4, 6], "medium skin": [2, 5], "light skin": [0, 3]}


def test_few_faces_make_fewer_groups():
    photos = [face(30, 18), face(70, 18)]
    groups = group_by_skin_tone(EvalSet("", ["a", "b"], photos)).groups
    assert groups == {"dark skin": [0], "medium skin": [1]}
