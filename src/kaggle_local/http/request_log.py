"""The log of requests, and the time of the last one."""

import contextlib
import json
import logging
import threading
import time
from pathlib import Path

from flask import Response, request

from kaggle_local.state.store import now

UNKNOWN_FIELDS = "kaggle_local.unknown"
_LOGGER = logging.getLogger(__name__)


class RequestLog:
    """Appends time, method, path, status and unknown fields of every request to a file.

    Headers and bodies are not logged, so no credential is.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._active = 0
        self._last = time.monotonic()

    def idle_since(self) -> float:
        """Return the monotonic time of the last request's end, or the current one during one."""
        with self._lock:
            return time.monotonic() if self._active else self._last

    def begin(self) -> None:
        """Count a new request."""
        with self._lock:
            self._active += 1

    def end(self, response: Response) -> Response:
        """Log the current request, which stays active until its response is sent."""
        entry = {"time": now(), "method": request.method, "path": request.path}
        entry["status"] = response.status_code
        if unknown := request.environ.get(UNKNOWN_FIELDS):
            entry["unknown"] = unknown
            _LOGGER.warning("%s has fields unknown to kagglesdk: %s", request.path, unknown)
        # A full disk must not prevent reads.
        with self._lock, contextlib.suppress(OSError):
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
        response.call_on_close(self._close)
        return response

    def _close(self) -> None:
        with self._lock:
            self._active -= 1
            self._last = time.monotonic()
