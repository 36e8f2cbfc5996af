"""The routes: JSON, errors and files over HTTP. The rules are in `api`."""

import json
import logging
import time
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from itertools import count
from typing import IO, Any
from urllib.parse import urlsplit

from flask import Flask, Response, request, send_file
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter
from werkzeug.wsgi import FileWrapper

from kaggle_local.api.registry import ANONYMOUS, Api
from kaggle_local.api.serialization import Redirect, decode, unknown_fields
from kaggle_local.errors import ApiError, LocalKaggleError
from kaggle_local.http.request_log import UNKNOWN_FIELDS, RequestLog
from kaggle_local.state.files import is_disk_full
from kaggle_local.state.kernels import KernelVersion
from kaggle_local.state.logs import follow_log, read_log

_OWN_HOSTS = ("localhost", "127.0.0.1")
_LARGEST_JSON, _LARGEST_ANONYMOUS = 64 << 20, 64 << 10  # bytes
# As reported: of every so many reads the last few are too many, and a log ends after seconds.
_READS = ("Get", "List", "Download")
_BURST_EVERY, _BURST, _STREAM_SECONDS = 25, 4, 1.0
_REQUESTS = count()
_CHUNK = 1 << 20  # werkzeug's own 8 kB give eight parallel clients a third of the speed
_LOGGER = logging.getLogger(__name__)


class _AnyPath(PathConverter):
    regex = "(?s:[^/].*?)"  # also with line breaks, which file names may have


def create_app(api: Api, request_log: RequestLog) -> Flask:
    """Make the WSGI application."""
    app = Flask(__name__)
    app.url_map.converters["path"] = _AnyPath
    app.register_error_handler(Exception, _handle_error)
    app.before_request(request_log.begin)
    app.before_request(partial(_refuse_other_servers, urlsplit(api.url).port))
    app.after_request(request_log.end)

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"root": str(api.store.root), "user": api.user}

    @app.post("/api/v1/<service>/<method>")
    def call(service: str, method: str) -> Response:
        return _call(api, f"{service}/{method}")

    @app.get("/api/v1/kernels/logs/stream/<owner>/<slug>")
    def stream(owner: str, slug: str) -> Response:
        _require_login(api)
        return _stream_log(api, owner, slug)

    @app.put("/upload/<token>")
    def upload(token: str) -> Response:
        return _upload(api, token)

    @app.get("/files/<signature>/<path:relative>/as/<name>")
    def file(signature: str, relative: str, name: str) -> Response:
        path = api.urls.resolve(signature, relative)
        request.environ["wsgi.file_wrapper"] = _in_large_chunks
        plain = "".join(character if character.isprintable() else "_" for character in name)
        return send_file(path, download_name=plain, mimetype="application/octet-stream")

    return app


def _refuse_other_servers(own_port: int | None) -> None:
    address = urlsplit(f"//{request.host}")
    if address.hostname not in _OWN_HOSTS:
        raise ApiError(
            403, f"the stand-in is not a proxy: it serves localhost only, not '{address.hostname}'"
        )
    if address.port not in (None, 80, own_port):
        raise ApiError(
            400,
            f"the stand-in is not the server on port {address.port}: reach that one as "
            f"127.0.0.1:{address.port}, not as {request.host}",
        )


def _require_login(api: Api) -> None:
    login = request.authorization
    if login is None:
        raise ApiError(401, "the request has no token")
    secret = login.token if login.type == "bearer" else login.password
    api.auth.require_login(login.type, login.username or "", secret or "")


def _call(api: Api, name: str) -> Response:
    call = api.calls.get(name)
    if call is None:
        raise ApiError(400, f"the local stand-in for Kaggle does not implement {name}")
    reads = api.reported and name.partition("/")[2].startswith(_READS)
    if reads and next(_REQUESTS) % _BURST_EVERY >= _BURST_EVERY - _BURST:
        raise ApiError(429, "Too many requests")
    anonymous = request.authorization is None and name in ANONYMOUS
    if not anonymous:
        _require_login(api)
    _check_length(_LARGEST_ANONYMOUS if anonymous else _LARGEST_JSON)
    body: Any = request.get_json(force=True, silent=True)
    decoded = decode(call.request_type, body)
    request.environ[UNKNOWN_FIELDS] = unknown_fields(call.request_type, body)
    if anonymous:
        api.require_public(name, decoded)
    answer = call.handler(decoded)
    if isinstance(answer, Redirect):
        return Response(status=HTTPStatus.FOUND, headers={"Location": answer.url})
    return _json(answer if isinstance(answer, dict) else answer.to_dict())


def _check_length(most: int) -> None:
    # A chunked body has no length: it could be endless, and no client sends one.
    if request.content_length is None:
        raise ApiError(411, "the request must have a 'Content-Length'")
    if request.content_length > most:
        raise ApiError(413, f"the body must have at most {most} bytes")


def _upload(api: Api, token: str) -> Response:
    progress = api.uploads.receive(token, request.stream, request.headers.get("Content-Range"))
    if progress.complete:
        return _json({})
    response = Response(status=HTTPStatus.PERMANENT_REDIRECT)
    if progress.size:
        response.headers["Range"] = f"bytes=0-{progress.size - 1}"
    return response


def _stream_log(api: Api, owner: str, slug: str) -> Response:
    version = api.kernels.find_version(owner, slug, request.args.get("versionLabel", ""))
    if version.session.state.is_over:
        return Response(read_log(version.log), mimetype="application/json")
    return Response(_log_events(version, api.reported), mimetype="text/event-stream")


def _log_events(version: KernelVersion, reported: bool) -> Iterator[str]:
    started = time.monotonic()
    for entry in follow_log(version.log, lambda: version.session.state.is_over):
        if reported and time.monotonic() > started + _STREAM_SECONDS:
            return
        # Without a regular comment, the server would not notice that a client has left.
        yield f"data: {entry}\n\n" if entry else ": waiting\n\n"
    yield "data: END_OF_LOG\n\n"


def _in_large_chunks(file: IO[bytes], size: int = 0) -> FileWrapper:
    return FileWrapper(file, _CHUNK)


def _handle_error(error: Exception) -> Response:
    if isinstance(error, ApiError):
        return _error(error.code, error.message)
    if isinstance(error, HTTPException):
        code = error.code or 500
        place = f"{request.method} {request.path}"
        message = f"the local stand-in has nothing at {place}: {error.name}"
        return _error(400 if code in (404, 405) else code, message)
    if isinstance(error, RecursionError):
        return _error(400, "the body is nested too deeply")
    if is_disk_full(error):
        return _error(507, f"the disk of the stand-in is full: {error}")
    if isinstance(error, LocalKaggleError):
        return _error(500, str(error))
    _LOGGER.exception("%s %s failed", request.method, request.path)
    return _error(500, f"the local stand-in failed: {type(error).__name__}: {error}")


def _error(code: int, message: str) -> Response:
    response = _json({"code": code, "message": message}, code)
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "1"
    return response


def _json(value: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, mimetype="application/json")
