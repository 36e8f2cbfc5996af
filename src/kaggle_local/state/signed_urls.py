"""Signed URLs of files, so that clients can fetch only files that the server offered."""

import hmac
import os
from pathlib import Path
from urllib.parse import quote

from kaggle_local.errors import ApiError
from kaggle_local.state.files import resolve_inside
from kaggle_local.state.store import Store


class SignedUrls:
    """Signs and checks the URLs of files in the state folder."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def sign(self, path: Path, save_as: str = "") -> str:
        """Return the URL of a file in the state folder.

        Clients fetch files without a token, so the signature is the secret. The URL names no port,
        so it stays valid when the server restarts on another one. The client saves the file under
        its own name or as `save_as`.
        """
        relative = path.relative_to(self._store.root).as_posix()
        signature = self._store.sign(f"file:{relative}")
        name = quote(os.fsencode(save_as or path.name))
        return f"http://localhost/files/{signature}/{quote(os.fsencode(relative))}/as/{name}"

    def resolve(self, signature: str, relative: str) -> Path:
        """Return the file of a URL.

        Raises:
            ApiError: 403, the signature is wrong; 404, the file does not exist.
        """
        expected = self._store.sign(f"file:{relative}")
        if not hmac.compare_digest(os.fsencode(signature), expected.encode()):
            raise ApiError(403, "this server did not sign this file URL")
        return resolve_inside(self._store.root, relative)
