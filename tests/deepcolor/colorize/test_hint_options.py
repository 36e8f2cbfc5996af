import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from deepcolor.cli import app
from deepcolor.colorize.hint_options import assign_hints, parse_hint
from deepcolor.colorize.plan import Job
from deepcolor.errors import WrongUsageError

RED = "20,30=#c02010"


def job(path):
    return Job(path, path.with_name("out.png"))


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "gray.png"
    ramp = np.linspace(60, 200, 96).astype(np.uint8)
    Image.fromarray(np.tile(ramp, (64, 1))).save(path)
    return path


def colorize(photo, *options):
    command = ["colorize", str(photo), "-o", str(photo.with_name("out.png")), "--force"]
    return CliRunner().invoke(app, [*command, *options])


def test_a_hint_is_a_place_and_a_color():
    assert (
        parse_hint("120,340=#2f6b3a") == parse_hint("120,340=2F6B3A") == (120, 340, (47, 107, 58))
    )


@pytest.mark.parametrize(
    "text", ["", "1,2", "1,2=green", "1;2=#000000", "-1,2=#000000", "1,2=#fff"]
)
def test_another_text_is_refused(text):
    with pytest.raises(ValueError, match="a hint must be ROW,COLUMN=COLOR"):
        parse_hint(text)


def test_a_file_names_photos_relative_to_itself(tmp_path, photo):
    file = tmp_path / "hints.json"
    file.write_text(json.dumps({"gray.png": [RED]}))
    found = assign_hints([job(photo), job(tmp_path / "other.png")], (), file)
    assert [len(given.hints) for given in found] == [1, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "must be like"),
        ('{"gray.png": "20,30=#c02010"}', "must be like"),
        ('{"gray.png": ["red"]}', "a hint must be"),
        ('{"absent.png": []}', "what is not colorized: .*absent.png"),
    ],
)
def test_a_wrong_file_is_an_error_before_anything_is_colorized(tmp_path, photo, content, message):
    file = tmp_path / "hints.json"
    file.write_text(content)
    with pytest.raises(WrongUsageError, match=message):
        assign_hints([job(photo)], (), file)


def test_hints_without_a_file_are_for_one_photo_and_for_no_film(tmp_path, photo):
    with pytest.raises(WrongUsageError, match="--hint is for one photo, received 2"):
        assign_hints([job(photo), job(photo)], [RED], None)
    with pytest.raises(WrongUsageError, match="hints are for photos"):
        assign_hints([job(tmp_path / "film.mp4")], [RED], None)


def test_the_command_follows_a_hint(photo, hinted_model):
    result = photo.with_name("out.png")
    pictures = []
    for options in ([], ["--hint", RED]):
        done = colorize(photo, "--model", str(hinted_model), *options)
        assert done.exit_code == 0, done.output
        pictures.append(np.asarray(Image.open(result)).astype(int)[20, 30])
    plain, hinted = pictures
    assert (hinted[0] - hinted[2]) > (plain[0] - plain[2]) + 10


def test_a_hint_outside_the_photo_fails_and_writes_nothing(photo, hinted_model):
    done = colorize(photo, "--model", str(hinted_model), "--hint", "64,30=#c02010")
    assert done.exit_code == 1
    assert "must lie in the photo of 64 rows and 96 columns" in " ".join(done.output.split())
    assert not photo.with_name("out.png").exists()
