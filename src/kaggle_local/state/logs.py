"""A kernel's log: Kaggle's JSON list of `{"stream_name", "time", "data"}`, one entry a line.

It is written while the kernel runs, one JSON object a line, so it can be read and followed at any
moment and survives whatever happens to the server.
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
    """Writes what a kernel prints.

    A progress bar redraws its line with carriage returns; as on a terminal, only the last state of
    a line is kept. A line that is still open is logged as it stands every few seconds.

    Args:
        path: The log; appended to.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._began = time.monotonic()
        self._written = 0
        self._open_lines: dict[str, _OpenLine] = {}

    def feed(self, stream: str, data: bytes) -> None:
        """Take bytes as they come.

        Args:
            stream: `stdout` or `stderr`.
            data: Any part of the stream; lines and characters may be cut anywhere.
        """
        line = self._open_lines.setdefault(stream, _OpenLine())
        for text in line.feed(data):
            self._write(stream, text)
        self._file.flush()

    def note(self, message: str) -> None:
        """Say something in the stand-in's own name."""
        self._write("stderr", f"kaggle_local: {message}\n")
        self._file.flush()

    def close(self) -> None:
        """Write what is still open, and close."""
        for stream, line in self._open_lines.items():
            if rest := line.end():
                self._write(stream, rest)
        self._file.close()

    def _write(self, stream: str, text: str) -> None:
        if self._written > LARGEST_LOG:
            return
        elapsed = round(time.monotonic() - self._began, 3)
        entry = {"stream_name": stream, "time": elapsed, "data": text}
        if self._written + len(text) > LARGEST_LOG:
            entry["data"] = f"kaggle_local: the log is cut here, after {LARGEST_LOG} characters\n"
        self._written += len(text)
        self._file.write(json.dumps(entry) + "\n")


class _OpenLine:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._shown = time.monotonic()

    def feed(self, data: bytes) -> Iterator[str]:
        *lines, rest = (self._text + self._decoder.decode(data)).split("\n")
        for line in lines:
            yield from _cut(_last_state(line) + "\n")
        # A carriage return at the very end may still become the end of the line.
        self._text = _last_state(rest) + ("\r" if rest.endswith("\r") else "")
        if lines:
            self._shown = time.monotonic()
        elif time.monotonic() - self._shown > _PARTIAL_SECONDS or len(self._text) > LONGEST_LINE:
            yield from _cut(self.end())

    def end(self) -> str:
        self._shown = time.monotonic()
        rest, self._text = _last_state(self._text), ""
        return rest


def _last_state(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def _cut(text: str) -> Iterator[str]:
    for begin in range(0, len(text), LONGEST_LINE):
        yield text[begin : begin + LONGEST_LINE]


def read_log(path: Path) -> str:
    """Read a log as Kaggle returns it: one JSON list.

    Args:
        path: The log, which may be growing or not there yet.

    Returns:
        `[{"stream_name": "stdout", "time": 0.1, "data": "..."}, ...]`.
    """
    return "[" + "\n,".join(_whole_lines(path)) + "]"


def _whole_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    return text[: text.rfind("\n") + 1].splitlines()


def follow_log(path: Path, is_over: Callable[[], bool]) -> Iterator[str]:
    """Read a log entry by entry as it grows.

    Args:
        path: The log; it need not be there yet.
        is_over: Tells whether nothing more will come.

    Yields:
        One JSON object at a time, or "" where there is nothing new.
    """
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
