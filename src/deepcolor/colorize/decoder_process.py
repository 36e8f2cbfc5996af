"""The process in which photos of strangers are decoded: `python -m` this module.

It reads photos from standard input and writes what they hold to standard output. It ends itself
when a photo takes too long, and cannot take more memory than its limit. See `photo_decoder`.
"""

import os
import pickle
import signal
import sys
import warnings
from contextlib import suppress
from typing import BinaryIO, NamedTuple

from colorization.data.image_io import MAX_PIXELS, UnreadablePhotoError
from deepcolor.colorize.photo_file import PhotoFile, read_photo_file

BASE_MEMORY = 1 << 30  # bytes of address space that the libraries and their threads take
PIXEL_MEMORY = 40  # bytes per pixel that the most expensive honest photos take, and a half more


def memory_for(pixels: int) -> int:
    """Return the bytes of address space that a photo of so many pixels may need."""
    return BASE_MEMORY + PIXEL_MEMORY * pixels


class DecodeLimits(NamedTuple):
    """Limits for one photo."""

    pixels: int = MAX_PIXELS
    frames: int | None = None
    seconds: float = 120
    memory: int = memory_for(MAX_PIXELS)  # bytes of address space


def main() -> None:
    """Decode photos until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    warnings.simplefilter("ignore")  # each costs time, and nobody reads them
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # no library may print into the answers
    limits = pickle.load(sys.stdin.buffer)
    _limit_memory(limits.memory)
    with suppress(EOFError):
        while True:
            _answer(sys.stdin.buffer, answers, limits)


def _limit_memory(size: int) -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows; a system without this limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _answer(requests: BinaryIO, answers: BinaryIO, limits: DecodeLimits) -> None:
    data, page = pickle.load(requests)
    _end_after(limits.seconds)
    pickle.dump(_read(data, page, limits), answers, protocol=5)
    answers.flush()
    _end_after(0)


def _end_after(seconds: float) -> None:
    """Let the system end this process after some seconds; 0 cancels that."""
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _read(data: bytes, page: int, limits: DecodeLimits) -> PhotoFile | UnreadablePhotoError:
    try:
        return read_photo_file(data, page, limits.pixels, limits.frames)
    except UnreadablePhotoError as error:
        return error.with_traceback(None)


if __name__ == "__main__":
    main()
