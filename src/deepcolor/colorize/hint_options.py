"""Colors that the user knows: the text of a hint, and files of hints for many photos."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from deepcolor.colorize.find_photos import FILMS
from deepcolor.colorize.plan import Job
from deepcolor.errors import WrongUsageError

FORM = "ROW,COLUMN=COLOR, such as 120,340=#2f6b3a"
HINT_PATTERN = r"^(\d{1,6}),(\d{1,6})=#?([0-9a-fA-F]{6})$"


class Hint(NamedTuple):
    """A known color, as `coloriser` takes it: a pixel of the upright photo, and its sRGB."""

    row: int
    column: int
    color: tuple[int, ...]


def parse_hint(text: str) -> Hint:
    """Read `ROW,COLUMN=COLOR`.

    Raises:
        ValueError: If the text has another form.
    """
    found = re.fullmatch(HINT_PATTERN, text, re.ASCII)
    if not found:
        raise ValueError(f"a hint must be {FORM}, received {text!r}")
    return Hint(int(found[1]), int(found[2]), tuple(bytes.fromhex(found[3])))


def assign_hints(jobs: Sequence[Job], hints: Sequence[str], file: Path | None) -> list[Job]:
    """Give jobs their hints.

    Args:
        jobs: What is to be colorized.
        hints: Texts for the only photo.
        file: JSON: from names of photos, relative to the file's folder, to lists of such texts.

    Raises:
        WrongUsageError: If a text is no hint, the file cannot be read, or one of its photos is not
            colorized.
    """
    by_photo = _read(file) if file else {}
    if hints:
        if len(jobs) != 1:
            raise WrongUsageError(f"--hint is for one photo, received {len(jobs)}: use --hints")
        by_photo[_key(jobs[0].source)] = list(hints)
    known = {key: _parse_all(texts) for key, texts in by_photo.items()}
    unused = known.keys() - {_key(job.source) for job in jobs}
    if unused:
        names = ", ".join(sorted(map(str, unused)))
        raise WrongUsageError(f"{file} has hints for what is not colorized: {names}")
    return [_with_hints(job, known.get(_key(job.source), ())) for job in jobs]


def _with_hints(job: Job, hints: Sequence[Hint]) -> Job:
    if hints and job.source and job.source.suffix.lower() in FILMS:
        raise WrongUsageError(f"hints are for photos, and {job.name} is a film")
    return job._replace(hints=tuple(hints))


def _key(source: Path | None) -> Path | None:
    return source and source.resolve()


def _parse_all(texts: Sequence[str]) -> list[Hint]:
    try:
        return [parse_hint(text) for text in texts]
    except ValueError as error:
        raise WrongUsageError(str(error)) from None


def _read(file: Path) -> dict[Path | None, list[str]]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongUsageError(f"--hints {file} cannot be read: {reason}") from error
    if not (isinstance(content, dict) and all(map(_are_texts, content.values()))):
        raise WrongUsageError(f'--hints {file} must be like {{"grandma.jpg": ["120,340=#2f6b3a"]}}')
    return {(file.parent / name).resolve(): texts for name, texts in content.items()}


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
