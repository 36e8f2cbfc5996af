"""Errors of requests to Kaggle by HTTP status, and when a request is repeated."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from json import JSONDecodeError
from typing import TypeVar

import requests

from deepcolor.errors import DeepColorError

ATTEMPTS = 6
LONGEST_WAIT, LONGEST = 600.0, 3600.0  # seconds of one wait, and of all together
TELL_WAIT, TELL_ATTEMPT = 5.0, 3  # seconds, number: the user hears of longer waits, later attempts
CONFLICT, TOO_MANY = 409, 429  # HTTP statuses
TRANSIENT = {408, TOO_MANY, *range(500, 600)}
LATER = "Run the same command again later: it continues where it stopped."
LOGIN = "Create an API token in your Kaggle account's settings and save it as the page says."
ADVICE = {
    401: LOGIN,
    403: "It belongs to another user, or does not exist: check the owner in its name; to stage the "
    "chain under your own name, use `deepcolor stage --owner NAME`.",
    404: "It does not exist, or is private to another user: check the owner in its name.",
    CONFLICT: "Another kernel or dataset has this title or slug, or the two do not agree: change "
    "the `title` or the `id` in the metadata file.",
}
T = TypeVar("T")


class KaggleError(DeepColorError):
    """A request to Kaggle failed; `status` is the HTTP status, or None without a response."""

    def __init__(self, message: str, status: int | None = None):
        super().__init__(message)
        self.status = status

    @property
    def not_found(self) -> bool:
        """Whether it does not exist or is private to another user: Kaggle says 403 to both."""
        return self.status in (403, 404)


class TransientError(KaggleError):
    """A request that may succeed `retry_after` seconds later, when it is repeated."""

    retry_after = 0.0


class MissingInputError(KaggleError):
    """A kernel was pushed, and runs without one of its inputs."""


@contextmanager
def kaggle_errors(action: str) -> Iterator[None]:
    """Turn the errors of `kaggle` and `requests` into `KaggleError`: "ACTION failed..."."""
    try:
        yield
    except requests.HTTPError as error:
        raise _http_error(action, error) from error
    except (requests.RequestException, JSONDecodeError) as error:
        reason = "Kaggle cannot be reached, or its response is broken"
        raise TransientError(f"{action} failed: {reason} ({error})\n{LATER}") from error
    except ValueError as error:  # `kaggle` checks metadata before it sends them
        raise KaggleError(f"{action} failed: {error}") from error


def _http_error(action: str, error: requests.HTTPError) -> KaggleError:
    status = error.response.status_code
    message = f"{action} failed with status {status}: {error}"
    if status not in TRANSIENT:
        return KaggleError("\n".join(filter(None, [message, ADVICE.get(status)])), status)
    transient = TransientError(f"{message}\n{LATER}", status)
    seconds = error.response.headers.get("Retry-After", "")
    transient.retry_after = min(float(seconds), LONGEST_WAIT) if seconds.isdecimal() else 0.0
    return transient


@dataclass
class Retry:
    """Repeats requests that a transient fault hits.

    `delay` in seconds doubles each time; `tell` takes a sentence for the user about a long wait.
    """

    delay: float
    tell: Callable[[str], None] = lambda sentence: None

    def __call__(self, action: str, request: Callable[[], T]) -> T:
        """Send a request that may be repeated, at most `ATTEMPTS` times.

        While Kaggle answers "too many requests", it is repeated for an hour.
        """
        failures = waited = 0.0
        for attempt in count():
            try:
                with kaggle_errors(action):
                    return request()
            except TransientError as error:
                failures += error.status != TOO_MANY
                if failures == ATTEMPTS or waited > LONGEST:
                    raise
                waited += self.wait(min(attempt, ATTEMPTS), error)
        raise AssertionError

    def wait(self, attempt: int, error: KaggleError | None = None) -> float:
        """Wait before the next attempt, as long as the service asks at least; return seconds."""
        seconds: float = max(self.delay * 2**attempt, getattr(error, "retry_after", 0.0))
        if error and (seconds >= TELL_WAIT or attempt >= TELL_ATTEMPT):
            self.tell(f"{str(error).splitlines()[0]}; trying again in {seconds:.0f} s")
        time.sleep(seconds)
        return seconds
