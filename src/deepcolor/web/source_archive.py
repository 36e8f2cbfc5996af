"""The source code of the page and of what colors its photos, as a zip for visitors."""

import io
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import colorization
import deepcolor

SOURCE_ARCHIVE = "source.zip"  # its address beside the page
SUFFIXES = {".css", ".html", ".js", ".json", ".md", ".py", ".svg", ".txt", ".webmanifest"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # fixed dates make equal archives equal


@cache
def source_archive() -> bytes:
    """Return a zip of the packages' text files; networks and pictures are left out."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, file in _source_files():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return content.getvalue()


def _source_files() -> Iterator[tuple[str, Path]]:
    for package in (colorization, deepcolor):
        (root,) = package.__path__
        for file in sorted(Path(root).rglob("*")):
            if file.suffix in SUFFIXES and "__pycache__" not in file.parts:
                yield f"{package.__name__}/{file.relative_to(root).as_posix()}", file
