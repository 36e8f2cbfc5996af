"""Uploaded files: one token per file, and bytes that may arrive in several attempts.

`blobs/<token>/` has `blob.json` (name and size), `part` while bytes arrive, `data` in the end.
"""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kaggle_local.errors import ApiError
from kaggle_local.state.files import (
    atomic_path,
    is_disk_full,
    is_plain_name,
    read_json,
    require_free_space,
    write_json,
)
from kaggle_local.state.store import Store, now
from kaggle_local.state.trees import remove_tree

KEPT_SECONDS = 7 * 24 * 3600  # even after use: the client resumes an upload for six days
_CHUNK = 1 << 20
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class UploadProgress:
    """The progress of an upload."""

    complete: bool
    size: int  # bytes that have arrived


class Uploads:
    """All uploads of a state folder."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, name: str, size: int) -> str:
        """Announce a file of `size` bytes and return its upload token."""
        if not is_plain_name(name):
            raise ApiError(400, f"'name' must be a plain file name, received '{name}'")
        require_free_space(self._store.uploads, size, name)
        token = secrets.token_hex(16)
        with atomic_path(self._store.uploads / token) as folder:
            folder.mkdir()
            write_json(folder / "blob.json", {"name": name, "size": size})
        return token

    def receive(self, token: str, body: IO[bytes], content_range: str | None) -> UploadProgress:
        """Store bytes of an upload, which may end early, and report its progress.

        The header `Content-Range` says which: None for the whole file, `bytes A-B/N` to continue
        at byte A, `bytes */N` to ask only for the progress.

        Raises:
            ApiError: The token is unknown, the range is malformed, or there are more bytes than
                announced.
        """
        folder = self._folder(token)
        with self._store.lock(token):
            start = _start_of(content_range)
            progress = _progress(folder)
            if start is None or progress.complete or start > progress.size:
                return progress
            part, size = folder / "part", int(read_json(folder / "blob.json")["size"])
            try:
                _append(part, body, start, size)
            except OSError as error:
                if is_disk_full(error):
                    # A partial file that cannot be completed would keep the disk full.
                    part.unlink()
                raise
            if part.stat().st_size == size:
                part.chmod(0o444)
                part.rename(folder / "data")
            return _progress(folder)

    def file(self, token: str) -> tuple[str, Path]:
        """Return the announced name and the read-only bytes of a complete upload."""
        folder = self._folder(token)
        name = str(read_json(folder / "blob.json")["name"])
        if not (folder / "data").exists():
            raise ApiError(400, f"the upload of '{name}' is not complete: send it again")
        return name, folder / "data"

    def remove_expired(self) -> None:
        """Remove uploads that no client resumes any more; datasets keep their hard links."""
        for folder in self._store.uploads.iterdir():
            if folder.stat().st_mtime < now() - KEPT_SECONDS:
                remove_tree(folder)

    def _folder(self, token: str) -> Path:
        folder = self._store.uploads / token
        if not _TOKEN.fullmatch(token) or not folder.is_dir():
            raise ApiError(404, f"there is no upload with the token '{token[:40]}'")
        return folder


def _progress(folder: Path) -> UploadProgress:
    for name in ("data", "part"):
        if (folder / name).exists():
            return UploadProgress(name == "data", (folder / name).stat().st_size)
    return UploadProgress(False, 0)


def _start_of(content_range: str | None) -> int | None:
    if content_range is None:
        return 0
    match = _RANGE.fullmatch(content_range.strip())
    if not match:
        raise ApiError(400, f"'Content-Range' must be bytes A-B/N, received '{content_range}'")
    return int(match[1]) if match[1] else None


def _append(part: Path, body: IO[bytes], start: int, size: int) -> None:
    with part.open("r+b" if part.exists() else "w+b") as file:
        file.truncate(start)
        file.seek(start)
        while chunk := body.read(_CHUNK):
            if file.tell() + len(chunk) > size:
                raise ApiError(400, f"the upload is longer than the {size} bytes announced")
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
