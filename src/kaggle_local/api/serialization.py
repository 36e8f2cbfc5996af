"""Conversions between JSON and the request and response classes of kagglesdk."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kagglesdk.kaggle_object import KaggleObject

from kaggle_local.errors import ApiError

PAGE_SIZE = 20  # as on Kaggle
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can name half a character, which is no text


@dataclass(frozen=True)
class Redirect:
    """The answer of a call that sends the client to another URL."""

    url: str


def decode(kind: Any, body: Any) -> Any:
    """Make a request of the kagglesdk class `kind` from JSON, or raise a 400 `ApiError`."""
    if not isinstance(body, Mapping):
        raise ApiError(400, f"the body must be a JSON object, received {type(body).__name__}")
    for name, field, value in _walk(kind, body):
        if field and not _fits(field.field_type, value):
            raise ApiError(400, f"'{name}' must be {field.field_type.__name__}, received {value!r}")
        if isinstance(value, str) and _SURROGATE.search(value):
            raise ApiError(400, f"'{name}' must be text, received {value!r}")
    try:
        return kind.from_dict(body)
    except Exception as error:
        raise ApiError(400, f"the body does not fit {kind.__name__}: {error!r}") from error


def build(kind: Any, **fields: Any) -> Any:
    """Make an object of the kagglesdk class `kind`, whose constructor takes no fields."""
    item = kind()
    for name, value in fields.items():
        setattr(item, name, value)
    return item


def unknown_fields(kind: Any, body: Mapping[str, Any]) -> list[str]:
    """List the fields, such as `body.newField`, that this version of kagglesdk does not know.

    `from_dict` ignores them, so a change of the client would stay unnoticed.
    """
    return [name for name, field, _ in _walk(kind, body) if field is None]


def _walk(kind: Any, body: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any, Any]]:
    fields = {field.json_name: field for field in kind()._fields}
    for key, value in body.items():
        field = fields.get(key)
        for item in value if isinstance(value, list) else [value]:
            if field and isinstance(item, Mapping) and _is_object(field.field_type):
                yield from _walk(field.field_type, item, f"{prefix}{key}.")
            else:
                yield prefix + key, field, item


def _is_object(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, KaggleObject)


def _fits(kind: Any, value: Any) -> bool:
    # kagglesdk accepts any JSON for these types and checks all others itself.
    if kind not in (str, int, bool, float) or value is None:
        return True
    return type(value) is kind or (kind is float and type(value) is int)


def as_datetime(seconds: float) -> datetime:
    """Convert seconds since the epoch to the naive UTC time that kagglesdk writes."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


class _Duration(timedelta):
    # kagglesdk writes only `seconds` without the days: 30 hours would become 6.
    @property
    def seconds(self) -> int:
        return int(self.total_seconds())


def as_duration(duration: timedelta) -> timedelta:
    """Convert a duration to one that kagglesdk writes correctly, in whole seconds."""
    return _Duration(seconds=int(duration.total_seconds()))


def take_page(
    items: list[Any], token: str | None, size: int | None, number: int | None = None
) -> tuple[list[Any], str]:
    """Return one page of a list, and the token of the next page or "".

    With the token of an earlier page it is the next one, otherwise page `number`, from 1.
    """
    if token and not token.isdecimal():
        raise ApiError(400, f"'pageToken' must come from an earlier answer, received '{token}'")
    length = size if size and size > 0 else PAGE_SIZE
    begin = int(token) if token else (max(1, number or 1) - 1) * length
    end = begin + length
    return items[begin:end], str(end) if end < len(items) else ""
