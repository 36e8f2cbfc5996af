"""Requests that change something on the service, repeated only if they had no effect."""

import time
from collections.abc import Callable
from itertools import count
from typing import TypeVar

from deepcolor.kaggle.client import KaggleClient
from deepcolor.kaggle.request_errors import (
    ATTEMPTS,
    CONFLICT,
    LATER,
    LONGEST,
    TOO_MANY,
    KaggleError,
    MissingInputError,
    TransientError,
)

VISIBLE = 8  # polls until what a failed request may have changed is taken to be unchanged
T = TypeVar("T")


def act_until_visible(
    client: KaggleClient, check: Callable[[], T | None], act: Callable[[], None], what: str
) -> T:
    """Act until a check finds the effect of it, and return what the check found.

    What the service accepted is not sent again: it may take long to become visible. A fault may
    hide that an action succeeded, so the check decides whether it is repeated.

    Args:
        client: Client that the action uses.
        check: Returns None while there is no effect.
        act: Sends a request once.
        what: Name of what is changed, for the error.

    Raises:
        KaggleError: If the service refuses the action, or its effect does not show.
    """
    started, conflicts = time.monotonic(), 0
    for attempt in count():
        error = _error_of(act)
        if (found := wait_for(client, check, _patience(client, error))) is not None:
            return found
        if error is None:
            raise KaggleError(f"{what} does not show what was sent\n{LATER}")
        conflicts += error.status == CONFLICT
        busy = error.status == TOO_MANY and time.monotonic() < started + LONGEST
        again = isinstance(error, TransientError) and attempt < ATTEMPTS
        if not (busy or again or (error.status == CONFLICT and conflicts == 1)):
            raise error
        client.retry.wait(min(attempt, ATTEMPTS), error)
    raise AssertionError


def wait_for(client: KaggleClient, check: Callable[[], T | None], seconds: float) -> T | None:
    """Repeat a check, less and less often, until it returns something; None if it does not."""
    deadline = time.monotonic() + seconds
    for number in count():
        if (found := check()) is not None or time.monotonic() > deadline:
            return found
        client.retry.wait(min(number, ATTEMPTS))
    return None


def _error_of(act: Callable[[], None]) -> KaggleError | None:
    try:
        act()
    except MissingInputError:
        raise  # the push took effect: the kernel runs without the input
    except KaggleError as error:
        return error
    return None


def _patience(client: KaggleClient, error: KaggleError | None) -> float:
    """Return the seconds within which an action must show its effect; `error` is its error."""
    if error is None:
        return LONGEST
    # Something that exists already may be what an earlier request made, not visible yet.
    uncertain = isinstance(error, TransientError) or error.status == CONFLICT
    return VISIBLE * client.poll if uncertain and error.status != TOO_MANY else 0
