"""Errors that the service reports to its client."""

from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from deepcolor.web.texts import texts


class RequestError(Exception):
    """A request that fails with an HTTP status.

    The message is the text `error-CODE`, filled with `values`. After `retry_after` seconds a retry
    may succeed.
    """

    def __init__(self, status: int, code: str, retry_after: int | None = None, **values: object):
        super().__init__(code)
        self.status = status
        self.code = code
        self.values = values
        self.headers = {"Retry-After": str(retry_after)} if retry_after else {}

    def message(self, language: str) -> str:
        """Return the message for people."""
        return texts(language)[f"error-{self.code}"].format(**self.values)


class VisitorGoneError(Exception):
    """The client closed the connection."""


def to_request_error(error: Exception) -> RequestError:
    """Translate any error of a request handler."""
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


def validation_message(errors: Any) -> str:
    """Summarize pydantic's list of errors in one line."""
    parts = []
    for error in errors:
        name = ".".join(str(part) for part in error["loc"] if part not in ("query", "body"))
        parts.append(f"{name}: {error['msg']}" if name else error["msg"])
    return "; ".join(parts)
