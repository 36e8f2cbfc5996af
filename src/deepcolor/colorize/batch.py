"""Colorizing many photos and films: one that fails does not stop the others."""

import time
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colorization.inference.predictor import ColorizationError, Predictor
from deepcolor.colorize.announcement import announce
from deepcolor.colorize.colorize_file import colorize_file
from deepcolor.colorize.contact_sheet import SheetEntry, check_sheet, write_sheet
from deepcolor.colorize.existing_results import DONE_BEFORE, check_target
from deepcolor.colorize.find_photos import FILMS
from deepcolor.colorize.hint_options import assign_hints
from deepcolor.colorize.open_network import open_predictor
from deepcolor.colorize.photo_decoder import PhotoDecoder
from deepcolor.colorize.plan import ColorizeOptions, Job, plan_jobs
from deepcolor.colorize.provenance import NeedsForceError

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
    photos: Sequence[str],
    output: str | None,
    options: ColorizeOptions,
    console: Console,
    errors: Console,
) -> int:
    """Colorize photos and films as `plan_jobs` plans them; print what becomes of each.

    Photos whose result an earlier run has written are counted, not colorized again. Progress and
    what fails are printed to `errors`, the rest to `console`.

    Returns:
        Number of photos and films that failed.

    Raises:
        DeepColorError: If the network cannot be opened, several photos are to go into one file,
            hints fit no photo, or the contact sheet cannot be written.
    """
    if options.contact_sheet:
        check_sheet(options.contact_sheet, options.force)
    planned = assign_hints(plan_jobs(photos, output), options.hints, options.hint_file)
    jobs = [check_target(job, options) for job in planned]
    if (announcement := announce(jobs)) and len(jobs) > 1:
        console.print(_on_one_line(announcement))
    if options.dry_run:
        done = [_foretell(job, console, errors) for job in jobs]
    else:
        done = _run_all(jobs, options, console, errors)
    return sum(found.outcome == Outcome.FAILED for found in done)


def _foretell(job: Job, console: Console, errors: Console) -> Done:
    if job.problem:
        return _report_problem(job, console, errors)
    console.print(_on_one_line(f"{job.name} → {job.target or 'standard output'}"))
    return Done(job, Outcome.COLORIZED)


def _run_all(
    jobs: Sequence[Job], options: ColorizeOptions, console: Console, errors: Console
) -> list[Done]:
    # The network may take seconds to load: not if there is nothing to colorize.
    possible = not all(job.problem for job in jobs)
    if console.is_terminal and errors.is_terminal:
        console = errors  # which prints above the progress bar
    with PhotoDecoder() as decoder:
        if possible and any(map(_is_photo, jobs)):
            decoder.start()  # while the network loads
        predictor = open_predictor(options.model) if possible else None
        started = time.monotonic()
        quiet = not errors.is_terminal
        with Progress(*COLUMNS, console=errors, transient=True, disable=quiet) as progress:
            done = [
                _run(job, decoder, predictor, options, progress, console)
                for job in progress.track(jobs, description="colorizing")
            ]
    outcomes = Counter(found.outcome for found in done)
    summary = _summarize(outcomes)
    if len(jobs) > 1:
        console.print(f"{summary}, in {time.monotonic() - started:.1f} s")
    if options.contact_sheet:
        write_sheet(map(_sheet_entry, done), summary, options.contact_sheet)
        console.print(f"contact sheet: {_on_one_line(str(options.contact_sheet))}")
    return done


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


def _is_photo(job: Job) -> bool:
    return not job.problem and (job.source is None or job.source.suffix.lower() not in FILMS)


def _run(
    job: Job,
    decoder: PhotoDecoder,
    predictor: Predictor | None,
    options: ColorizeOptions,
    progress: Progress,
    console: Console,
) -> Done:
    if job.problem or predictor is None:
        return _report_problem(job, console, progress.console)
    try:
        notes = colorize_file(job, decoder, predictor, options, progress)
    except NeedsForceError as error:
        skipped = job._replace(problem=str(error), skipped=job.searched)
        return _report_problem(skipped, console, progress.console)
    except Exception as error:  # whatever is wrong with one photo, the others are colorized
        return _report_problem(job._replace(problem=_reason(error)), console, progress.console)
    warning = f" [yellow]({_on_one_line('; '.join(notes))})[/yellow]" if notes else ""
    console.print(f"[green]✓[/green] {_on_one_line(str(job.target or 'standard output'))}{warning}")
    return Done(job, Outcome.COLORIZED)


def _report_problem(job: Job, console: Console, errors: Console) -> Done:
    text = _on_one_line(f"{job.name}: {job.problem}")
    if job.problem == DONE_BEFORE or job.skipped:
        console.print(f"[yellow]-[/yellow] {text}")
        return Done(job, Outcome.SKIPPED if job.skipped else Outcome.DONE_BEFORE, job.problem or "")
    errors.print(f"[red]✗[/red] {text}")
    return Done(job, Outcome.FAILED, job.problem or "")


def _on_one_line(text: str) -> str:
    # A name may hold line ends, and commands to the terminal.
    printable = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return escape("".join(printable))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, MemoryError):
        return "not enough memory"
    plain = isinstance(error, OSError | ValueError | ColorizationError)
    return str(error) if plain else f"{type(error).__name__}: {error}"
