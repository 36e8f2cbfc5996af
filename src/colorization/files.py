"""Files that are written whole or not at all."""

import dataclasses
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any


@contextmanager
def atomic_path(path: Path, overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary name beside `path`, and rename to `path` what was written there.

    If the body raises, what was written is removed and `path` stays as it was. The temporary name
    differs between processes and keeps the suffix, by which some libraries choose a format. What
    killed processes left in the folder is removed. With `overwrite=False`, a file that appears at
    `path` in the meantime stays, and a `FileExistsError` is raised.
    """
    _remove_leftovers(path.parent)
    # A name has at most 255 bytes, and a character up to four of them.
    part = path.with_name(f".{path.stem[:50]}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        if part.is_dir() and path.is_dir():
            shutil.rmtree(path)  # a folder cannot be renamed onto one that holds files
        if not overwrite:
            _reserve(part, path)
        part.replace(path)
    finally:
        _remove(part)


def _reserve(part: Path, path: Path) -> None:
    """Create `path`, as a link to `part` where the disk has links; fail if it exists."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # FAT and some network disks have no links
        path.touch(exist_ok=False)


@cache  # once per folder and process: a listing for each file would be slow in a large folder
def _remove_leftovers(folder: Path) -> None:
    for part in folder.glob(".*.part*"):
        written_by = re.search(r"\.(\d+)\.part(\.[^.]*)?$", part.name)
        if written_by and not _is_running(int(written_by[1])):
            _remove(part)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def save_json(path: Path, value: Any) -> None:
    """Write a dataclass or a JSON value atomically; NaN and infinities raise a `ValueError`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    with atomic_path(path) as part:
        part.write_text(text, encoding="utf-8")
