"""Running ffmpeg: its pipes are never blocked by its messages, and its errors are one line."""

import errno
import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self, cast

from deepcolor.errors import missing_extra

# Reasons why a file cannot be written, which some versions only print, with exit status 0.
WRITE_ERRORS = [
    os.strerror(code)
    for code in (
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EACCES,
        errno.ENAMETOOLONG,
    )
]


class Ffmpeg:
    """A running ffmpeg, killed when the context is left before it has ended.

    Args:
        arguments: Arguments of ffmpeg.
        pipes: `stdin` and `stdout`, as for `subprocess.Popen`.

    Raises:
        ValueError: If ffmpeg is not installed.
    """

    def __init__(self, arguments: Sequence[str], level: str = "error", **pipes: int) -> None:
        command = [_executable(), "-hide_banner", "-v", level, *arguments]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **pipes}
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            command, stderr=subprocess.PIPE, **cast(Any, pipes)
        )
        self._messages: deque[bytes] = deque(maxlen=10_000)
        self._collector = threading.Thread(target=self._collect, daemon=True)
        self._collector.start()

    def _collect(self) -> None:
        assert self._process.stderr is not None
        self._messages.extend(self._process.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._close_input()
        self.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    @property
    def output(self) -> IO[bytes]:
        """Standard output, if it is a pipe."""
        assert self._process.stdout is not None
        return self._process.stdout

    def write(self, data: Any) -> bool:
        """Write to standard input; return False if ffmpeg has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except OSError:  # a broken pipe: the messages tell the reason
            return False
        return True

    def _close_input(self) -> None:
        if self._process.stdin is not None:
            # What is left to be written may have no reader any more.
            with suppress(OSError):
                self._process.stdin.close()

    def wait(self) -> int:
        """Close standard input, wait for the end, and return the exit status."""
        self._close_input()
        status = self._process.wait()
        self._collector.join()
        return status

    @property
    def messages(self) -> str:
        """What ffmpeg has written to standard error."""
        return b"".join(self._messages).decode("utf-8", "replace")

    def write_error(self) -> str | None:
        """Return why the result could not be written, if the messages tell it."""
        return next((text.lower() for text in WRITE_ERRORS if text in self.messages), None)

    def reason(self) -> str:
        """Return why ffmpeg has failed, in a few words."""
        lines = self.messages.strip().splitlines()
        if lines:
            return self.write_error() or lines[-1].rpartition(": ")[2].rstrip(".").lower()
        status = self._process.wait()
        name = signal.strsignal(-status) if status < 0 else None
        return f"ffmpeg ended: {(name or f'status {status}').lower()}"

    def first_message(self) -> str:
        """Return the first message, which tells the cause of the others; "" if there is none."""
        return re.sub(r"^(\[[^]]*\]\s*)+", "", self.messages.strip().partition("\n")[0])


def _executable() -> str:
    try:
        from imageio_ffmpeg import get_ffmpeg_exe
    except ImportError as error:
        raise ValueError(missing_extra("video")) from error
    try:
        return str(get_ffmpeg_exe())
    except RuntimeError as error:
        raise ValueError("films need ffmpeg, and imageio-ffmpeg finds none") from error
