"""The state folder: its owner process, its folders, its locks and its secrets."""

import fcntl
import hashlib
import hmac
import os
import secrets
import threading
import time
from pathlib import Path

from kaggle_local.errors import BadState, FolderInUse
from kaggle_local.handles import Handle
from kaggle_local.state.files import UNFINISHED, read_json, write_json
from kaggle_local.state.trees import remove_tree

FORMAT = 1
MARKER = "kaggle-local.json"
_DEEPEST_UNFINISHED = 5  # kind/owner/slug/versions/3/: below are the users' own files


class Store:
    """A state folder; `open()` creates it and reads `token`, the same after every restart."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.uploads = self.root / "blobs"
        self.scratch = self.root / "scratch"
        self.trash = self.root / "trash"
        self._locks: dict[str, threading.RLock] = {}
        self._process_lock = -1
        self._key = b""
        self.token = ""

    def open(self) -> None:
        """Lock the folder for this process and remove what was never finished.

        Raises:
            FolderInUse: Another server uses it.
            BadState: It holds other files, or it cannot be written.
        """
        try:
            self._claim()
            self._remove_leftovers()
        except OSError as error:
            raise BadState(f"the state folder {self.root} cannot be used: {error}") from error

    def _remove_leftovers(self) -> None:
        for depth in range(_DEEPEST_UNFINISHED + 1):
            for leftover in self.root.glob("*/" * depth + f"{UNFINISHED}*"):
                remove_tree(leftover)
        remove_tree(self.scratch)
        self.scratch.mkdir()
        self.empty_trash()

    def _claim(self) -> None:
        marker = self.root / MARKER
        if self.root.is_dir() and not _may_hold_state(self.root):
            raise BadState(
                f"{self.root} holds other files: choose a new or empty folder for the state"
            )
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock_process()
        if not marker.exists():
            # The client opens a file whose name is the token, so no file has this name.
            secret = {
                "key": secrets.token_hex(16),
                "token": f"kaggle-local-{secrets.token_hex(16)}",
            }
            write_json(marker, {"format": FORMAT} | secret)
        marker.chmod(0o600)  # an earlier release let others read it
        state = read_json(marker)
        if state.get("format") != FORMAT or not {"key", "token"} <= state.keys():
            raise BadState(f"{marker} must have format {FORMAT}, a key and a token")
        self.token = str(state["token"])
        self._key = str(state["key"]).encode()
        for name in ("blobs", "datasets", "kernels", "scratch", "trash"):
            (self.root / name).mkdir(exist_ok=True)

    def _lock_process(self) -> None:
        self._process_lock = os.open(self.root / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._process_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(f"another server already uses {self.root}") from None

    def lock(self, key: object) -> threading.RLock:
        """Return the lock of `key` (such as a handle or an upload token) within this process."""
        return self._locks.setdefault(str(key), threading.RLock())

    def sign(self, text: str) -> str:
        """Sign `text` with the key of this folder; the result is the same after every restart."""
        return hmac.new(self._key, os.fsencode(text), hashlib.sha256).hexdigest()[:32]

    def discard(self, folder: Path) -> None:
        """Move a folder to the trash; running kernels that mount it keep it."""
        if folder.exists():
            folder.rename(self.trash / secrets.token_hex(8))

    def empty_trash(self) -> None:
        """Remove the trash; call it only while no kernel runs."""
        for entry in self.trash.iterdir():
            remove_tree(entry)


def _may_hold_state(root: Path) -> bool:
    # A server that was killed before it wrote the marker leaves only these.
    names = [entry.name for entry in root.iterdir()]
    return MARKER in names or all(
        name == "server.lock" or name.startswith(UNFINISHED) for name in names
    )


def stable_id(kind: str, handle: Handle) -> int:
    """Derive the numeric id of a dataset or kernel from its handle: the same on every machine."""
    return int(hashlib.sha256(f"{kind}:{handle}".encode()).hexdigest()[:7], 16) + 1


def now() -> float:
    """Return the seconds since the epoch."""
    return time.time()
