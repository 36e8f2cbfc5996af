"""Serving the files that the page loads."""

import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path

from fastapi import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from deepcolor.web.pages import STATIC

# Do not depend on the tables of the operating system.
for media_type, suffix in (
    ("application/manifest+json", ".webmanifest"),
    ("application/octet-stream", ".onnx"),
    ("application/wasm", ".wasm"),
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
):
    mimetypes.add_type(media_type, suffix)


class PageFiles(StaticFiles):
    """Serves the page's files, and others under names of their own.

    Large files are compressed on disk, and the page decompresses them: it can then show how much
    has arrived, and continue a download that broke off.
    """

    def __init__(self, others: Mapping[str, Path]):
        super().__init__(directory=STATIC)
        # Browsers that show a single photo ask for /favicon.ico.
        self._others = {"favicon.ico": STATIC / "icon.svg"} | dict(others)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file; the others may lie in any folder."""
        if file := self._others.get(path):
            return str(file), file.stat()
        return super().lookup_path(path)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file, or 304 Not Modified."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        return response
