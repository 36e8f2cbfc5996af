"""What comes in: a line a request, and whether anything is under way."""

import contextlib
import json
import logging
import threading
from pathlib import Path

from flask import Response, request

from kaggle_local.state.store import now

UNKNOWN = "kaggle_local.unknown"
_LOGGER = logging.getLogger(__name__)


class Traffic:
    """Writes `requests.jsonl`: time, method, path and status, and fields the client has newly got.

    Neither headers nor bodies are kept, so no credential is.

    Args:
        path: The file; appended to.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._under_way = 0
        self._last = now()

    def idle_since(self) -> float:
        """Tell when the last request ended: now, while one is under way."""
        with self._lock:
            return now() if self._under_way else self._last

    def begin(self) -> None:
        """Note that a request has come."""
        with self._lock:
            self._under_way += 1

    def end(self, response: Response) -> Response:
        """Write the current request down; it is under way until its answer is sent or given up."""
        entry = {"time": now(), "method": request.method, "path": request.path}
        entry["status"] = response.status_code
        if unknown := request.environ.get(UNKNOWN):
            entry["unknown"] = unknown
            _LOGGER.warning("%s has fields unknown to kagglesdk: %s", request.path, unknown)
        # On a full disk what is stored can still be read.
        with self._lock, contextlib.suppress(OSError):
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
        response.call_on_close(self._ended)
        return response

    def _ended(self) -> None:
        with self._lock:
            self._under_way -= 1
            self._last = now()
