"""Files and folders that are never half there, and names that never lead elsewhere.

A file is written under a temporary name and renamed; a folder is filled under a temporary name and
renamed. Whatever still has a temporary name when a server starts was never finished.
"""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kaggle_local.errors import ApiError, BadState

_LONGEST_NAME = 255
UNFINISHED = ".unfinished-"


def unfinished_name(parent: Path) -> Path:
    """Name something new in `parent` that a restart removes unless it is renamed."""
    return parent / f"{UNFINISHED}{secrets.token_hex(8)}"


def unfinished(parent: Path) -> Path:
    """Make an empty folder in `parent` that a restart removes unless it is renamed."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = unfinished_name(parent)
    folder.mkdir()
    return folder


def write_json(path: Path, value: Any) -> None:
    """Write `value` to `path` so that a reader sees the old file or the new one, never a part."""
    temporary = unfinished_name(path.parent)
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict[str, Any]:
    """Read a state file.

    Raises:
        BadState: It is missing or damaged; the message names it.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadState(f"the state file {path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise BadState(f"the state file {path} must hold an object, found {type(value).__name__}")
    return value


def files_below(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Walk the regular files below `folder`, in order, following no links.

    Yields:
        `(name, status)`: the path relative to `folder` with `/`, and its status.
    """
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_file(follow_symlinks=False):
            yield entry.name, entry.stat(follow_symlinks=False)
        elif entry.is_dir(follow_symlinks=False):
            for name, status in files_below(Path(entry.path)):
                yield f"{entry.name}/{name}", status


def is_disk_full(error: BaseException) -> bool:
    """Tell whether an error means that no more can be stored."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def is_plain_name(name: str) -> bool:
    """Tell whether a file or folder can be called so, and stays where it is put."""
    parts = name in ("", ".", "..") or "/" in name or "\0" in name
    return not parts and len(os.fsencode(name)) <= _LONGEST_NAME


def inside(folder: Path, name: str) -> Path:
    """Resolve `name` below `folder`.

    Raises:
        ApiError: 404, it leads out of `folder`, through a link, or to no regular file.
    """
    path = folder / name
    parts_are_plain = not any(part in ("", ".", "..") for part in name.split("/"))
    if parts_are_plain and path.is_file() and path.resolve() == folder.resolve() / name:
        return path
    raise ApiError(404, f"there is no file '{name}' here")


def remove_tree(path: Path) -> None:
    """Remove a file or folder, read-only ones too."""
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
        return
    for folder, _, _ in os.walk(path):
        os.chmod(folder, 0o700)
    shutil.rmtree(path, ignore_errors=True)


def versions_of(folder: Path) -> list[int]:
    """List the version numbers below `folder / "versions"`, lowest first."""
    numbered = folder / "versions"
    if not numbered.is_dir():
        return []
    return sorted(int(entry.name) for entry in numbered.iterdir() if entry.name.isdecimal())
