"""Files and folders that appear whole or not at all, and names that stay inside their folder."""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kaggle_local.errors import ApiError, BadState
from kaggle_local.state.trees import remove_tree

_LONGEST_NAME = 255
UNFINISHED = ".unfinished-"


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; rename it to `target` if the block succeeds.

    The block writes a file or makes a folder there. If it raises, the temporary path is removed.
    A server that starts removes what a killed one left (`UNFINISHED`).
    """
    temporary = target.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        yield temporary
        temporary.replace(target)
    except BaseException:
        remove_tree(temporary)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON that only this user can read.

    A reader sees the old file or the new one, never a part.
    """
    with (
        atomic_path(path) as temporary,
        open(temporary, "w", encoding="utf-8", opener=_open_private) as file,
    ):
        json.dump(value, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; a missing or damaged file raises `BadState`."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadState(f"the state file {path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise BadState(f"the state file {path} must hold an object, found {type(value).__name__}")
    return value


def resolve_inside(folder: Path, name: str) -> Path:
    """Return the regular file `name` below `folder`.

    Raises:
        ApiError: 404, there is none, or `name` leads out of `folder` or through a link.
    """
    path = folder / name
    parts_are_plain = not any(part in ("", ".", "..") for part in name.split("/"))
    if parts_are_plain and path.is_file() and path.resolve() == folder.resolve() / name:
        return path
    raise ApiError(404, f"there is no file '{name}' here")


def is_plain_name(name: str) -> bool:
    """Tell whether `name` can be the name of one file or folder."""
    leads_elsewhere = name in ("", ".", "..") or "/" in name or "\0" in name
    return not leads_elsewhere and len(os.fsencode(name)) <= _LONGEST_NAME


def is_disk_full(error: BaseException) -> bool:
    """Tell whether an error means that the disk is full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def require_free_space(folder: Path, size: int, what: str) -> None:
    """Raise a 507 `ApiError` if the disk of `folder` has no room for `size` bytes of `what`."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise ApiError(
            507,
            f"the disk of the stand-in is full: '{what}' needs {size} bytes, {free} are free",
        )
