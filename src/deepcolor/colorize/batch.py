"""Colorizing many photos and films: one that fails does not stop the others."""

import os
import time
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colorization.data.photo_formats import PILLOW_FORMATS
from colorization.inference.predictor import ColorizationError, Predictor
from deepcolor.colorize.colorize_file import colorize_file
from deepcolor.colorize.contact_sheet import SheetEntry, check_sheet, write_sheet
from deepcolor.colorize.open_network import open_predictor
from deepcolor.colorize.photo_decoder import PhotoDecoder
from deepcolor.colorize.plan import FILMS, ColorizeOptions, Job, plan_jobs
from deepcolor.colorize.provenance import NeedsForceError, is_tagged

DONE_BEFORE = "done before; --force colorizes it again"
COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
)


class Outcome(StrEnum):
    """What became of a photo."""

    DONE_BEFORE = "done before"
    COLORIZED = "colorized"
    SKIPPED = "skipped"
    FAILED = "failed"


class Done(NamedTuple):
    """A job and its outcome; `problem` says why there is no new result."""

    job: Job
    outcome: Outcome
    problem: str = ""


def colorize_files(
    photos: Sequence[str], output: str | None, options: ColorizeOptions, console: Console
) -> int:
    """Colorize photos and films as `plan_jobs` plans them; print what becomes of each.

    Photos whose result an earlier run has written are counted, not colorized again.

    Returns:
        Number of photos and films that failed.

    Raises:
        DeepColorError: If the network cannot be opened, several photos are to go into one file, or
            the contact sheet cannot be written.
    """
    if options.contact_sheet:
        check_sheet(options.contact_sheet, options.force)
    jobs = [_check_target(job, options) for job in plan_jobs(photos, output)]
    # The network may take seconds to load: not if there is nothing to colorize.
    possible = not all(job.problem for job in jobs)
    with PhotoDecoder() as decoder:
        if possible and any(map(_is_photo, jobs)):
            decoder.start()  # while the network loads
        predictor = open_predictor(options.model, options.temperature) if possible else None
        started = time.monotonic()
        quiet = not console.is_terminal
        with Progress(*COLUMNS, console=console, transient=True, disable=quiet) as progress:
            done = [
                _run(job, decoder, predictor, options, progress)
                for job in progress.track(jobs, description="colorizing")
            ]
    outcomes = Counter(found.outcome for found in done)
    summary = _summarize(outcomes)
    if len(jobs) > 1:
        console.print(f"{summary}, in {time.monotonic() - started:.1f} s")
    if options.contact_sheet:
        write_sheet(map(_sheet_entry, done), summary, options.contact_sheet)
        console.print(f"contact sheet: {escape(str(options.contact_sheet))}")
    return outcomes[Outcome.FAILED]


def _sheet_entry(done: Done) -> SheetEntry:
    has_result = done.outcome in (Outcome.COLORIZED, Outcome.DONE_BEFORE)
    return SheetEntry(done.job.name, done.job.target if has_result else None, done.problem)


def _summarize(outcomes: Counter[Outcome]) -> str:
    words = {Outcome.COLORIZED: "new"} if outcomes[Outcome.DONE_BEFORE] else {}
    counts = [
        f"{outcomes[outcome]} {words.get(outcome, outcome)}"
        for outcome in Outcome
        if outcomes[outcome]
    ]
    return ", ".join(counts)


def _check_target(job: Job, options: ColorizeOptions) -> Job:
    if job.problem or options.force or job.target is None or not os.path.lexists(job.target):
        return job
    # A result that the user named may be that of another photo.
    if not job.target_is_named and _is_own_result(job.target):
        return job._replace(problem=DONE_BEFORE)
    return job._replace(problem=f"{job.target} exists; --force overwrites it")


def _is_own_result(path: Path) -> bool:
    if path.suffix.lower() in FILMS:
        return _is_own_film(path)
    try:
        with Image.open(path, formats=PILLOW_FORMATS) as image:
            return is_tagged(image.getexif())
    except Exception:  # Pillow raises a dozen types for what is no photo
        return False


def _is_own_film(path: Path) -> bool:
    from deepcolor.colorize.film_file import read_film

    try:
        return read_film(path).is_colorized
    except ValueError:  # no film, or no ffmpeg
        return False


def _is_photo(job: Job) -> bool:
    return not job.problem and (job.source is None or job.source.suffix.lower() not in FILMS)


def _run(
    job: Job,
    decoder: PhotoDecoder,
    predictor: Predictor | None,
    options: ColorizeOptions,
    progress: Progress,
) -> Done:
    console = progress.console
    if job.problem == DONE_BEFORE:
        console.print(f"[yellow]-[/yellow] {escape(f'{job.name}: {job.problem}')}")
        return Done(job, Outcome.DONE_BEFORE)
    try:
        if job.problem or predictor is None:
            raise ValueError(job.problem)
        notes = colorize_file(job, decoder, predictor, options, progress)
    except NeedsForceError as error:
        mark = "[yellow]-[/yellow]" if job.searched else "[red]✗[/red]"
        console.print(f"{mark} {escape(f'{job.name}: {error}')}")
        return Done(job, Outcome.SKIPPED if job.searched else Outcome.FAILED, str(error))
    except Exception as error:  # whatever is wrong with one photo, the others are colorized
        reason = _reason(error)
        console.print(f"[red]✗[/red] {escape(f'{job.name}: {reason}')}")
        return Done(job, Outcome.FAILED, reason)
    warning = f" [yellow]({escape('; '.join(notes))})[/yellow]" if notes else ""
    console.print(f"[green]✓[/green] {escape(str(job.target or 'standard output'))}{warning}")
    return Done(job, Outcome.COLORIZED)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, MemoryError):
        return "not enough memory"
    plain = isinstance(error, OSError | ValueError | ColorizationError)
    return str(error) if plain else f"{type(error).__name__}: {error}"
