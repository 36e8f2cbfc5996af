"""Trees of files, however deep: listed, made safe to keep, and removed, without recursion.

A kernel or an archive can make a tree whose paths are longer than the system can open.
"""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_LONGEST_PATH, _DEEPEST = 2000, 100  # bytes, folders
TOO_LONG = f"a path of more than {_LONGEST_PATH} bytes or {_DEEPEST} folders"


def is_short_path(name: str) -> bool:
    """Tell whether a relative path can be stored, zipped and mounted."""
    return len(os.fsencode(name)) <= _LONGEST_PATH and name.count("/") <= _DEEPEST


def walk_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield `(relative path, status)` of each regular file, in order, without following links.

    Paths that are too long are left out, and so is what disappears meanwhile.
    """
    waiting = sorted(os.listdir(folder), reverse=True)  # the next one is the last
    while waiting:
        name = waiting.pop()
        with suppress(FileNotFoundError, NotADirectoryError):
            status = os.lstat(folder / name)
            if stat.S_ISREG(status.st_mode):
                yield name, status
            elif stat.S_ISDIR(status.st_mode):
                waiting += _short_paths(folder, name)


def _short_paths(folder: Path, name: str) -> list[str]:
    paths = (f"{name}/{entry}" for entry in os.listdir(folder / name))
    return sorted(filter(is_short_path, paths), reverse=True)


def clean_tree(folder: Path) -> bool:
    """Make the output of a kernel safe to keep; return False if a path was too long to be kept.

    Links, devices and paths that are too long are removed; files become read-only.
    """
    kept_all = True
    waiting = [""]
    while waiting:
        parent = waiting.pop()
        (folder / parent).chmod(0o755)
        for entry in os.listdir(folder / parent):
            name = f"{parent}/{entry}" if parent else entry
            path = folder / name
            if not is_short_path(name):
                kept_all = False
                remove_tree(path)
            elif path.is_symlink() or not (path.is_dir() or path.is_file()):
                path.unlink()  # a link could lead out of the folder
            elif path.is_dir():
                waiting.append(name)
            else:
                path.chmod(0o444)  # downstream kernels mount it
    return kept_all


def remove_tree(path: Path) -> None:
    """Remove a file or folder, even a read-only one; nothing happens if it does not exist.

    What cannot be removed stays. Folders in folders are moved up first, so that all paths are
    short.
    """
    if path.is_symlink() or not path.is_dir():
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return
    kept: set[str] = set()
    while inside := set(_open_folder(path)) - kept:
        kept |= {name for name in inside if not _remove_entry(path, name)}
    with suppress(OSError):
        path.rmdir()


def _open_folder(path: Path) -> list[str]:
    with suppress(OSError):
        path.chmod(0o700)
        return os.listdir(path)
    return []


def _remove_entry(folder: Path, name: str) -> bool:
    """Remove a file, or a folder whose content is moved up; tell whether it is gone."""
    path = folder / name
    try:
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            return True
        for inner in _open_folder(path):
            (path / inner).rename(folder / secrets.token_hex(16))
        path.rmdir()
    except OSError:
        return False
    return True
