"""The log of a kernel: one `{"stream_name", "time", "data"}` object per line, as on Kaggle.

It is written line by line during the run, so it can be read at any time and survives a crash.
"""

import codecs
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LONGEST_LINE = 1 << 16
LARGEST_LOG = 64 << 20
_PARTIAL_SECONDS = 5.0
_POLL_SECONDS = 0.1


class LogWriter:
    """Appends the output of a kernel to its log.

    Of a line that carriage returns redraw (a progress bar), only the last state is kept. An
    unfinished line is logged every few seconds.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._start = time.monotonic()
        self._written = 0
        self._buffers: dict[str, _LineBuffer] = {}

    def feed(self, stream: str, data: bytes) -> None:
        """Add the next bytes of `stdout` or `stderr`; they may end within a character."""
        buffer = self._buffers.setdefault(stream, _LineBuffer())
        for text in buffer.feed(data):
            self._write(stream, text)
        self._file.flush()

    def note(self, message: str) -> None:
        """Add a message of the stand-in itself."""
        self._write("stderr", f"kaggle_local: {message}\n")
        self._file.flush()

    def close(self) -> None:
        """Write the unfinished lines and close the file."""
        for stream, buffer in self._buffers.items():
            if rest := buffer.flush():
                self._write(stream, rest)
        self._file.close()

    def _write(self, stream: str, text: str) -> None:
        if self._written > LARGEST_LOG:
            return
        elapsed = round(time.monotonic() - self._start, 3)
        entry = {"stream_name": stream, "time": elapsed, "data": text}
        if self._written + len(text) > LARGEST_LOG:
            entry["data"] = f"kaggle_local: the log is cut here, after {LARGEST_LOG} characters\n"
        self._written += len(text)
        self._file.write(json.dumps(entry) + "\n")


class _LineBuffer:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._shown_at = time.monotonic()

    def feed(self, data: bytes) -> Iterator[str]:
        *lines, rest = (self._text + self._decoder.decode(data)).split("\n")
        for line in lines:
            yield from _split(_last_state(line) + "\n")
        # A final carriage return may be the first half of a line ending.
        self._text = _last_state(rest) + ("\r" if rest.endswith("\r") else "")
        if lines:
            self._shown_at = time.monotonic()
        elif time.monotonic() - self._shown_at > _PARTIAL_SECONDS or len(self._text) > LONGEST_LINE:
            yield from _split(self.flush())

    def flush(self) -> str:
        self._shown_at = time.monotonic()
        rest, self._text = _last_state(self._text), ""
        return rest


def _last_state(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def _split(text: str) -> Iterator[str]:
    for begin in range(0, len(text), LONGEST_LINE):
        yield text[begin : begin + LONGEST_LINE]


def read_log(path: Path) -> str:
    """Return a log, which may still grow, as a JSON list of its entries."""
    return "[" + "\n,".join(follow_log(path, lambda: True)) + "]"


def follow_log(path: Path, is_over: Callable[[], bool]) -> Iterator[str]:
    """Yield each entry of a growing log as JSON, and "" when it waits, until `is_over()`."""
    position = 0
    while True:
        over = is_over()
        if path.exists():
            with path.open("rb") as file:
                file.seek(position)
                for line in file:
                    if line.endswith(b"\n"):
                        position += len(line)
                        yield line.decode().rstrip("\n")
        if over:
            return
        yield ""
        time.sleep(_POLL_SECONDS)
