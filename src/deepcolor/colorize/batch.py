"""Colorizing many photos: one that fails does not stop the others, and is told."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from colorization.inference.colorize import ColorizationError, coloriser
from colorization.inference.predictor import Predictor
from deepcolor.colorize.encode import encode_photo, write_atomically
from deepcolor.colorize.open_network import open_predictor
from deepcolor.colorize.options import ColorizeOptions
from deepcolor.colorize.pictures import Picture, read_picture
from deepcolor.colorize.plan import FILM_FORMATS, FILMS, FORMATS, Job, plan_jobs
from deepcolor.colorize.provenance import is_tagged
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale

OUTCOMES = COLORIZED, LEFT_OUT, FAILED = "colorized", "left out", "failed"
DULL = 2.0  # mean difference between channels, of 255, below which a result looks gray


class AlreadyColorizedError(ValueError):
    """A photo or film that is a result of this program."""

    def __init__(self) -> None:
        super().__init__("it was colorized by this program before; --force does it again")


def colorize_files(
    photos: Sequence[str], output: str | None, options: ColorizeOptions, console: Console
) -> int:
    """Colorize photos and films; one that fails does not stop the others.

    Args:
        photos: Files, folders, patterns, or `-`, as `plan_jobs` takes them.
        output: A file, a folder, `-`, or None, as `plan_jobs` takes it.
        options: How.
        console: Where progress, each result, and the reason of its absence are told.

    Returns:
        How many failed.

    Raises:
        DeepColorError: If there is no model, or several photos are to go into one file.
    """
    jobs = [_checked(job, options) for job in plan_jobs(photos, output)]
    # TensorFlow takes seconds to load: not for nothing but mistakes.
    possible = not all(job.problem for job in jobs)
    network = open_predictor(options.model, options.temperature) if possible else None
    started = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
        outcomes = Counter(
            _done(job, network, options, progress)
            for job in progress.track(jobs, description="colorizing")
        )
    if len(jobs) > 1:
        told = [f"{outcomes[outcome]} {outcome}" for outcome in OUTCOMES if outcomes[outcome]]
        console.print(f"{', '.join(told)}, in {time.monotonic() - started:.1f} s")
    return outcomes[FAILED]


def _checked(job: Job, options: ColorizeOptions) -> Job:
    if job.problem or options.force or job.target is None or not job.target.exists():
        return job
    return job._replace(problem=f"{job.target} exists; --force overwrites it")


def _done(job: Job, network: Predictor | None, options: ColorizeOptions, progress: Progress) -> str:
    console = progress.console
    try:
        if job.problem or network is None:
            raise ValueError(job.problem)
        notes = _colorize(job, network, options, progress)
    except AlreadyColorizedError as error:
        mark = "[yellow]-[/yellow]" if job.searched else "[red]✗[/red]"
        console.print(f"{mark} {escape(f'{job.name}: {error}')}")
        return LEFT_OUT if job.searched else FAILED
    except Exception as error:  # whatever is wrong with one photo, the others are done
        console.print(f"[red]✗[/red] {escape(f'{job.name}: {_words(error)}')}")
        return FAILED
    said = f" [yellow]({escape('; '.join(notes))})[/yellow]" if notes else ""
    console.print(f"[green]✓[/green] {escape(str(job.target or 'standard output'))}{said}")
    return COLORIZED


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    if isinstance(error, MemoryError):
        return "not enough memory"
    plain = isinstance(error, OSError | ValueError | ColorizationError)
    return str(error) if plain else f"{type(error).__name__}: {error}"


def _colorize(
    job: Job, network: Predictor, options: ColorizeOptions, progress: Progress
) -> list[str]:
    if job.source and job.source.suffix.lower() in FILMS:
        return _film(job.source, job.target, network, options, progress)
    picture = read_picture(job.source.read_bytes() if job.source else sys.stdin.buffer.read())
    if is_tagged(picture.exif) and not options.force:
        raise AlreadyColorizedError
    result = colorize_picture(picture, network, options)
    # Before the photos are put side by side, where half of the picture is gray by intention.
    notes = [*picture.notes, *(_dullness(result) if options.strength else [])]
    if options.side_by_side:
        result = side_by_side(to_grayscale(picture.pixels, picture.dtype), result)
    data = encode_photo(result, picture, _form(job, picture))
    _save(data, job.target)
    return notes


def _save(data: bytes, target: Path | None) -> None:
    if target is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        write_atomically(data, target)
    except OSError as error:  # its own words alone would be taken for the photo's
        raise ValueError(
            f"cannot write {target}: {(error.strerror or str(error)).lower()}"
        ) from error


def _film(
    source: Path,
    target: Path | None,
    network: Predictor,
    options: ColorizeOptions,
    progress: Progress,
) -> list[str]:
    from deepcolor.colorize.films import colorize_film, is_labelled_film

    if target is None or target.suffix.lower() not in FILM_FORMATS:
        raise ValueError(f"a film becomes a file that ends in {', '.join(sorted(FILM_FORMATS))}")
    if not options.force and is_labelled_film(source):
        raise AlreadyColorizedError
    task = progress.add_task(source.name)
    try:
        return colorize_film(
            source,
            target,
            network,
            options,
            lambda total: progress.update(task, advance=1, total=total),
        )
    finally:
        progress.remove_task(task)


def colorize_picture(picture: Picture, network: Predictor, options: ColorizeOptions) -> np.ndarray:
    """Colorize a photo that was read.

    Args:
        picture: The photo.
        network: What knows the colors.
        options: How; whether side by side is not for this function.

    Returns:
        `(H, W, 3)` sRGB of the photo's depth.
    """
    return coloriser(
        picture.pixels,
        network,
        strength=options.strength,
        temperature=options.temperature,
        tta=options.quality is not False,
        dtype=picture.dtype,
    )


def _dullness(result: np.ndarray) -> list[str]:
    step = max(1, max(result.shape) // 512)
    some = result[::step, ::step].astype(np.float32) * (255 / np.iinfo(result.dtype).max)
    return ["hardly any color in it"] if np.ptp(some, axis=-1).mean() < DULL else []


def _form(job: Job, picture: Picture) -> str:
    if job.target:
        if job.target.suffix.lower() in FILM_FORMATS:
            raise ValueError(f"a photo does not become a film, {job.target.name}")
        return FORMATS[job.target.suffix.lower()]
    return picture.format if picture.format in FORMATS.values() else "PNG"
