"""Uploads: a token per file, bytes that may arrive in several attempts, and nothing lost between.

A blob is a folder `blobs/<token>/` with `blob.json` (what was announced), `part` while bytes arrive
and `data` once all have. Blobs are kept after use: the client resumes by token for six days.
"""

import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kagglesdk.blobs.types.blob_api_service import (
    ApiStartBlobUploadRequest,
    ApiStartBlobUploadResponse,
)

from kaggle_local.errors import ApiError
from kaggle_local.state.files import (
    is_disk_full,
    is_plain_name,
    read_json,
    remove_tree,
    unfinished,
    write_json,
)
from kaggle_local.state.store import Store, now

KEPT_SECONDS = 7 * 24 * 3600
_CHUNK = 1 << 20
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Received:
    """How far an upload has come.

    Attributes:
        complete: Whether every announced byte is there.
        size: How many bytes are there.
    """

    complete: bool
    size: int


class Blobs:
    """Uploaded files, by token.

    Args:
        store: The state folder.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def start_blob_upload(self, request: ApiStartBlobUploadRequest) -> ApiStartBlobUploadResponse:
        """Announce a file: give it a token and the address to send it to."""
        name = request.name
        if not is_plain_name(name):
            raise ApiError(400, f"'name' must be a plain file name, received '{name}'")
        self._require_room(request.content_length)
        token = secrets.token_hex(16)
        folder = unfinished(self._store.blobs)
        write_json(folder / "blob.json", {"name": name, "size": request.content_length})
        folder.rename(self._store.blobs / token)
        response = ApiStartBlobUploadResponse()
        response.token = token
        response.create_url = f"http://localhost/upload/{token}"
        return response

    def _require_room(self, size: int) -> None:
        free = shutil.disk_usage(self._store.blobs).free
        if size > free:
            raise ApiError(
                507, f"the disk of the stand-in is full: {size} bytes announced, {free} free"
            )

    def receive(self, token: str, body: IO[bytes], content_range: str | None) -> Received:
        """Take bytes of an upload, or only tell how many there are.

        Args:
            token: From `start_blob_upload`.
            body: The bytes of this attempt; it may end early.
            content_range: The request's `Content-Range`: None sends the whole file, `bytes */N`
                asks how far it has come, `bytes A-B/N` goes on from byte A.

        Returns:
            How far the upload has come.

        Raises:
            ApiError: The token is unknown, the range is malformed, or more bytes came than
                were announced.
        """
        folder = self._folder(token)
        with self._store.lock(token):
            start = _start_of(content_range)
            if start is None or (folder / "data").exists():
                return self._received(folder)
            if start > self._received(folder).size:
                return self._received(folder)
            size = int(read_json(folder / "blob.json")["size"])
            try:
                _append(folder / "part", body, start, size)
            except OSError as error:
                if is_disk_full(error):
                    # Half a file that cannot be finished would keep the disk full.
                    (folder / "part").unlink()
                raise
            if (folder / "part").stat().st_size == size:
                (folder / "part").chmod(0o444)
                (folder / "part").rename(folder / "data")
            return self._received(folder)

    def _received(self, folder: Path) -> Received:
        if (folder / "data").exists():
            return Received(True, (folder / "data").stat().st_size)
        part = folder / "part"
        return Received(False, part.stat().st_size if part.exists() else 0)

    def file(self, token: str) -> tuple[str, Path]:
        """Find a complete upload.

        Args:
            token: From `start_blob_upload`.

        Returns:
            `(name, path)`: the announced file name and the read-only bytes.

        Raises:
            ApiError: The token is unknown or its bytes are not all there.
        """
        folder = self._folder(token)
        name = str(read_json(folder / "blob.json")["name"])
        if not (folder / "data").exists():
            raise ApiError(400, f"the upload of '{name}' is not complete: send it again")
        return name, folder / "data"

    def _folder(self, token: str) -> Path:
        folder = self._store.blobs / token
        if not _TOKEN.fullmatch(token) or not folder.is_dir():
            raise ApiError(404, f"there is no upload with the token '{token[:40]}'")
        return folder

    def forget_old(self) -> None:
        """Remove uploads that no client resumes any more; what datasets hold of them stays."""
        for folder in self._store.blobs.iterdir():
            if folder.stat().st_mtime < now() - KEPT_SECONDS:
                remove_tree(folder)


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
