"""Receiving photos: raw bodies and multipart forms, in memory and within limits."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from deepcolor.web.errors import RequestError
from deepcolor.web.limits import Limits
from deepcolor.web.queue import VisitorGoneError

NAME_HEADER = "x-filename"  # of a raw body, percent-encoded


@dataclass(frozen=True)
class Upload:
    """A photo's file.

    Attributes:
        name: As the client calls it; may be empty, and is not to be trusted.
        data: Its content.
    """

    name: str
    data: bytes


async def receive(request: Request, limits: Limits) -> tuple[list[Upload], dict[str, str]]:
    """Read the body of a request.

    Args:
        request: Raw, or a multipart form with files under any name and further fields.
        limits: On bytes, time and the number of files.

    Returns:
        The files, and the fields by name.

    Raises:
        RefusalError: 408, 413, 415 or 422.
        VisitorGoneError: If the client went away.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    is_form = kind == "multipart/form-data"
    if kind and not (is_form or kind.startswith("image/") or kind == "application/octet-stream"):
        raise RequestError(415, "not-a-photo-type", kind=_shown(kind))
    try:
        async with asyncio.timeout(limits.upload_seconds):
            parts = [part async for part in _limited(request, limits)]
    except TimeoutError:
        raise RequestError(408, "slow-upload", limit=limits.upload_seconds) from None
    except ClientDisconnect:
        raise VisitorGoneError from None
    if is_form:
        return await _form(request.headers, parts, limits)
    return [Upload(unquote(request.headers.get(NAME_HEADER, "")), b"".join(parts))], {}


def _shown(kind: str) -> str:
    return "".join(c for c in kind[:60] if c.isprintable())


async def _limited(request: Request, limits: Limits) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.size:
        raise _too_large(limits)
    received = 0
    async for part in request.stream():
        received += len(part)
        if received > limits.size:
            raise _too_large(limits)
        yield part


def _too_large(limits: Limits) -> RequestError:
    return RequestError(413, "too-many-bytes", limit=f"{limits.size / (1 << 20):g}")


async def _form(
    headers: Headers, parts: list[bytes], limits: Limits
) -> tuple[list[Upload], dict[str, str]]:
    parser = MultiPartParser(headers, _taken(parts), max_files=limits.photos, max_fields=20)
    parser.spool_max_size = limits.size + 1  # never in a temporary file
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if "Too many files" in error.message:
            raise RequestError(422, "too-many-photos", limit=limits.photos) from None
        raise RequestError(422, "bad-form", reason=error.message) from None
    except KeyError:  # of its boundary
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


async def _taken(parts: list[bytes]) -> AsyncGenerator[bytes, None]:
    # What the parser has copied is let go.
    parts.reverse()
    while parts:
        yield parts.pop()
