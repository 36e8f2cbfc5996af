"""Serving the files that the page loads."""

import mimetypes
import os
from pathlib import Path

from fastapi import Response
from starlette.datastructures import Headers
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from deepcolor.web.pages import GRAPH, STATIC, assets, compress

# Do not depend on the tables of the operating system.
for media_type, suffix in (
    ("application/octet-stream", ".onnx"),
    ("application/wasm", ".wasm"),
    ("text/javascript", ".js"),
    ("text/javascript", ".mjs"),
):
    mimetypes.add_type(media_type, suffix)
PRECOMPRESSED = {".onnx", ".wasm"}  # GZipMiddleware would compress them at every request
MAX_PRECOMPRESSED = 20 << 20  # bytes; larger graphs have float weights, which hardly compress


class PageFiles(StaticFiles):
    """Serves the page's files, `graph` as `GRAPH`; large ones are compressed once, at the start."""

    def __init__(self, graph: Path | None = None):
        super().__init__(directory=STATIC)
        # Browsers that show a single photo ask for /favicon.ico.
        self._aliases = {"favicon.ico": STATIC / "icon.svg"} | ({GRAPH: graph} if graph else {})
        files = [*assets().values(), *self._aliases.values()]
        self._compressed = {str(file): compress(file) for file in files if _is_precompressed(file)}

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file; `GRAPH` may lie in any folder."""
        if file := self._aliases.get(path):
            return str(file), file.stat()
        return super().lookup_path(path)

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Return a file, its compressed copy, or 304 Not Modified."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "no-cache"
        content = self._compressed.get(str(full_path))
        if content is None:
            return response
        response.headers.add_vary_header("Accept-Encoding")
        accepted = Headers(scope=scope).get("accept-encoding", "")
        if response.status_code != 200 or "gzip" not in accepted:
            return response
        kept = ("cache-control", "content-type", "etag", "last-modified", "vary")
        headers = {name: response.headers[name] for name in kept}
        return Response(content, headers=headers | {"Content-Encoding": "gzip"})


def _is_precompressed(file: Path) -> bool:
    return file.suffix in PRECOMPRESSED and file.stat().st_size <= MAX_PRECOMPRESSED
