import os
import sys
from pathlib import Path

import pytest
from tests.support.files import run_without_override

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


def test_the_results_of_the_current_folder_stay_in_it(album, monkeypatch):
    monkeypatch.chdir(album)
    before = plan_jobs(["."])
    assert targets(before)[0] == "colorized/a.jpg"
    Path("colorized").mkdir()
    Path("colorized/a.jpg").touch()
    assert plan_jobs(["."]) == before


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


@pytest.mark.parametrize(
    "output", ["x.gif", "x.HEIC", "album/notes.txt", "film.avi", "x.dng", "x.psd", "x.jpg_"]
)
def test_a_file_that_cannot_be_written_is_refused_at_once(album, output):
    with pytest.raises(DeepColorError, match=r"cannot write .*\.jpg"):
        plan_jobs(["album/a.jpg"], output)


def test_two_photos_never_share_a_result(album):
    one, other = plan_jobs(["album/a.jpg", "album/sub/a.jpg"], "out")
    assert one.problem is None
    assert other.problem == "its result would overwrite that of album/a.jpg"


@pytest.mark.parametrize("output", ["colored", "new.gif/", "1950.60", "St. Ives", "made.by-us"])
def test_other_names_are_folders(album, output):
    Path("made.by-us").mkdir()
    assert targets(plan_jobs(["album/a.jpg"], output)) == [os.path.join(output, "a.jpg")]


def test_the_suffixes_of_a_format_are_kept_or_become_its_usual_one(album):
    for name in ("e.jfif", "f.jpe", "g.mpo", "h.jp2", "i.heic", "j.mts", "k.flv"):
        Path("album", name).touch()
    names = [Path(target).name for target in targets(plan_jobs(["album"], "out"))]
    assert names[4:-2] == ["e.jfif", "f.jpe", "g.jpg", "h.png", "i.png", "j.mkv", "k.mkv"]
    assert targets(plan_jobs(["album/e.jfif"])) == ["album/e-colorized.jfif"]
    assert targets(plan_jobs(["album/e.jfif"], "color.jfif")) == ["color.jfif"]


def test_what_is_left_out_of_a_folder_is_told(album):
    Path("album/g.dng").touch()
    Path("album/h.jpg").symlink_to("absent")
    os.mkfifo("album/i.jpg")
    Path("elsewhere").mkdir()
    Path("album/linked").symlink_to("../elsewhere")
    problems = {job.source.name: job.problem for job in plan_jobs(["album"], "out") if job.problem}
    assert problems == {
        "g.dng": "a camera's raw file is not read: develop it to TIFF or JPEG",
        "h.jpg": "a broken link",
        "i.jpg": "not a regular file",
        "linked": "a link to a folder is not followed: name it to colorize it",
    }


PRINT_PROBLEMS = """
import sys
from deepcolor.colorize.plan import plan_jobs
for job in plan_jobs(sys.argv[1:], "out"):
    print(job.name, job.problem)
"""


def test_a_folder_that_may_not_be_entered_is_told_and_the_others_are_searched(album):
    Path("album/sub").chmod(0)
    try:
        arguments = ["album", "album/sub/a.jpg"]
        done = run_without_override([sys.executable, "-c", PRINT_PROBLEMS, *arguments])
    finally:
        Path("album/sub").chmod(0o755)
    assert done.stdout.splitlines()[-2:] == [
        "album/sub the folder cannot be read: permission denied",
        "album/sub/a.jpg permission denied",
    ]
    assert "album/a.jpg None" in done.stdout


def test_a_name_that_is_too_long_is_a_problem_of_this_photo(album):
    one, other = plan_jobs(["x" * 300 + ".jpg", "album/a.jpg"], "out")
    assert one.problem == "file name too long" and other.problem is None


def test_an_address_is_no_file_and_is_shown_as_it_was_given(album):
    (job,) = plan_jobs(["https://example.org/old.jpg"])
    assert job.name == "https://example.org/old.jpg" and "download it first" in job.problem


def test_the_results_of_a_linked_folder_stand_beside_the_link(album):
    Path("here").mkdir()
    Path("here/link").symlink_to(album.absolute())
    assert targets(plan_jobs(["here/link"]))[0] == str(Path("here/link-colorized/a.jpg").absolute())


def test_results_that_a_shell_names_beside_their_photos_count_as_found(album):
    Path("album/a-colorized.jpg").touch()
    one, result = plan_jobs(["album/a.jpg", "album/a-colorized.jpg"])
    assert not one.searched and result.searched
