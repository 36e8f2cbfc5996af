"""The ASGI application: routes, middleware and error responses."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from deepcolor.web import openapi, processing
from deepcolor.web.colorizer import Colorizer
from deepcolor.web.decoders import Decoders
from deepcolor.web.headers import PHOTO_POLICY, RESULTS_POLICY, SecurityHeaders
from deepcolor.web.http_errors import RequestError, VisitorGoneError, to_request_error
from deepcolor.web.limits import Limits
from deepcolor.web.metrics import CountResponses, Metrics
from deepcolor.web.origins import OnlyNamed, check_origin
from deepcolor.web.page_graph import FIRST_GRAPH, graph_inputs, page_graphs
from deepcolor.web.pages import Mode, render_error, render_page, render_results
from deepcolor.web.params import ColorizeParams, merge_params
from deepcolor.web.queue import RequestQueue
from deepcolor.web.sending import PLACES, SendInPieces
from deepcolor.web.source_archive import SOURCE_ARCHIVE, source_archive
from deepcolor.web.static_files import PageFiles
from deepcolor.web.texts import LANGUAGES, preferred_language
from deepcolor.web.uploads import Upload, discard_body, receive_uploads

# Compressed already.
NOT_GZIPPED = ("image/*", "application/octet-stream", "application/wasm", "application/zip")


def create_app(
    colorizer: Colorizer,
    limits: Limits | None = None,
    graph: Path | None = None,
    framed_by: Sequence[str] = (),
    names: Sequence[str] = (),
) -> ASGIApp:
    """Create the application.

    `graph` is an ONNX graph from a photo to its chroma; without it there is no in-browser mode.
    `framed_by` are origins whose pages may show this one in a frame. `names` are the hosts that
    requests may name; any, if there are none.

    Raises:
        ValueError: If an item of `framed_by` is not an origin.
    """
    metrics = Metrics()
    service = _Service(colorizer, limits or Limits(), metrics, graph)
    app = FastAPI(
        **openapi.ABOUT,
        version=version("deep-colorization"),
        # FastAPI's documentation pages load files from other origins.
        docs_url=None,
        redoc_url=None,
        lifespan=service.run,
    )
    _add_routes(app, service)
    for error in (RequestError, RequestValidationError, VisitorGoneError, HTTPException, Exception):
        app.add_exception_handler(error, _respond_to_error)
    compressed = GZipMiddleware(app, exclude_content_types=NOT_GZIPPED)
    counted = CountResponses(compressed, metrics)
    return SendInPieces(SecurityHeaders(OnlyNamed(counted, names) if names else counted, framed_by))


def _add_routes(app: FastAPI, service: "_Service") -> None:
    for name, handler, content in (
        ("colorize", service.colorize, openapi.PHOTO),
        ("chroma", service.chroma, openapi.MAPS),
    ):
        app.add_api_route(
            f"/api/{name}",
            handler,
            methods=["POST"],
            response_class=Response,
            responses=content | openapi.ERRORS,
            openapi_extra=openapi.BODY,
        )
    app.add_api_route("/healthz", _health)
    app.add_api_route("/metrics", service.metrics, response_class=PlainTextResponse)
    app.add_api_route("/colorize", service.colorize_form, methods=["POST"], include_in_schema=False)
    get = partial(app.add_api_route, methods=["GET", "HEAD"], include_in_schema=False)
    get("/", service.page)
    get("/{language}.html", service.page_in)
    get(f"/{SOURCE_ARCHIVE}", _source)
    get("/{path:path}", service.file)


class _Service:
    def __init__(self, colorizer: Colorizer, limits: Limits, metrics: Metrics, graph: Path | None):
        self._colorizer = colorizer
        self._limits = limits
        self._metrics = metrics
        self._queue = RequestQueue(limits, metrics)
        self._decoders = Decoders(limits)
        self._decode = partial(processing.decode_upload, decoders=self._decoders, limits=limits)
        graphs = page_graphs(graph) if graph else {}
        self._files = PageFiles(graphs)
        hints = graph is not None and "hints" in graph_inputs(graph)
        first = graphs.get(FIRST_GRAPH)
        self._mode = Mode(colorizer.temperatures, graph=graph, first_graph=first, hints=hints)

    def _admit(self, request: Request) -> None:
        """Hold a place in the queue until the response has been sent."""
        check_origin(request.headers)
        places: ExitStack = request.scope[PLACES]
        places.enter_context(self._queue.admit(_address(request)))

    @asynccontextmanager
    async def run(self, app: FastAPI) -> AsyncIterator[None]:
        """Keep the processes and threads that work for the service."""
        await asyncio.to_thread(self._decoders.start)
        yield
        self._decoders.close()
        self._queue.close()

    async def colorize(
        self, request: Request, params: Annotated[ColorizeParams, Query()]
    ) -> Response:
        """Colorize a photo: same size, same lightness, new colors."""
        self._admit(request)
        uploads, fields = await receive_uploads(request, self._limits)
        params = merge_params(params, fields)
        return _photo_response(await self._colorize(request, _single(uploads), params))

    async def chroma(self, request: Request) -> Response:
        """Predict the colors of a small copy of a photo, for the page to combine with the photo."""
        self._admit(request)
        uploads, _ = await receive_uploads(request, self._limits)
        task = partial(processing.chroma_maps, _single(uploads), self._colorizer, self._decode)
        maps = await self._queue.run(task, request.is_disconnected)
        return Response(maps, media_type="application/octet-stream")

    async def colorize_form(self, request: Request) -> Response:
        """Respond to the form of a page without JavaScript with a page of the photos in color."""
        self._admit(request)
        uploads, fields = await receive_uploads(request, self._limits)
        if not uploads:
            raise RequestError(422, "no-photo")
        params = merge_params(ColorizeParams(), fields)
        photos, refused = [], []
        for upload in uploads:
            try:
                result = await self._colorize(request, upload, params)
                photos.append((result.name, processing.data_url(result)))
            except RequestError as error:
                refused.append((upload.name, error))
        if not photos:
            raise refused[0][1]
        language = _language(request)
        messages = [f"{name}: {error.message(language)}" for name, error in refused]
        return HTMLResponse(
            render_results(language, photos, messages),
            headers={"Content-Security-Policy": RESULTS_POLICY},
        )

    async def _colorize(
        self, request: Request, upload: Upload, params: ColorizeParams
    ) -> processing.Result:
        task = partial(processing.colorize_upload, upload, params, self._colorizer, self._decode)
        result = await self._queue.run(task, request.is_disconnected)
        self._metrics.photos.inc()
        self._metrics.pixels.inc(result.pixels)
        return result

    async def metrics(self) -> Response:
        """Return the metrics in Prometheus's text format."""
        return Response(
            generate_latest(self._metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def page(self, request: Request) -> Response:
        """Return the page in the language that the browser prefers."""
        return self._page(_language(request), request, {"Vary": "Accept-Language"})

    async def page_in(self, language: str, request: Request) -> Response:
        """Return the page in a language."""
        if language not in LANGUAGES:
            raise HTTPException(404)
        return self._page(language, request, {})

    def _page(self, language: str, request: Request, headers: dict[str, str]) -> Response:
        headers = headers | {"Cache-Control": "no-cache"}
        page = render_page(language, self._mode, str(request.base_url))
        return HTMLResponse(page, headers=headers)

    async def file(self, request: Request) -> Response:
        """Return a file that the page loads."""
        return await self._files.get_response(self._files.get_path(request.scope), request.scope)


async def _health() -> dict[str, str]:
    """Report that the service is running."""
    return {"status": "ok"}


async def _source() -> Response:
    """Return the source code, as a zip."""
    return Response(await asyncio.to_thread(source_archive), media_type="application/zip")


async def _respond_to_error(request: Request, error: Exception) -> Response:
    await discard_body(request)
    reported = to_request_error(error)
    language = _language(request)
    message = reported.message(language)
    headers = getattr(error, "headers", None)  # Retry-After, Allow
    if request.url.path.startswith("/api/"):
        body = openapi.ErrorBody(code=reported.code, message=message).model_dump()
        return JSONResponse(body, reported.status, headers)
    return HTMLResponse(render_error(language, message), reported.status, headers)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _language(request: Request) -> str:
    return preferred_language(request.headers.get("accept-language", ""))


def _single(uploads: list[Upload]) -> Upload:
    if len(uploads) != 1:
        raise RequestError(422, "several-photos" if uploads else "no-photo")
    return uploads[0]


def _photo_response(result: processing.Result) -> Response:
    ascii_name = result.name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"inline; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(result.name)}"
    return Response(
        result.data,
        media_type=result.media_type,
        headers={"Content-Disposition": disposition, "Content-Security-Policy": PHOTO_POLICY},
    )
