from pathlib import Path

import pytest

from deepcolor.colorize.plan import plan_jobs
from deepcolor.errors import DeepColorError


@pytest.fixture
def album(tmp_path, monkeypatch):
    """A folder with photos, subfolders and other files, in the current folder."""
    monkeypatch.chdir(tmp_path)
    names = ["a.jpg", "b.PNG", "c.gif", "d.avif", "notes.txt", "sub/a.jpg", "sub/film.avi"]
    for name in (*names, ".hid.jpg", "sub/._film.avi"):
        path = Path("album", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return Path("album")


def targets(jobs):
    return [job.target and str(job.target) for job in jobs]


def test_without_an_output_a_result_stands_beside_its_photo(album):
    jobs = plan_jobs(["album/a.jpg", "album/c.gif"])
    assert targets(jobs) == ["album/a-colorized.jpg", "album/c-colorized.png"]


def test_a_folder_is_searched_and_keeps_its_shape(album):
    jobs = plan_jobs(["album"], "out")
    assert targets(jobs) == [
        "out/a.jpg", "out/b.PNG", "out/c.png", "out/d.png", "out/sub/a.jpg", "out/sub/film.mkv"
    ]  # fmt: skip
    assert not any(job.problem for job in jobs)


def test_without_an_output_a_folder_gets_one_beside_it(album):
    assert targets(plan_jobs(["album"]))[0] == str(
        album.resolve().parent / "album-colorized" / "a.jpg"
    )


def test_results_of_an_earlier_run_are_no_photos(album):
    before = plan_jobs(["album"], "album/out")
    Path("album/out").mkdir()
    Path("album/out/a.jpg").touch()
    assert plan_jobs(["album"], "album/out") == before


def test_a_pattern_that_no_shell_has_expanded_is_one(album):
    jobs = plan_jobs(["album/*.[jP]*"], "out")
    assert [str(job.source) for job in jobs] == ["album/a.jpg", "album/b.PNG"]


def test_a_name_with_brackets_is_a_name_if_there_is_such_a_file(album):
    Path("album/photo [1].jpg").touch()
    assert plan_jobs(["album/photo [1].jpg"])[0].problem is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("absent.jpg", "no such file"),
        ("album/*.webp", "no file matches this pattern"),
        ("empty", "no photo in this folder"),
        ("", "an empty name"),
    ],
)
def test_an_argument_without_a_photo_is_a_job_with_a_problem(album, text, problem):
    Path("empty").mkdir()
    (job,) = plan_jobs([text], "out")
    assert job.problem == problem and job.name == (text or ".")


def test_one_photo_goes_to_the_file_that_is_named(album):
    assert targets(plan_jobs(["album/a.jpg"], "in-color.webp")) == ["in-color.webp"]
    with pytest.raises(DeepColorError, match="--output must be a folder for 2 photos"):
        plan_jobs(["album/a.jpg", "album/b.PNG"], "one.jpg")


def test_standard_input_goes_to_standard_output_or_a_file_but_not_to_a_folder(album):
    assert plan_jobs(["-"]) == plan_jobs(["-"], "-") and plan_jobs(["-"])[0].target is None
    assert targets(plan_jobs(["-"], "x.jpg")) == ["x.jpg"]
    assert "must be a file for standard input" in plan_jobs(["-"], "album")[0].problem


@pytest.mark.parametrize("output", ["x.gif", "x.HEIC", "album/notes.txt", "film.avi"])
def test_a_file_that_cannot_be_written_is_refused_at_once(album, output):
    with pytest.raises(DeepColorError, match=r"cannot write .*\.jpg"):
        plan_jobs(["album/a.jpg"], output)


def test_two_photos_never_share_a_result(album):
    one, other = plan_jobs(["album/a.jpg", "album/sub/a.jpg"], "out")
    assert one.problem is None
    assert other.problem == "its result would overwrite that of album/a.jpg"
