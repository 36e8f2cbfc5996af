"""Decoding photos of strangers in a process of its own, which can be ended at any time."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from types import TracebackType
from typing import IO, Self, cast

from colorization.data.image_io import UnreadablePhotoError
from deepcolor.colorize.decoder_process import DecodeLimits
from deepcolor.colorize.photo_file import PhotoFile

# `-P`: the current folder may hold anything, even a file named numpy.py.
COMMAND = [sys.executable, "-P", "-m", "deepcolor.colorize.decoder_process"]
# Threads, and arenas for their memory, would count for the limit of memory.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
COMMAND_LIMITS = DecodeLimits()
PIPE = 1 << 20  # bytes; fewer turns between the two processes


class PhotoDecoder:
    """A process that decodes one photo after the other; a new one follows one that was ended.

    Example:
        >>> with PhotoDecoder() as decoder:
        ...     photo = decoder.read(Path("grandma.jpg").read_bytes())
    """

    def __init__(self, limits: DecodeLimits = COMMAND_LIMITS) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the process, if none is running, without waiting for it."""
        self._running()

    def _running(self) -> "subprocess.Popen[bytes]":
        process = self._process
        if process is not None and process.poll() is None:
            return process
        self.close()
        self._process = process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pipesize=PIPE,
            env=os.environ | ENVIRONMENT,
        )
        self._send(process, self._limits)
        return process

    def read(self, data: bytes, page: int = 0) -> PhotoFile:
        """Decode a photo as `read_photo_file` does, within the limits. Thread-safe.

        Raises:
            UnreadablePhotoError: If it cannot be decoded, or takes too much time or memory.
        """
        with self._lock:
            answer = self._ask(self._running(), data, page)
        if isinstance(answer, UnreadablePhotoError):
            raise answer
        return answer

    def _ask(
        self, process: "subprocess.Popen[bytes]", data: bytes, page: int
    ) -> PhotoFile | UnreadablePhotoError:
        try:
            self._send(process, (data, page))
            answer = pickle.load(_pipe(process.stdout))
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):  # it was ended
            return UnreadablePhotoError(self._reason(process.wait()))
        except BaseException:  # an interruption: the answer would be taken for that of the next
            self.close()
            raise
        return cast("PhotoFile | UnreadablePhotoError", answer)

    @staticmethod
    def _send(process: "subprocess.Popen[bytes]", message: object) -> None:
        pickle.dump(message, _pipe(process.stdin), protocol=5)
        _pipe(process.stdin).flush()

    def _reason(self, status: int) -> str:
        if hasattr(signal, "SIGALRM") and status == -signal.SIGALRM:
            return f"it takes longer than {self._limits.seconds:g} seconds to read"
        return "its decoder failed, perhaps for lack of memory"

    def close(self) -> None:
        """End the process, even while it decodes: its photo then counts as unreadable."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            try:
                _pipe(pipe).close()
            except OSError:  # the rest of a message that nobody reads any more
                continue


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
