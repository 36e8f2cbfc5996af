"""What a run says before it begins: how many photos there are, and where their results go."""

import os
from collections.abc import Sequence
from pathlib import Path

from deepcolor.colorize.find_photos import ENDING, FILMS
from deepcolor.colorize.plan import Job


def announce(jobs: Sequence[Job]) -> str:
    """Return a line such as "124 photos → colored/"; "" if there is nothing to colorize."""
    jobs = [job for job in jobs if not job.problem]
    return f"{_count(jobs)} → {_place(jobs)}" if jobs else ""


def _count(jobs: Sequence[Job]) -> str:
    films = sum(bool(job.source and job.source.suffix.lower() in FILMS) for job in jobs)
    counts = ((len(jobs) - films, "photo"), (films, "film"))
    return " and ".join(f"{count} {noun}{'s' * (count > 1)}" for count, noun in counts if count)


def _place(jobs: Sequence[Job]) -> str:
    targets = [job.target for job in jobs if job.target]
    if len(jobs) == 1:
        return str(targets[0]) if targets else "standard output"
    if all(job.source and job.target and job.source.parent == job.target.parent for job in jobs):
        return f"beside each, named NAME{ENDING}"
    common = Path(os.path.commonpath([target.absolute().parent for target in targets]))
    return f"{_short(common)}{os.sep}"


def _short(folder: Path) -> Path:
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
