"""The plan of a `deepcolor colorize` run: options, photos, and where each result goes."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from deepcolor.colorize.find_photos import FILM_FORMATS, STANDARD, WRITABLE, Found, find_photos
from deepcolor.errors import WrongUsageError


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
    found = [photo for text in photos for photo in find_photos(text)]
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


def _is_earlier_result(photo: Found, folder: Path) -> bool:
    # The folder of results may lie in the folder that is searched.
    if photo.source is None or len(photo.place.parts) == 1:
        return False
    return Path(os.path.realpath(folder)) in Path(os.path.realpath(photo.source)).parents


def _job_in_folder(photo: Found, folder: Path) -> Job:
    if photo.source is None:
        problem = f"--output must be a file for standard input, received the folder {folder}"
        return Job(None, None, problem)
    return _job(photo, folder / photo.place)


def _job(photo: Found, target: Path | None) -> Job:
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
