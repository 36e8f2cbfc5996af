"""HTTP in and out: routes, JSON, errors and files. The rules are elsewhere."""

import json
import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import urlsplit

from flask import Flask, Response, request, send_file
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import FileWrapper

from kaggle_local.api.registry import Service
from kaggle_local.api.serialization import decode, unknown_fields
from kaggle_local.errors import ApiError, LocalKaggleError
from kaggle_local.http.request_log import UNKNOWN, Traffic
from kaggle_local.state.files import is_disk_full
from kaggle_local.state.kernel_version import KernelVersion
from kaggle_local.state.logs import follow_log, read_log
from kaggle_local.state.signed_urls import Redirect

_OWN_HOSTS = ("localhost", "127.0.0.1")
_LARGEST_JSON = 64 << 20
_PIECE = 1 << 20  # eight clients at once get a third of the speed with werkzeug's own 8 kB
_LOGGER = logging.getLogger(__name__)


def create_app(service: Service, traffic: Traffic) -> Flask:
    """Make the WSGI application.

    Args:
        service: Answers the calls.
        traffic: Keeps count of them.

    Returns:
        The application.
    """
    app = Flask(__name__)
    app.register_error_handler(Exception, _failed)
    app.before_request(traffic.begin)
    app.before_request(_refuse_other_hosts)
    app.after_request(traffic.end)

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"root": str(service.store.root), "user": service.user}

    @app.post("/api/v1/<name>/<method>")
    def call(name: str, method: str) -> Response:
        return _call(service, f"{name}/{method}")

    @app.get("/api/v1/kernels/logs/stream/<owner>/<slug>")
    def stream(owner: str, slug: str) -> Response:
        _require_login(service)
        return _stream(service, owner, slug)

    @app.put("/upload/<token>")
    def upload(token: str) -> Response:
        return _upload(service, token)

    @app.get("/files/<signature>/<path:relative>/as/<called>")
    def file(signature: str, relative: str, called: str) -> Response:
        path = service.links.open(signature, relative)
        request.environ["wsgi.file_wrapper"] = _in_large_pieces
        return send_file(path, download_name=called, mimetype="application/octet-stream")

    return app


def _refuse_other_hosts() -> None:
    host = urlsplit(f"//{request.host}").hostname
    if host not in _OWN_HOSTS:
        raise ApiError(403, f"this is no proxy: it answers for localhost only, not for '{host}'")


def _require_login(service: Service) -> None:
    login = request.authorization
    if login is None:
        raise ApiError(401, "the request carries no token of the stand-in")
    secret = login.token if login.type == "bearer" else login.password
    service.accounts.require_login(login.type, login.username or "", secret or "")


def _call(service: Service, name: str) -> Response:
    call = service.calls.get(name)
    if call is None:
        raise ApiError(400, f"the local stand-in for Kaggle does not implement {name}")
    if not name.endswith("/IntrospectToken"):
        _require_login(service)
    if (request.content_length or 0) > _LARGEST_JSON:
        raise ApiError(400, f"the body must not be larger than {_LARGEST_JSON} bytes")
    body: Any = request.get_json(force=True, silent=True)
    asked = decode(call.request, body)
    request.environ[UNKNOWN] = unknown_fields(call.request, body)
    answer = call.answer(asked)
    if isinstance(answer, Redirect):
        return Response(status=HTTPStatus.FOUND, headers={"Location": answer.url})
    return _json(answer if isinstance(answer, dict) else answer.to_dict())


def _upload(service: Service, token: str) -> Response:
    received = service.blobs.receive(token, request.stream, request.headers.get("Content-Range"))
    if received.complete:
        return _json({})
    response = Response(status=HTTPStatus.PERMANENT_REDIRECT)
    if received.size:
        response.headers["Range"] = f"bytes=0-{received.size - 1}"
    return response


def _stream(service: Service, owner: str, slug: str) -> Response:
    version = service.kernels.named(owner, slug, request.args.get("versionLabel", ""))
    if version.session.state.is_over:
        return Response(read_log(version.log), mimetype="application/json")
    return Response(_events(version), mimetype="text/event-stream")


def _events(version: KernelVersion) -> Iterator[str]:
    for entry in follow_log(version.log, lambda: version.session.state.is_over):
        # A comment where nothing is new: otherwise a client that has gone would never be noticed.
        yield f"data: {entry}\n\n" if entry else ": waiting\n\n"
    yield "data: END_OF_LOG\n\n"


def _in_large_pieces(file: IO[bytes], size: int = 0) -> FileWrapper:
    return FileWrapper(file, _PIECE)


def _failed(error: Exception) -> Response:
    if isinstance(error, ApiError):
        return _wrong(error.code, error.message)
    if isinstance(error, HTTPException):
        return _refused(error)
    if is_disk_full(error):
        return _wrong(507, f"the disk of the stand-in is full: {error}")
    if isinstance(error, LocalKaggleError):
        return _wrong(500, str(error))
    _LOGGER.exception("%s %s failed", request.method, request.path)
    return _wrong(500, f"the local stand-in failed: {type(error).__name__}: {error}")


def _refused(error: HTTPException) -> Response:
    code = error.code or 500
    code = 400 if code in (404, 405) else code
    message = f"the local stand-in has nothing at {request.method} {request.path}: {error.name}"
    return _wrong(code, message)


def _wrong(code: int, message: str) -> Response:
    return _json({"code": code, "message": message}, code)


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, mimetype="application/json")
