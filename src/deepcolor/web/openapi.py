"""Parts of the OpenAPI description that FastAPI cannot derive from the routes."""

from typing import Any

from pydantic import BaseModel

from colorization.data.photo_formats import PILLOW_FORMATS
from deepcolor.web.params import WRITABLE

ABOUT: dict[str, Any] = {
    "title": "Deep Colorization",
    "summary": "Colors for black-and-white photos.",
    "description": "The service keeps photos in memory only: it neither stores nor logs them. "
    "Messages are in English, or in French if Accept-Language prefers it.",
    "license_info": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}


class ErrorBody(BaseModel):
    """Reason of an error."""

    code: str
    message: str


_ERRORS = {
    403: "A browser sends this request for the page of another site.",
    408: "The body did not arrive in time.",
    413: "The body has too many bytes, or the photo has too many pixels.",
    415: "The body is not an image of a supported format, or has the wrong content type.",
    422: "The photo is damaged or missing, or a parameter has a value that is not allowed.",
    429: "This address has too many requests in progress. Retry after Retry-After seconds.",
    503: "The service is busy, or the photo took too long. Retry after Retry-After seconds.",
}
ERRORS: dict[int | str, Any] = {
    status: {"model": ErrorBody, "description": text} for status, text in _ERRORS.items()
}

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "required": ["photo"],
        "properties": {"photo": {"type": "string", "format": "binary"}},
    }
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"A photo ({', '.join(PILLOW_FORMATS)}), raw or in a form. "
        "Form fields override query parameters of the same name.",
        "content": {
            "image/*": _BINARY,
            "application/octet-stream": _BINARY,
            "multipart/form-data": _FORM,
        },
    }
}
PHOTO: dict[int | str, Any] = {
    200: {
        "description": "The color photo, of the same size and with the same metadata.",
        "content": {form.media_type: _BINARY for form in WRITABLE.values()},
    }
}
MAPS: dict[int | str, Any] = {
    200: {
        "description": "A NumPy file: (maps, h, w, 2) int16, a and b of Lab in units of 1/128, "
        "for a small copy of the photo.",
        "content": {"application/octet-stream": _BINARY},
    }
}
