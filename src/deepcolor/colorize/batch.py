"""Colorizing many photos and films: one that fails does not stop the others."""

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colorization.inference.colorize import ColorizationError, coloriser
from colorization.inference.predictor import Predictor
from deepcolor.colorize.announcement import announce
from deepcolor.colorize.encode import encode_photo, write_atomically
from deepcolor.colorize.existing_results import DONE_BEFORE, check_target
from deepcolor.colorize.open_network import open_predictor
from deepcolor.colorize.photo_decoder import PhotoDecoder
from deepcolor.colorize.photo_file import PhotoFile
from deepcolor.colorize.plan import (
    FILM_FORMATS,
    FILMS,
    WRITABLE,
    ColorizeOptions,
    Job,
    plan_jobs,
)
from deepcolor.colorize.provenance import is_tagged
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale

GRAY = 2.0  # mean difference between channels, of 255, below which a result looks gray
VARIED = 12.0  # mean difference from the tint of its tone, of 255, above which a photo has color
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


class AlreadyColorizedError(ValueError):
    """A photo or film that this program has colorized before."""

    def __init__(self) -> None:
        super().__init__("this program has colorized it before; --force colorizes it again")


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
        DeepColorError: If the network cannot be opened, or several photos are to go into one file.
    """
    jobs = [check_target(job, options) for job in plan_jobs(photos, output)]
    if (announcement := announce(jobs)) and len(jobs) > 1:
        console.print(escape(announcement))
    if options.dry_run:
        outcomes = Counter(_foretell(job, console, errors) for job in jobs)
    else:
        outcomes = _run_all(jobs, options, console, errors)
    return outcomes[Outcome.FAILED]


def _foretell(job: Job, console: Console, errors: Console) -> Outcome:
    if job.problem:
        return _report_problem(job, console, errors)
    console.print(_on_one_line(f"{job.name} → {job.target or 'standard output'}"))
    return Outcome.COLORIZED


def _run_all(
    jobs: Sequence[Job], options: ColorizeOptions, console: Console, errors: Console
) -> Counter[Outcome]:
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
            outcomes = Counter(
                _run(job, decoder, predictor, options, progress, console)
                for job in progress.track(jobs, description="colorizing")
            )
    if len(jobs) > 1:
        console.print(f"{_summarize(outcomes)}, in {time.monotonic() - started:.1f} s")
    return outcomes


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
) -> Outcome:
    if job.problem or predictor is None:
        return _report_problem(job, console, progress.console)
    try:
        notes = _colorize(job, decoder, predictor, options, progress)
    except AlreadyColorizedError as error:
        skipped = job._replace(problem=str(error), skipped=job.searched)
        return _report_problem(skipped, console, progress.console)
    except Exception as error:  # whatever is wrong with one photo, the others are colorized
        return _report_problem(job._replace(problem=_reason(error)), console, progress.console)
    warning = f" [yellow]({_on_one_line('; '.join(notes))})[/yellow]" if notes else ""
    console.print(f"[green]✓[/green] {_on_one_line(str(job.target or 'standard output'))}{warning}")
    return Outcome.COLORIZED


def _report_problem(job: Job, console: Console, errors: Console) -> Outcome:
    text = _on_one_line(f"{job.name}: {job.problem}")
    if job.problem == DONE_BEFORE or job.skipped:
        console.print(f"[yellow]-[/yellow] {text}")
        return Outcome.SKIPPED if job.skipped else Outcome.DONE_BEFORE
    errors.print(f"[red]✗[/red] {text}")
    return Outcome.FAILED


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


def _colorize(
    job: Job,
    decoder: PhotoDecoder,
    predictor: Predictor,
    options: ColorizeOptions,
    progress: Progress,
) -> list[str]:
    if job.source and job.source.suffix.lower() in FILMS:
        return _colorize_film(job.source, job.target, predictor, options, progress)
    photo = decoder.read(job.source.read_bytes() if job.source else sys.stdin.buffer.read())
    if is_tagged(photo.exif) and not options.force:
        raise AlreadyColorizedError
    result = colorize_photo(photo, predictor, options)
    # Before the gray photo stands beside it.
    notes = [*photo.notes, *_warn_of_color(photo.pixels)]
    notes += _warn_of_gray(result) if options.strength else []
    if options.side_by_side:
        result = side_by_side(to_grayscale(photo.pixels, photo.dtype), result)
        if photo.alpha is not None:
            photo = replace(photo, alpha=side_by_side(photo.alpha, photo.alpha))
    data, problems = encode_photo(result, photo, _format(job, photo))
    _write(data, job.target, options.force)
    return [*notes, *problems]


def _write(data: bytes, target: Path | None, force: bool) -> None:
    if target is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        write_atomically(data, target, overwrite=force)
    except OSError as error:  # name the result: the reason alone would seem to be the photo's
        if isinstance(error, FileExistsError) and os.path.lexists(target):
            message = f"{target} appeared during this run; --force overwrites it"
        else:
            message = f"cannot write {target}: {(error.strerror or str(error)).lower()}"
        raise ValueError(message) from error


def _colorize_film(
    source: Path,
    target: Path | None,
    predictor: Predictor,
    options: ColorizeOptions,
    progress: Progress,
) -> list[str]:
    from deepcolor.colorize.film_file import read_film
    from deepcolor.colorize.films import colorize_film

    if target is None or target.suffix.lower() not in FILM_FORMATS:
        suffixes = ", ".join(sorted(FILM_FORMATS))
        raise ValueError(f"the result of a film must be a file that ends in {suffixes}")
    film = read_film(source)
    if film.is_colorized and not options.force:
        raise AlreadyColorizedError
    task = progress.add_task(source.name)
    try:
        return colorize_film(
            film,
            target,
            predictor,
            options,
            lambda total: progress.update(task, advance=1, total=total),
        )
    finally:
        progress.remove_task(task)


def colorize_photo(photo: PhotoFile, predictor: Predictor, options: ColorizeOptions) -> np.ndarray:
    """Return the colors of a photo: `(H, W, 3)` sRGB of its dtype."""
    return coloriser(
        photo.pixels,
        predictor,
        strength=options.strength,
        fast=options.fast,
        dtype=photo.dtype,
    )


def _sample(image: np.ndarray) -> np.ndarray:
    """Return some pixels in [0, 255]."""
    step = max(1, max(image.shape) // 512)
    return image[::step, ::step].astype(np.float32) * (255 / np.iinfo(image.dtype).max)


def _warn_of_color(pixels: np.ndarray) -> list[str]:
    varied = pixels.ndim == 3 and _color_variety(pixels) > VARIED
    return ["it was in color already; only its lightness is used"] if varied else []


def _color_variety(pixels: np.ndarray) -> float:
    """Return the mean difference of pixels from the tint of their tone: 0 for sepia."""
    small = Image.fromarray(_sample(pixels).astype(np.uint8)).resize((64, 64), Image.Resampling.BOX)
    sample = np.asarray(small, np.float32).reshape(-1, 3)  # without the noise of a scanner
    tones = sample[:, 1].astype(int) // 16
    counts = np.maximum(np.bincount(tones, minlength=16), 1)
    variety = 0.0
    for channel in (0, 2):
        tint = sample[:, channel] - sample[:, 1]
        mean = np.bincount(tones, tint, minlength=16) / counts
        variety += float(np.abs(tint - mean[tones]).mean())
    return variety


def _warn_of_gray(result: np.ndarray) -> list[str]:
    sample = _sample(result)
    return ["the result has hardly any color"] if np.ptp(sample, axis=-1).mean() < GRAY else []


def _format(job: Job, photo: PhotoFile) -> str:
    if job.target:
        suffix = job.target.suffix.lower()
        if suffix in FILM_FORMATS:
            raise ValueError(f"the result of a photo cannot be a film, received {job.target.name}")
        return WRITABLE[suffix]
    return photo.format if photo.format in WRITABLE.values() else "PNG"
