"""The one exception that a user is meant to read."""

from collections.abc import Iterator
from contextlib import contextmanager


class DeepColorError(Exception):
    """Something that the user can mend; its message says what and how. Shown without traceback."""


@contextmanager
def user_errors(*errors: type[Exception]) -> Iterator[None]:
    """Tell the user of errors whose message says enough.

    Args:
        *errors: Their types.

    Raises:
        DeepColorError: With the message of the error that occurred.
    """
    try:
        yield
    except errors as error:
        raise DeepColorError(str(error)) from error
