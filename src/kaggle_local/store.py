"""The state folder: plain folders and JSON files, where nothing is ever half there.

A file is written under a temporary name and renamed; a folder is filled under a temporary name and
renamed. Whatever still has a temporary name when a server starts was never finished and is removed.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kaggle_local.errors import ApiError, BadState, FolderInUse
from kaggle_local.handles import Handle

FORMAT = 1
_UNFINISHED = ".unfinished-"
_DEEPEST_UNFINISHED = 5  # kind/owner/slug/versions/3/: below that lie the users' own files


class Store:
    """The folders of one state folder, and the locks over them.

    Args:
        root: The state folder; made on `open()` where it does not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.blobs = self.root / "blobs"
        self.datasets = self.root / "datasets"
        self.kernels = self.root / "kernels"
        self.scratch = self.root / "scratch"
        self.trash = self.root / "trash"
        self._locks: dict[str, threading.RLock] = {}
        self._process_lock = -1
        self._key = b""

    def open(self) -> None:
        """Take the folder for this process and clear away what was never finished.

        Raises:
            FolderInUse: Another server has it.
            BadState: The folder holds other things, or cannot be written.
        """
        try:
            self._claim()
        except OSError as error:
            raise BadState(f"the state folder {self.root} cannot be used: {error}") from error
        for depth in range(_DEEPEST_UNFINISHED + 1):
            for leftover in self.root.glob("*/" * depth + f"{_UNFINISHED}*"):
                remove_tree(leftover)
        remove_tree(self.scratch)
        self.scratch.mkdir()
        self.empty_trash()

    def _claim(self) -> None:
        marker = self.root / "kaggle-local.json"
        if self.root.is_dir() and not _may_hold_state(self.root):
            raise BadState(
                f"{self.root} holds other files: name a new or empty folder for the state"
            )
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock_process()
        if not marker.exists():
            write_json(marker, {"format": FORMAT, "key": secrets.token_hex(16)})
        state = read_json(marker)
        if state.get("format") != FORMAT or not isinstance(state.get("key"), str):
            raise BadState(f"{marker} must have format {FORMAT} and a key, received {state}")
        self._key = state["key"].encode()
        for folder in (self.blobs, self.datasets, self.kernels, self.scratch, self.trash):
            folder.mkdir(exist_ok=True)

    def _lock_process(self) -> None:
        self._process_lock = os.open(self.root / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._process_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"another server already serves {self.root}") from None

    def lock(self, what: object) -> threading.RLock:
        """Give the lock that guards `what` (a handle, a token) within this process."""
        return self._locks.setdefault(str(what), threading.RLock())

    def of(self, kind: Path, handle: Handle) -> Path:
        """Give the folder of a dataset or kernel; handles are checked names, so it stays inside."""
        return kind / handle.owner / handle.slug

    def signature(self, text: str) -> str:
        """Sign `text` with the key of this state folder, the same after every restart."""
        return hmac.new(self._key, os.fsencode(text), hashlib.sha256).hexdigest()[:32]

    @property
    def token(self) -> str:
        """The one access token: it looks like no file name and no real token."""
        return f"kaggle-local-{self.signature('token')}"

    def discard(self, folder: Path) -> None:
        """Take a folder out of sight at once; running kernels that mount it keep it until later."""
        if folder.exists():
            folder.rename(self.trash / secrets.token_hex(8))

    def empty_trash(self) -> None:
        """Remove for good what was discarded; only while no kernel runs."""
        for entry in self.trash.iterdir():
            remove_tree(entry)


def _may_hold_state(root: Path) -> bool:
    # Without the marker there is at most what a server killed in its first instant leaves.
    names = [entry.name for entry in root.iterdir()]
    return "kaggle-local.json" in names or all(
        name == "server.lock" or name.startswith(_UNFINISHED) for name in names
    )


def unfinished_name(parent: Path) -> Path:
    """Name something new in `parent` that a restart removes unless it is renamed."""
    return parent / f"{_UNFINISHED}{secrets.token_hex(8)}"


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


def stable_id(kind: str, handle: Handle) -> int:
    """Derive the numeric id of a dataset or kernel from its handle: the same on every machine."""
    return int(hashlib.sha256(f"{kind}:{handle}".encode()).hexdigest()[:7], 16) + 1


def now() -> float:
    """Seconds since the epoch."""
    return time.time()
