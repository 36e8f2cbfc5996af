"""Which photos are colorized, and where each result goes."""

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from colorization.data.image_io import SUFFIXES, is_photo_name
from deepcolor.errors import DeepColorError

STANDARD = "-"  # standard input or output
ENDING = "-colorized"  # of the name of a result beside its photo
FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
FILM_FORMATS = frozenset({".mp4", ".m4v", ".mov", ".mkv"})
FILMS = FILM_FORMATS | {".avi", ".webm", ".mpg", ".mpeg", ".ogv", ".wmv"}
# Of images that we do not write: a result named so is a mistake, not a folder.
UNWRITABLE = (SUFFIXES - FORMATS.keys()) | (FILMS - FILM_FORMATS)
UNWRITABLE |= {".heic", ".heif", ".avif", ".jp2", ".jxl", ".pdf"}


class Job(NamedTuple):
    """A photo or film to colorize.

    Attributes:
        source: Its file; None for standard input.
        target: Where the result goes; None for standard output.
        problem: Why it cannot be done; None if nothing is known against it.
        searched: Whether it was found in a folder or by a pattern, not named.
    """

    source: Path | None
    target: Path | None
    problem: str | None = None
    searched: bool = False

    @property
    def name(self) -> str:
        """What the user is told of: the photo's path as it was given."""
        return "standard input" if self.source is None else str(self.source)


class _Find(NamedTuple):
    source: Path | None
    place: Path  # in a folder of results
    beside: Path | None  # the result if no output is named
    problem: str | None = None
    searched: bool = False


def plan_jobs(photos: Sequence[str], output: str | None = None) -> list[Job]:
    """Find the photos and decide where each result goes.

    Args:
        photos: Files, folders, which are searched to any depth, patterns such as `*.jpg`, or `-`.
        output: A file for one photo, `-`, or a folder, where each photo keeps its name and its
            place in the folder that it was found in. None puts each result beside its photo.

    Returns:
        The jobs, in the order of the photos. What names no photo is a job with a problem.

    Raises:
        DeepColorError: If several photos are to go into one file, or no file or folder of that
            name can be written.
    """
    finds = [find for text in photos for find in _found(text)]
    if output is None:
        return _without_clashes([_job(find, find.beside) for find in finds])
    folder = Path(output)
    if output == STANDARD or _names_file(folder):
        if len(finds) != 1:
            raise DeepColorError(f"{len(finds)} photos need a folder to go to, received {output}")
        target = None if output == STANDARD else folder
        return [_job(finds[0], target)]
    results = [find for find in finds if not _is_result(find, folder)]
    return _without_clashes([_in_place(find, folder) for find in results])


def _names_file(path: Path) -> bool:
    suffix = path.suffix.lower()
    if path.is_dir():
        return False
    written = [*FORMATS, *sorted(FILM_FORMATS)]
    if suffix in UNWRITABLE or (path.exists() and suffix not in written):
        raise DeepColorError(
            f"cannot write {path}: name a folder, or a file that ends in {', '.join(written)}"
        )
    return suffix in written


def _found(text: str) -> Iterator[_Find]:
    path = Path(text)
    if text == STANDARD:
        yield _Find(None, Path(), None)
    elif not text:
        # Not the current folder: more likely a variable of the shell that is not set.
        yield _Find(path, path, path, "an empty name")
    elif path.is_dir():
        yield from _in_folder(path)
    elif path.exists() or not glob.has_magic(text):
        place = _writable(Path(path.name))
        beside = path.with_name(place.stem + ENDING + place.suffix)
        yield _Find(path, place, beside, None if path.exists() else "no such file")
    else:
        names = sorted(glob.glob(text, recursive=True))
        if not names:
            yield _Find(path, path, path, "no file fits this pattern")
        for name in names:
            yield from (find._replace(searched=True) for find in _found(name))


def _in_folder(folder: Path) -> Iterator[_Find]:
    inside = sorted(Path(top, name) for top, _, names in os.walk(folder) for name in names)
    results = folder.resolve().with_name(folder.resolve().name + ENDING)
    places = [path.relative_to(folder) for path in inside]
    photos = [place for place in places if is_photo_name(place) or place.suffix.lower() in FILMS]
    if not photos:
        yield _Find(folder, folder, folder, "no photo in this folder")
    for place in photos:
        writable = _writable(place)
        yield _Find(folder / place, writable, results / writable, searched=True)


def _writable(place: Path) -> Path:
    suffix = place.suffix.lower()
    if suffix in FORMATS or suffix in FILM_FORMATS:
        return place
    if suffix in FILMS:
        return place.with_suffix(".mkv")
    return place.with_suffix(".png") if suffix in SUFFIXES else place.with_name(place.name + ".png")


def _is_result(find: _Find, folder: Path) -> bool:
    # Of an earlier run, whose folder lies in the folder that is searched.
    if find.source is None or len(find.place.parts) == 1:
        return False
    return folder.is_dir() and folder.resolve() in find.source.resolve().parents


def _in_place(find: _Find, folder: Path) -> Job:
    if find.source is None:
        return Job(None, None, f"its result needs a file's name, received the folder {folder}")
    return _job(find, folder / find.place)


def _job(find: _Find, target: Path | None) -> Job:
    return Job(find.source, target, find.problem, find.searched)


def _without_clashes(jobs: list[Job]) -> list[Job]:
    taken: dict[Path, str] = {}
    checked = []
    for job in jobs:
        target = job.target and job.target.absolute()
        if target and not job.problem and taken.setdefault(target, job.name) != job.name:
            job = job._replace(problem=f"its result would replace that of {taken[target]}")
        checked.append(job)
    return checked
