"""Finding the photos and films that a user names, and what is wrong with the others."""

import glob
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from colorization.data.photo_formats import FORMATS, NOT_READ, SUFFIXES, is_hidden

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


class Found(NamedTuple):
    """A photo or film, or what was named instead of one."""

    source: Path | None
    place: Path  # relative to a folder of results
    beside: Path | None  # target if no output is given
    problem: str | None = None
    searched: bool = False


def find_photos(text: str) -> Iterator[Found]:
    """Find what a user names: a file, a folder, a pattern such as `*.jpg`, or `-`."""
    path = Path(text)
    if text == STANDARD:
        yield Found(None, Path(), None)
    elif not text:
        # Not the current folder: more likely an unset variable of the shell.
        yield Found(path, path, path, "an empty name")
    elif "://" in text:
        yield Found(path, path, path, "an address, not a file: download it first")
    elif os.path.isdir(path):
        yield from _find_in_folder(path)
    elif os.path.lexists(path) or not glob.has_magic(text):
        place = _writable(Path(path.name))
        beside = path.with_name(place.stem + ENDING + place.suffix)
        yield Found(path, place, beside, _file_problem(path))
    else:
        names = sorted(glob.glob(text, recursive=True))
        if not names:
            yield Found(path, path, path, "no file matches this pattern")
        for name in names:
            yield from (photo._replace(searched=True) for photo in find_photos(name))


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


def _find_in_folder(folder: Path) -> Iterator[Found]:
    results = _results_of(folder)
    inside = results.absolute()
    found = False
    for path, problem in sorted(_walk(folder)):
        if inside in path.absolute().parents:
            continue
        found = True
        place = _writable(path.relative_to(folder))
        yield Found(path, place, results / place, problem or None, searched=True)
    if not found:
        yield Found(folder, folder, folder, "no photo in this folder")


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
