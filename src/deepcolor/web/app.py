"""HTTP in and out of the web service: routes, refusals and what OpenAPI says of them."""

from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from deepcolor.web import openapi, processing
from deepcolor.web.colorizer import Colorizer
from deepcolor.web.drain import DrainRequestBody
from deepcolor.web.errors import RequestError
from deepcolor.web.headers import PHOTO_POLICY, SecurityHeaders
from deepcolor.web.limits import Limits
from deepcolor.web.metrics import Counting, Metrics
from deepcolor.web.pages import Mode, page, refusal_page
from deepcolor.web.params import ColorizeParams, merge_params, validation_message
from deepcolor.web.queue import RequestQueue, VisitorGoneError
from deepcolor.web.static_files import Files
from deepcolor.web.texts import preferred
from deepcolor.web.uploads import Upload, receive

FORM = "/colorize"


class ErrorBody(BaseModel):
    """Why a request was refused."""

    code: str
    message: str


def create_app(
    colorizer: Colorizer,
    limits: Limits | None = None,
    graph: Path | None = None,
    framed_by: Sequence[str] = (),
) -> ASGIApp:
    """Make the application.

    Args:
        colorizer: Computes the colors.
        limits: By default those of `Limits`.
        graph: ONNX graph from a photo to its chroma, for visitors who keep their photos on their
            device; None if there is none.
        framed_by: Origins whose pages may show this one in a frame.

    Returns:
        An ASGI application.

    Raises:
        ValueError: If `framed_by` has something else than origins.
    """
    # The pages that FastAPI offers for its documentation come from elsewhere.
    app = FastAPI(
        **openapi.ABOUT, version=version("deep-colorization"), docs_url=None, redoc_url=None
    )
    metrics = Metrics()
    mode = Mode(colorizer.temperatures, graph=graph.stat().st_size if graph else 0)
    service = _Service(colorizer, limits or Limits(), metrics, mode)
    for name, answer, content in (
        ("colorize", service.colorize, openapi.PHOTO),
        ("chroma", service.chroma, openapi.MAPS),
    ):
        app.add_api_route(
            f"/api/{name}",
            answer,
            methods=["POST"],
            response_class=Response,
            responses=content | _refusals(),
            openapi_extra=openapi.BODY,
        )
    app.add_api_route("/healthz", service.health)
    app.add_api_route("/metrics", service.exposition, response_class=PlainTextResponse)
    app.add_api_route(FORM, service.form, methods=["POST"], include_in_schema=False)
    app.add_api_route("/", service.home, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route(
        "/{path:path}",
        Files(service.mode, graph).answer,
        methods=["GET", "HEAD"],
        include_in_schema=False,
    )
    for error in (RequestError, RequestValidationError, VisitorGoneError, HTTPException, Exception):
        app.add_exception_handler(error, service.refused)
    return SecurityHeaders(Counting(DrainRequestBody(app), metrics), framed_by)


def _refusals() -> dict[int | str, Any]:
    return {
        code: {"model": ErrorBody, "description": text} for code, text in openapi.REFUSALS.items()
    }


class _Service:
    def __init__(self, colorizer: Colorizer, limits: Limits, metrics: Metrics, mode: Mode):
        self.mode = mode
        self._colorizer = colorizer
        self._limits = limits
        self._metrics = metrics
        self._workshop = RequestQueue(limits, metrics)

    async def colorize(
        self, request: Request, wishes: Annotated[ColorizeParams, Query()]
    ) -> Response:
        """Colorize a photo: the same size, the same lightness, new colors."""
        with self._workshop.place(_client(request)):
            uploads, fields = await receive(request, self._limits)
            task = partial(self._colorized, _only(uploads), merge_params(wishes, fields))
            result = await self._workshop.do(task, request.is_disconnected)
        self._metrics.colorized(result.pixels)
        return _file(result.data, result.media_type, "inline", result.name)

    async def chroma(self, request: Request) -> Response:
        """Predict the colors of a photo alone, small: what the page joins with the photo."""
        with self._workshop.place(_client(request)):
            uploads, _ = await receive(request, self._limits)
            upload = _only(uploads)
            task = partial(processing.chroma_maps, upload, self._colorizer, self._limits)
            maps = await self._workshop.do(task, request.is_disconnected)
        return Response(maps, media_type="application/octet-stream")

    async def form(self, request: Request) -> Response:
        """Answer the form of a page without JavaScript: a photo, or a ZIP of several."""
        results = []
        with self._workshop.place(_client(request)):
            uploads, fields = await receive(request, self._limits)
            if not uploads:
                raise RequestError(422, "no-photo")
            wishes = merge_params(ColorizeParams(), fields)
            for upload in uploads:
                task = partial(self._colorized, upload, wishes)
                results.append(await self._workshop.do(task, request.is_disconnected))
                self._metrics.colorized(results[-1].pixels)
        if len(results) == 1:
            return _file(results[0].data, results[0].media_type, "inline", results[0].name)
        return _file(processing.zip_results(results), "application/zip", "attachment", "photos.zip")

    def _colorized(self, upload: Upload, wishes: ColorizeParams) -> processing.Result:
        return processing.colorize_upload(upload, wishes, self._colorizer, self._limits)

    async def health(self) -> dict[str, str]:
        """Tell that the service answers."""
        return {"status": "ok"}

    async def exposition(self) -> str:
        """Tell what was counted, in Prometheus's text format."""
        return self._metrics.exposition()

    async def home(self, request: Request) -> Response:
        """Show the page, in the language that the browser prefers."""
        headers = {"Vary": "Accept-Language", "Cache-Control": "no-cache"}
        return HTMLResponse(page(_language(request), self.mode), headers=headers)

    async def refused(self, request: Request, error: Exception) -> Response:
        """Answer a request that is refused, or on which the service failed."""
        refusal = _refusal(error)
        language = _language(request)
        message = refusal.message(language)
        headers = getattr(error, "headers", None)  # Retry-After, Allow
        if request.url.path.startswith("/api/"):
            answer = ErrorBody(code=refusal.code, message=message).model_dump()
            return JSONResponse(answer, refusal.status, headers)
        return HTMLResponse(refusal_page(language, message), refusal.status, headers)


def _refusal(error: Exception) -> RequestError:
    match error:
        case RequestError():
            return error
        case RequestValidationError():
            return RequestError(422, "bad-setting", reason=validation_message(error.errors()))
        case VisitorGoneError():
            return RequestError(499, "gone")
        case HTTPException(status_code=404):
            return RequestError(404, "no-such-page")
        case HTTPException(status_code=405):
            return RequestError(405, "no-such-method")
    return RequestError(500, "failed")


def _client(request: Request) -> str:
    return request.client.host if request.client else ""


def _language(request: Request) -> str:
    return preferred(request.headers.get("accept-language", ""))


def _only(uploads: list[Upload]) -> Upload:
    if len(uploads) != 1:
        raise RequestError(422, "several-photos" if uploads else "no-photo")
    return uploads[0]


def _file(data: bytes, media_type: str, disposition: str, name: str) -> Response:
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
    return Response(
        data,
        media_type=media_type,
        headers={
            "Content-Disposition": f'{disposition}; filename="{ascii_name}"; '
            f"filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": PHOTO_POLICY,
        },
    )
