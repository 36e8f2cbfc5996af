"""The plan of a `deepcolor colorize` run: options, photos, and where each result goes."""

import glob
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from colorization.data.photo_formats import FORMATS, NOT_READ, SUFFIXES, is_hidden
from deepcolor.errors import WrongUsageError

WRITABLE = {form.suffix: form.pillow for form in FORMATS if form.writable}
# By the suffix of a photo, that of its result: its own, or the usual one of its format.
_USUAL = {form.pillow: form.suffix for form in reversed(FORMATS) if form.writable}
RESULT_SUFFIXES = {
    form.suffix: form.suffix if form.writable else _USUAL.get(form.pillow, ".png")
    for form in FORMATS
}
FILM_FORMATS = frozenset({".mp4", ".m4v", ".mov", ".mkv"})  # that are written
FILMS = FILM_FORMATS | {".avi", ".webm", ".mpg", ".mpeg", ".ogv", ".wmv", ".3gp", ".flv", ".vob"}
FILMS |= {".ts", ".mts", ".m2ts"}  # of television and camcorders
STANDARD = "-"  # standard input or output
ENDING = "-colorized"  # of the name of a result beside its photo
INSIDE = "colorized"  # folder of results in the current folder, if that is searched


@dataclass(frozen=True)
class ColorizeOptions:
    """Options of `deepcolor colorize`."""

    model: Path | None = None  # `.keras` or `.onnx`; None is the default model
    strength: float = 1.0
    fast: bool = False  # without test-time augmentation
    side_by_side: bool = False
    force: bool = False
    skip_existing: bool = False  # also photos that are not in a folder
    dry_run: bool = False
    contact_sheet: Path | None = None
    hints: tuple[str, ...] = ()  # for the only photo
    hint_file: Path | None = None  # for several


class Job(NamedTuple):
    """A photo or film to colorize."""

    source: Path | None  # None is standard input
    target: Path | None  # None is standard output
    problem: str | None = None  # why it cannot be colorized
    searched: bool = False  # found in a folder or by a pattern, not named by the user
    target_is_named: bool = False  # by the user, instead of derived from the photo's name
    skipped: bool = False  # the problem is no failure
    hints: tuple[Any, ...] = ()  # as `coloriser` takes them

    @property
    def name(self) -> str:
        """Path of the photo as the user gave it."""
        if self.source is None:
            return "standard input"
        return re.sub("^([a-z]+:)/(?!/)", r"\1//", str(self.source))  # an address, as it was given


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
            subfolders. A name with a suffix is a file, unless it is a folder already or ends in
            `/`. None puts each result beside its photo.

    Returns:
        The jobs, in the order of the photos. An argument without a photo is a job with a problem.

    Raises:
        WrongUsageError: If several photos are to go into one file, or `output` cannot be written.
    """
    found = [photo for text in photos for photo in _find(text)]
    if output is None:
        return _without_clashes([_job(photo, photo.beside) for photo in found])
    folder = Path(output)
    if output == STANDARD or _is_file_name(output):
        if len(found) != 1:
            raise WrongUsageError(
                f"--output must be a folder for {len(found)} photos, received {output}"
            )
        if output == STANDARD:
            return [_job(found[0], None)]
        return [_job(found[0], folder)._replace(target_is_named=True)]
    sources = [photo for photo in found if not _is_earlier_result(photo, folder)]
    return _without_clashes([_job_in_folder(photo, folder) for photo in sources])


def _is_file_name(output: str) -> bool:
    path = Path(output)
    suffix = path.suffix.lower()
    if os.path.isdir(path) or output.endswith((os.sep, "/")):
        return False
    written = [*WRITABLE, *sorted(FILM_FORMATS)]
    # A name such as "1950-60" or "St. Ives" has no suffix of a file.
    looks_like_file = suffix[1:].strip("_~").isalnum() and not suffix[1:].isdigit()
    if suffix not in written and (looks_like_file or os.path.exists(path)):
        raise WrongUsageError(
            f"cannot write {path}: name a file that ends in {', '.join(written)}, "
            f"or a folder with a / at its end"
        )
    return suffix in written


def _find(text: str) -> Iterator[_Photo]:
    path = Path(text)
    if text == STANDARD:
        yield _Photo(None, Path(), None)
    elif not text:
        # Not the current folder: more likely an unset variable of the shell.
        yield _Photo(path, path, path, "an empty name")
    elif "://" in text:
        yield _Photo(path, path, path, "an address, not a file: download it first")
    elif os.path.isdir(path):
        yield from _find_in_folder(path)
    elif os.path.lexists(path) or not glob.has_magic(text):
        place = _writable(Path(path.name))
        beside = path.with_name(place.stem + ENDING + place.suffix)
        yield _Photo(path, place, beside, _file_problem(path))
    else:
        names = sorted(glob.glob(text, recursive=True))
        if not names:
            yield _Photo(path, path, path, "no file matches this pattern")
        for name in names:
            yield from (photo._replace(searched=True) for photo in _find(name))


def _file_problem(path: Path) -> str | None:
    """Return why a file that the user named cannot be opened; None if it can."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "a broken link" if path.is_symlink() else "no such file"
    except (OSError, ValueError) as error:
        return (getattr(error, "strerror", None) or str(error)).lower()
    # Opening a pipe would wait for ever; a device such as /dev/zero has no end.
    return None if stat.S_ISREG(mode) else "not a regular file"


def _find_in_folder(folder: Path) -> Iterator[_Photo]:
    results = _results_of(folder)
    inside = results.absolute()
    found = False
    for path, problem in sorted(_walk(folder)):
        if inside in path.absolute().parents:
            continue
        found = True
        place = _writable(path.relative_to(folder))
        yield _Photo(path, place, results / place, problem or None, searched=True)
    if not found:
        yield _Photo(folder, folder, folder, "no photo in this folder")


def _results_of(folder: Path) -> Path:
    # Not resolved: the results of a linked folder stand beside the link.
    whole = Path(os.path.abspath(folder))
    current = Path.cwd()
    if whole == current or whole in current.parents:  # beside it, nobody would look for them
        return Path(INSIDE)
    return whole.with_name(whole.name + ENDING)


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what a folder holds at any depth: photos and films, and what is wrong with others."""
    unreadable: list[OSError] = []
    for top, folders, names in os.walk(folder, onerror=unreadable.append):
        inside = Path(top)
        for name in folders:
            if (inside / name).is_symlink() and not _is_hidden(inside / name, folder):
                yield inside / name, "a link to a folder is not followed: name it to colorize it"
        for name in names:
            if not _is_hidden(inside / name, folder):
                yield from _judge(inside / name)
    for error in unreadable:
        yield Path(error.filename), f"the folder cannot be read: {(error.strerror or '').lower()}"


def _is_hidden(path: Path, folder: Path) -> bool:
    return is_hidden(path.relative_to(folder))


def _judge(path: Path) -> Iterator[tuple[Path, str]]:
    suffix = path.suffix.lower()
    if suffix in NOT_READ:
        yield path, NOT_READ[suffix]
    elif suffix in SUFFIXES | FILMS:
        yield path, _file_problem(path) or ""


def _writable(place: Path) -> Path:
    suffix = place.suffix.lower()
    if suffix in WRITABLE or suffix in FILM_FORMATS:
        return place
    if suffix in FILMS:
        return place.with_suffix(".mkv")
    if suffix in RESULT_SUFFIXES:
        return place.with_suffix(RESULT_SUFFIXES[suffix])
    return place.with_name(place.name + ".png")


def _is_earlier_result(photo: _Photo, folder: Path) -> bool:
    # The folder of results may lie in the folder that is searched.
    if photo.source is None or len(photo.place.parts) == 1:
        return False
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(photo.source)).parents


def _job_in_folder(photo: _Photo, folder: Path) -> Job:
    if photo.source is None:
        problem = f"--output must be a file for standard input, received the folder {folder}"
        return Job(None, None, problem)
    return _job(photo, folder / photo.place)


def _job(photo: _Photo, target: Path | None) -> Job:
    return Job(photo.source, target, photo.problem, photo.searched)


def _without_clashes(jobs: list[Job]) -> list[Job]:
    results = {job.target.absolute() for job in jobs if job.target}
    taken: dict[Path, str] = {}
    checked = []
    for job in jobs:
        if job.source and job.source.absolute() in results:
            # The shell's *.jpg also names the results of an earlier run.
            job = job._replace(searched=True)
        target = job.target and job.target.absolute()
        if target and not job.problem and taken.setdefault(target, job.name) != job.name:
            job = job._replace(problem=f"its result would overwrite that of {taken[target]}")
        checked.append(job)
    return checked
