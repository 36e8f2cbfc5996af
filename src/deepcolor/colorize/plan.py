"""The plan of a `deepcolor colorize` run: options, photos, and where each result goes."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from colorization.data.image_io import FORMATS, SUFFIXES, is_photo_name
from deepcolor.errors import DeepColorError

WRITABLE = {form.suffix: form.pillow for form in FORMATS if form.writable}
FILM_FORMATS = frozenset({".mp4", ".m4v", ".mov", ".mkv"})  # that are written
FILMS = FILM_FORMATS | {".avi", ".webm", ".mpg", ".mpeg", ".ogv", ".wmv"}
# A result of such a name is a mistake, not a folder.
UNWRITABLE = (SUFFIXES - WRITABLE.keys()) | (FILMS - FILM_FORMATS)
UNWRITABLE |= {".heic", ".heif", ".jp2", ".jxl", ".pdf"}
STANDARD = "-"  # standard input or output
ENDING = "-colorized"  # of the name of a result beside its photo


@dataclass(frozen=True)
class ColorizeOptions:
    """Options of `deepcolor colorize`."""

    model: Path | None = None  # `.keras` or `.onnx`; None is the default model
    strength: float = 1.0
    temperature: float | None = None  # of the annealed mean; None is the regression
    quality: bool | None = None  # test-time augmentation; None: for photos only
    side_by_side: bool = False
    force: bool = False


class Job(NamedTuple):
    """A photo or film to colorize."""

    source: Path | None  # None is standard input
    target: Path | None  # None is standard output
    problem: str | None = None  # why it cannot be colorized
    searched: bool = False  # found in a folder or by a pattern, not named by the user

    @property
    def name(self) -> str:
        """Path of the photo as the user gave it."""
        return "standard input" if self.source is None else str(self.source)


class _Photo(NamedTuple):
    source: Path | None
    place: Path  # relative to a folder of results
    beside: Path | None  # target if no output is given
    problem: str | None = None
    searched: bool = False


def plan_jobs(photos: Sequence[str], output: str | None = None) -> list[Job]:
    """Find the photos and decide where each result goes.

    Args:
        photos: Files, folders, which are searched to any depth, patterns such as `*.jpg`, or `-`.
        output: A file for one photo, `-`, or a folder, in which photos keep their names and
            subfolders. None puts each result beside its photo.

    Returns:
        The jobs, in the order of the photos. An argument without a photo is a job with a problem.

    Raises:
        DeepColorError: If several photos are to go into one file, or `output` cannot be written.
    """
    found = [photo for text in photos for photo in _find(text)]
    if output is None:
        return _without_clashes([_job(photo, photo.beside) for photo in found])
    folder = Path(output)
    if output == STANDARD or _is_file_name(folder):
        if len(found) != 1:
            raise DeepColorError(
                f"--output must be a folder for {len(found)} photos, received {output}"
            )
        return [_job(found[0], None if output == STANDARD else folder)]
    sources = [photo for photo in found if not _is_earlier_result(photo, folder)]
    return _without_clashes([_job_in_folder(photo, folder) for photo in sources])


def _is_file_name(path: Path) -> bool:
    suffix = path.suffix.lower()
    if path.is_dir():
        return False
    written = [*WRITABLE, *sorted(FILM_FORMATS)]
    if suffix in UNWRITABLE or (path.exists() and suffix not in written):
        raise DeepColorError(
            f"cannot write {path}: name a folder, or a file that ends in {', '.join(written)}"
        )
    return suffix in written


def _find(text: str) -> Iterator[_Photo]:
    path = Path(text)
    if text == STANDARD:
        yield _Photo(None, Path(), None)
    elif not text:
        # Not the current folder: more likely an unset variable of the shell.
        yield _Photo(path, path, path, "an empty name")
    elif path.is_dir():
        yield from _find_in_folder(path)
    elif path.exists() or not glob.has_magic(text):
        place = _writable(Path(path.name))
        beside = path.with_name(place.stem + ENDING + place.suffix)
        yield _Photo(path, place, beside, None if path.exists() else "no such file")
    else:
        names = sorted(glob.glob(text, recursive=True))
        if not names:
            yield _Photo(path, path, path, "no file matches this pattern")
        for name in names:
            yield from (photo._replace(searched=True) for photo in _find(name))


def _find_in_folder(folder: Path) -> Iterator[_Photo]:
    inside = sorted(Path(top, name) for top, _, names in os.walk(folder) for name in names)
    results = folder.resolve().with_name(folder.resolve().name + ENDING)
    places = [path.relative_to(folder) for path in inside]
    places = [place for place in places if _is_photo_or_film(place)]
    if not places:
        yield _Photo(folder, folder, folder, "no photo in this folder")
    for place in places:
        writable = _writable(place)
        yield _Photo(folder / place, writable, results / writable, searched=True)


def _is_photo_or_film(place: Path) -> bool:
    visible = is_photo_name(place.with_suffix(".jpg"))
    return visible and place.suffix.lower() in SUFFIXES | FILMS


def _writable(place: Path) -> Path:
    suffix = place.suffix.lower()
    if suffix in WRITABLE or suffix in FILM_FORMATS:
        return place
    if suffix in FILMS:
        return place.with_suffix(".mkv")
    return place.with_suffix(".png") if suffix in SUFFIXES else place.with_name(place.name + ".png")


def _is_earlier_result(photo: _Photo, folder: Path) -> bool:
    # The folder of results may lie in the folder that is searched.
    if photo.source is None or len(photo.place.parts) == 1:
        return False
    return folder.is_dir() and folder.resolve() in photo.source.resolve().parents


def _job_in_folder(photo: _Photo, folder: Path) -> Job:
    if photo.source is None:
        problem = f"--output must be a file for standard input, received the folder {folder}"
        return Job(None, None, problem)
    return _job(photo, folder / photo.place)


def _job(photo: _Photo, target: Path | None) -> Job:
    return Job(photo.source, target, photo.problem, photo.searched)


def _without_clashes(jobs: list[Job]) -> list[Job]:
    taken: dict[Path, str] = {}
    checked = []
    for job in jobs:
        target = job.target and job.target.absolute()
        if target and not job.problem and taken.setdefault(target, job.name) != job.name:
            job = job._replace(problem=f"its result would overwrite that of {taken[target]}")
        checked.append(job)
    return checked
