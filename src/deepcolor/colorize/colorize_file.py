"""Colorizing the file of a photo, with all of its pages, or of a film."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.progress import Progress

from colorization.inference.colorize import coloriser
from colorization.inference.predictor import Predictor
from deepcolor.colorize.encode import encode_photo, make_tiff_page, write_atomically
from deepcolor.colorize.encode_tiff import join_pages
from deepcolor.colorize.find_photos import FILM_FORMATS, FILMS, WRITABLE
from deepcolor.colorize.hint_options import Hint
from deepcolor.colorize.photo_checks import check_photo_file, warn_of_gray
from deepcolor.colorize.photo_decoder import PhotoDecoder
from deepcolor.colorize.photo_file import PhotoFile
from deepcolor.colorize.plan import ColorizeOptions, Job
from deepcolor.colorize.provenance import COLORIZED_BEFORE, NeedsForceError
from deepcolor.colorize.side_by_side import side_by_side, to_grayscale

Colored = tuple[np.ndarray, PhotoFile, list[str]]  # the result, its metadata, warnings


def colorize_file(
    job: Job,
    decoder: PhotoDecoder,
    predictor: Predictor,
    options: ColorizeOptions,
    progress: Progress,
) -> list[str]:
    """Colorize a photo or film, and write the result whole or not at all.

    Returns:
        Warnings for the user, without a full stop.

    Raises:
        NeedsForceError: If it is colorized with `options.force` only.
        OSError: If the file cannot be read.
        ValueError: If it is no photo or film, or the result cannot be written.
        ColorizationError: If the network predicts no colors.
    """
    if job.source and job.source.suffix.lower() in FILMS:
        return _colorize_film(job.source, job.target, predictor, options, progress)
    data = job.source.read_bytes() if job.source else sys.stdin.buffer.read()
    photo = decoder.read(data)
    form = _format(job, photo)
    if form == "TIFF":
        content, notes = _colorize_pages(data, photo, decoder, predictor, options, job.hints)
    else:
        result, photo, notes = _colorize(photo, predictor, options, job.hints)
        content, problems = encode_photo(result, photo, form)
        notes += problems
        if photo.pages > 1:
            notes.append(f"only the first of {photo.pages} pages is in it: name a .tif for all")
    _write(content, job.target, options.force)
    return notes


def _colorize_pages(
    data: bytes,
    first: PhotoFile,
    decoder: PhotoDecoder,
    predictor: Predictor,
    options: ColorizeOptions,
    hints: Sequence[Hint],
) -> tuple[bytes, list[str]]:
    if hints and first.pages > 1:
        raise ValueError(f"hints are for a photo of one page, and it has {first.pages}")
    pages, notes = [], []
    for number in range(first.pages):
        where = f"page {number + 1}: " if first.pages > 1 else ""
        try:
            photo = first if number == 0 else decoder.read(data, number)
            result, photo, found = _colorize(photo, predictor, options, hints)
        except ValueError as error:
            raise type(error)(f"{where}{error}") from error
        page, problems = make_tiff_page(result, photo)
        pages.append(page)
        notes += [where + note for note in (*found, *problems)]
    return join_pages(pages), notes


def _colorize(
    photo: PhotoFile, predictor: Predictor, options: ColorizeOptions, hints: Sequence[Hint]
) -> Colored:
    if not options.force:
        check_photo_file(photo)
    result = coloriser(
        photo.pixels,
        predictor,
        strength=options.strength,
        fast=options.fast,
        dtype=photo.dtype,
        hints=hints,
    )
    # Before the gray photo stands beside it.
    notes = [*photo.notes, *(warn_of_gray(result) if options.strength else [])]
    if options.side_by_side:
        result = side_by_side(to_grayscale(photo.pixels, photo.dtype), result)
        if photo.alpha is not None:
            photo = replace(photo, alpha=side_by_side(photo.alpha, photo.alpha))
    return result, photo, notes


def _format(job: Job, photo: PhotoFile) -> str:
    if job.target:
        suffix = job.target.suffix.lower()
        if suffix in FILM_FORMATS:
            raise ValueError(f"the result of a photo cannot be a film, received {job.target.name}")
        return WRITABLE[suffix]
    return photo.format if photo.format in WRITABLE.values() else "PNG"


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
        raise NeedsForceError(COLORIZED_BEFORE)
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
