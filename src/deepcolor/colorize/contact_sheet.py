"""A page with all results of a run, small and with their names, to look through and to print."""

import base64
import html
import os
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import NamedTuple
from urllib.parse import quote

import pyvips

from colorization.files import atomic_path
from deepcolor.colorize.find_photos import FILMS
from deepcolor.colorize.provenance import NAME, software
from deepcolor.errors import DeepColorError

SUFFIXES = (".html", ".htm")
SIDE = 320  # pixels of a small picture, at most
QUALITY = 80  # of its JPEG
GENERATOR = f'<meta name="generator" content="{NAME}'
PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="generator" content="$software">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>
body { font: 14px/1.3 system-ui, sans-serif; margin: 1em; color: #222; background: #fff }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 1em }
figure { margin: 0; break-inside: avoid; overflow-wrap: anywhere }
img { width: 100%; height: 170px; object-fit: contain; background: #f4f4f4 }
p { display: grid; place-items: center; height: 170px; box-sizing: border-box; margin: 0;
    padding: 0 1em; text-align: center; border: 1px dashed #999 }
</style>
<h1>$title</h1>
<main>
$figures
</main>
</html>
""")


class SheetEntry(NamedTuple):
    """A photo or film on the sheet."""

    name: str
    result: Path | None
    problem: str = ""  # why there is no result


def check_sheet(target: Path, force: bool) -> None:
    """Find out before the work whether a sheet can be written there.

    Raises:
        DeepColorError: If it is not named as a web page, or is another file already.
    """
    if target.suffix.lower() not in SUFFIXES:
        raise DeepColorError(
            f"--contact-sheet must end in {' or '.join(SUFFIXES)}, received {target}"
        )
    if not force and os.path.lexists(target) and not _is_own_sheet(target):
        raise DeepColorError(f"{target} exists; --force overwrites it")


def _is_own_sheet(target: Path) -> bool:
    try:
        with target.open("rb") as file:
            return GENERATOR.encode() in file.read(400)
    except OSError:
        return False


def write_sheet(entries: Iterable[SheetEntry], title: str, target: Path) -> None:
    """Write the sheet: one file that needs no other, except that its pictures link to the results.

    Raises:
        DeepColorError: If it cannot be written.
    """
    text = PAGE.substitute(
        software=html.escape(software()),
        title=html.escape(title),
        figures="\n".join(_figure(entry, target) for entry in entries),
    )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as part:
            part.write_text(text, "utf-8", errors="replace")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DeepColorError(f"cannot write {target}: {reason}") from error


def _figure(entry: SheetEntry, target: Path) -> str:
    name = html.escape(entry.name)
    if entry.result is None:
        return f"<figure><p>{html.escape(entry.problem)}</p>{name}</figure>"
    link = quote(os.path.relpath(entry.result, target.parent).encode("utf-8", "surrogateescape"))
    return f'<figure><a href="{link}">{_picture(entry.result)}</a>{name}</figure>'


def _picture(result: Path) -> str:
    if result.suffix.lower() in FILMS:
        return "<p>film</p>"
    try:
        small = pyvips.Image.thumbnail(str(result), SIDE, height=SIDE, size="down")
        data = small.jpegsave_buffer(Q=QUALITY, background=255, keep="none")
    except pyvips.Error:  # removed or replaced since
        return "<p>cannot be shown</p>"
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'
