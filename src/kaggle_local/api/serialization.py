"""Between JSON and kagglesdk's own request and response classes."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from kagglesdk.kaggle_object import KaggleObject

from kaggle_local.errors import ApiError

PAGE_SIZE = 20


def decode(kind: Any, body: Any) -> Any:
    """Read a request.

    Args:
        kind: The kagglesdk request class.
        body: The decoded JSON.

    Returns:
        An instance of `kind`.

    Raises:
        ApiError: The body does not fit the class.
    """
    if not isinstance(body, Mapping):
        raise ApiError(400, f"the body must be a JSON object, received {type(body).__name__}")
    for name, field, value in _walk(kind, body):
        if field and not _fits(field.field_type, value):
            raise ApiError(400, f"'{name}' must be {field.field_type.__name__}, received {value!r}")
    try:
        return kind.from_dict(body)
    except Exception as error:
        raise ApiError(400, f"the body does not fit {kind.__name__}: {error!r}") from error


def unknown_fields(kind: Any, body: Mapping[str, Any]) -> list[str]:
    """Name the fields of a request that this version of kagglesdk does not know.

    `from_dict` passes over them in silence, so a client that has changed would go unnoticed.

    Returns:
        Dotted names, such as `body.newField`.
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
    # kagglesdk takes any JSON for these; the other kinds it reads itself, or fails.
    if kind not in (str, int, bool, float) or value is None:
        return True
    return type(value) is kind or (kind is float and type(value) is int)


def as_datetime(seconds: float) -> datetime:
    """Turn seconds since the epoch into the naive UTC time that kagglesdk writes."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


class _Duration(timedelta):
    # kagglesdk writes only `seconds`, and so forgets the days: 30 hours would become 6.
    @property
    def seconds(self) -> int:
        return int(self.total_seconds())


def as_duration(duration: timedelta) -> timedelta:
    """Make a duration that kagglesdk writes right, in whole seconds."""
    return _Duration(seconds=int(duration.total_seconds()))


def page_of(
    items: list[Any], token: str | None, size: int | None, number: int | None = None
) -> tuple[list[Any], str]:
    """Cut one page out of a list.

    Args:
        items: Everything.
        token: Where the page begins: what the page before returned, or nothing.
        size: How many items a page holds; Kaggle's 20 where nothing is asked.
        number: Which page, counted from 1, where there is no token.

    Returns:
        `(page, token)`: the items, and the token of the next page or "".

    Raises:
        ApiError: The token is not one of ours.
    """
    if token and not token.isdecimal():
        raise ApiError(400, f"'pageToken' must come from an earlier answer, received '{token}'")
    length = size if size and size > 0 else PAGE_SIZE
    begin = int(token) if token else (max(1, number or 1) - 1) * length
    end = begin + length
    return items[begin:end], str(end) if end < len(items) else ""
