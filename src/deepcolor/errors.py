"""The exception whose message is shown to the user."""

from collections.abc import Iterator
from contextlib import contextmanager


class DeepColorError(Exception):
    """An error that the user can correct; its message says how. It is shown without a traceback."""


@contextmanager
def user_errors(*errors: type[Exception]) -> Iterator[None]:
    """Turn errors of these types into a `DeepColorError` with the same message."""
    try:
        yield
    except errors as error:
        raise DeepColorError(str(error)) from error
