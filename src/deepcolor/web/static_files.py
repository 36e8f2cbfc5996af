"""Serving the page's files: compressed once, checked again by browsers, never listed."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from deepcolor.web.pages import GRAPH, MEDIA_TYPES, STATIC, Mode, assets, compressed, pages

COMPRESSED = {".css", ".js", ".mjs", ".onnx", ".svg", ".wasm"}
LARGEST_COMPRESSED = 20 << 20  # bytes; networks are larger, and hardly compress


class Files:
    """Answers requests for files.

    Args:
        mode: Of the page.
        graph: File to serve as `GRAPH`, or None.
    """

    def __init__(self, mode: Mode, graph: Path | None = None):
        self._pages = pages(mode)
        # Browsers that show a photo by itself ask for an icon by this name.
        self._files = assets() | {"favicon.ico": STATIC / "icon.svg"}
        if graph:
            self._files[GRAPH] = graph

    async def answer(self, request: Request, path: str) -> Response:
        """Return a file.

        Args:
            request: Of the browser.
            path: Of the file beside the page.

        Raises:
            HTTPException: 404 if there is none.
        """
        if path in self._pages:
            return HTMLResponse(self._pages[path], headers={"Cache-Control": "no-cache"})
        if path not in self._files:
            raise HTTPException(404)
        file = self._files[path]
        headers = {"Cache-Control": "no-cache", "ETag": _tag(file), "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        media_type = MEDIA_TYPES.get(file.suffix, "text/plain; charset=utf-8")
        if not _is_compressed(request, file):
            return FileResponse(file, headers=headers, media_type=media_type)
        content = await run_in_threadpool(compressed, file)
        return Response(
            content, headers=headers | {"Content-Encoding": "gzip"}, media_type=media_type
        )


def _is_compressed(request: Request, file: Path) -> bool:
    accepted = "gzip" in request.headers.get("accept-encoding", "")
    small = file.stat().st_size <= LARGEST_COMPRESSED
    return accepted and small and file.suffix in COMPRESSED


@cache
def _tag(file: Path) -> str:
    return f'W/"{hashlib.sha256(file.read_bytes()).hexdigest()[:32]}"'
