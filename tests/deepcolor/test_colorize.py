import io

import keras
import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from colorization.photos import read_photo
from deepcolor.colorize import beside, black_and_white, colorize_files, save_photo
from deepcolor.errors import DeepColorError


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "red.keras"
    inputs = keras.Input((32, 32, 1))
    both = keras.layers.Concatenate()([inputs, inputs])
    keras.Model(inputs, keras.layers.Rescaling(0.0, offset=[40, 10])(both)).save(path)
    return path


@pytest.fixture
def photo(tmp_path):
    Image.new("L", (30, 20), 128).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def colorize(photos, output, model, side_by_side=False, force=False):
    said = io.StringIO()
    failed = colorize_files(
        photos, output, model, side_by_side, force, Console(file=said, width=300)
    )
    return failed, said.getvalue()


def test_one_photo_goes_to_the_file_that_is_named(photo, model, tmp_path):
    target = tmp_path / "new" / "red.png"
    assert colorize([photo], target, model)[0] == 0
    image = read_photo(target).astype(int)
    assert image.shape == (20, 30, 3) and image[5, 5, 0] > image[5, 5, 2] + 20


def test_several_photos_keep_their_names_in_a_folder(photo, model, tmp_path):
    other = tmp_path / "other.jpg"
    Image.new("RGB", (8, 8), "grey").save(other)
    assert colorize([photo, other], tmp_path / "out", model)[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["other.jpg", "photo.png"]
    with pytest.raises(DeepColorError, match="2 photos need a folder"):
        colorize([photo, other], tmp_path / "one.jpg", model)


def test_a_bad_photo_is_told_and_the_others_are_done(photo, model, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    photos = [tmp_path / "bad.jpg", tmp_path / "absent.jpg", photo]
    failed, said = colorize(photos, tmp_path / "out", model)
    assert failed == 2
    assert "bad.jpg: UnidentifiedImageError" in said and "absent.jpg: no such file" in said
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["photo.png"]


def test_an_existing_file_is_overwritten_only_by_force(photo, model, tmp_path):
    target = tmp_path / "kept.png"
    target.write_bytes(b"precious")
    assert colorize([photo], target, model)[0] == 1 and target.read_bytes() == b"precious"
    assert colorize([photo], target, model, force=True)[0] == 0
    assert read_photo(target).shape == (20, 30, 3)


def test_side_by_side_shows_the_grey_photo_too(photo, model, tmp_path):
    colorize([photo], tmp_path / "both.png", model, side_by_side=True)
    assert read_photo(tmp_path / "both.png").shape == (20, 68, 3)


def test_without_a_model_nothing_is_begun(photo, tmp_path):
    with pytest.raises(DeepColorError, match="no model at .*absent"):
        colorize([photo], tmp_path / "x.png", tmp_path / "absent.keras")


def test_black_and_white_keeps_the_lightness():
    colour = np.full((2, 2, 3), (200, 40, 40), np.uint8)
    grey = black_and_white(colour)
    assert (grey == grey[..., :1]).all()
    assert grey[0, 0, 0] == pytest.approx(105, abs=2)  # L = 43.6


def test_photos_stand_beside_each_other_in_order():
    black, white = np.zeros((4, 5, 3), np.uint8), np.full((4, 5, 3), 9, np.uint8)
    joined = beside(black, white)
    assert joined.shape == (4, 18, 3)
    assert (joined[:, :5] == 0).all() and (joined[:, 13:] == 9).all()


def test_a_photo_that_cannot_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="unknown file extension"):
        save_photo(np.zeros((2, 2, 3), np.uint8), tmp_path / "x.unknown")
    assert list(tmp_path.iterdir()) == []
