"""Receiving photos, raw or in a multipart form, in memory and within limits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from deepcolor.web.http_errors import RequestError, VisitorGoneError
from deepcolor.web.limits import Limits

NAME_HEADER = "x-filename"  # percent-encoded; for raw bodies
DISCARD_SECONDS = 10.0
DISCARD_BYTES = 256 << 20


@dataclass(frozen=True)
class Upload:
    """An uploaded file."""

    name: str  # given by the client: may be empty, and is not trusted
    data: bytes


async def receive_uploads(request: Request, limits: Limits) -> tuple[list[Upload], dict[str, str]]:
    """Read a raw photo, or a multipart form with files under any name and other fields.

    Returns:
        The files, and the fields by name.

    Raises:
        RequestError: 408, 413, 415 or 422.
        VisitorGoneError: If the client disconnects.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    is_form = kind == "multipart/form-data"
    if kind and not (is_form or kind.startswith("image/") or kind == "application/octet-stream"):
        raise RequestError(415, "not-a-photo-type", kind=_printable(kind))
    try:
        async with asyncio.timeout(limits.upload_seconds):
            chunks = [chunk async for chunk in _stream(request, limits)]
    except TimeoutError:
        raise RequestError(408, "slow-upload", limit=limits.upload_seconds) from None
    except ClientDisconnect:
        raise VisitorGoneError from None
    if is_form:
        return await _parse_form(request.headers, chunks, limits)
    return [Upload(unquote(request.headers.get(NAME_HEADER, "")), b"".join(chunks))], {}


async def discard_body(request: Request) -> None:
    """Read what is left of the body of a refused request, within limits on bytes and time."""
    # After a response uvicorn closes a connection that is not kept alive, unread body or not; the
    # client, still sending, then sees a broken connection instead of the message.
    size = 0
    # RuntimeError: the body was already read to its end.
    with suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(DISCARD_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > DISCARD_BYTES:
                    return


def _printable(kind: str) -> str:
    return "".join(c for c in kind[:60] if c.isprintable())


async def _stream(request: Request, limits: Limits) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.size:
        raise _too_many_bytes(limits)
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limits.size:
            raise _too_many_bytes(limits)
        yield chunk


def _too_many_bytes(limits: Limits) -> RequestError:
    return RequestError(413, "too-many-bytes", limit=f"{limits.size / (1 << 20):g}")


async def _parse_form(
    headers: Headers, chunks: list[bytes], limits: Limits
) -> tuple[list[Upload], dict[str, str]]:
    parser = MultiPartParser(headers, _consume(chunks), max_files=limits.photos, max_fields=20)
    parser.spool_max_size = limits.size + 1  # never in a temporary file
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if "Too many files" in error.message:
            raise RequestError(422, "too-many-photos", limit=limits.photos) from None
        raise RequestError(422, "bad-form", reason=error.message) from None
    except KeyError:  # raised for a missing boundary
        raise RequestError(422, "bad-form", reason="no boundary") from None
    uploads, fields = [], {}
    async with AsyncExitStack() as files:
        files.push_async_callback(form.close)
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                fields[name] = value
            elif value.filename or value.size:  # an empty input sends a nameless, empty file
                uploads.append(Upload(value.filename or "", await value.read()))
    return uploads, fields


async def _consume(chunks: list[bytes]) -> AsyncGenerator[bytes, None]:
    # Frees each chunk once the parser has copied it.
    chunks.reverse()
    while chunks:
        yield chunks.pop()
