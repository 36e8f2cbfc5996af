"""What the service's OpenAPI says beyond its routes."""

from typing import Any

from deepcolor.web.params import MEDIA_TYPES

ABOUT: dict[str, Any] = {
    "title": "Deep Colorization",
    "summary": "Colors for black-and-white photos.",
    "description": "Photos are worked on in memory and are neither kept nor logged. Messages are "
    "in English or, where Accept-Language prefers it, in French.",
    "license_info": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}

REFUSALS = {
    408: "The body did not arrive in time.",
    413: "The body has too many bytes, or the photo too many pixels.",
    415: "This is no image of a known format, or not sent as one.",
    422: "The photo is damaged or missing, or a setting is not one of those allowed.",
    429: "This address has too many requests under way; Retry-After says when to come back.",
    503: "Too much is under way, or it took too long; Retry-After says when to come back.",
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
        "description": "A photo (JPEG, PNG, WebP, TIFF, GIF, BMP or AVIF), raw or in a form. "
        "Fields of a form named like the query's settings override them.",
        "content": {
            "image/*": _BINARY,
            "application/octet-stream": _BINARY,
            "multipart/form-data": _FORM,
        },
    }
}
PHOTO: dict[int | str, Any] = {
    200: {
        "description": "The photo in color, of the same size, with its metadata.",
        "content": dict.fromkeys(MEDIA_TYPES.values(), _BINARY),
    }
}
MAPS: dict[int | str, Any] = {
    200: {
        "description": "A NumPy file: (maps, h, w, 2) int16, a and b of Lab in units of 1/128, "
        "for a small copy of the photo; from the most accurate map to the most vivid.",
        "content": {"application/octet-stream": _BINARY},
    }
}
