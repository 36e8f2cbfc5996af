"""Addresses of files: signed, so that only what the server handed out can be fetched."""

import hmac
import os
from pathlib import Path
from urllib.parse import quote

from kaggle_local.errors import ApiError
from kaggle_local.state.files import inside
from kaggle_local.state.store import Store


class Redirect:
    """The answer of a call that sends the client elsewhere.

    Args:
        url: Where to.
    """

    def __init__(self, url: str) -> None:
        self.url = url


class Links:
    """Makes and opens addresses of files below the state folder.

    Args:
        store: The state folder.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def url(self, path: Path, called: str = "") -> str:
        """Make the address of a file.

        The client is not known to be logged in when it fetches a file, so the address itself is
        the secret. It names no port: it stays good when the server comes back on another one.

        Args:
            path: A file below the state folder.
            called: The name to save it under, if not its own.

        Returns:
            `http://localhost/files/<signature>/<path>/as/<name>`.
        """
        relative = path.relative_to(self._store.root).as_posix()
        signature = self._store.signature(f"file:{relative}")
        name = quote(os.fsencode(called or path.name))
        return f"http://localhost/files/{signature}/{quote(os.fsencode(relative))}/as/{name}"

    def redirect(self, path: Path, called: str = "") -> Redirect:
        """Send the client to a file."""
        return Redirect(self.url(path, called))

    def open(self, signature: str, relative: str) -> Path:
        """Find the file behind an address.

        Raises:
            ApiError: 403 where the signature is not ours, 404 where the file is gone.
        """
        if not hmac.compare_digest(signature, self._store.signature(f"file:{relative}")):
            raise ApiError(403, "this file address was not handed out by this server")
        return inside(self._store.root, relative)
