"""One `deepcolor` at a time in a clone: two at once would stage over each other and push twice."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deepcolor.errors import DeepColorError

LOCK = "deepcolor.lock"


@contextmanager
def locked(build: Path) -> Iterator[None]:
    """Hold the lock of a build folder. The system releases it when this process ends.

    Raises:
        DeepColorError: If another process holds the lock; the message names that process.
    """
    build.mkdir(parents=True, exist_ok=True)
    with (build / LOCK).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DeepColorError(
                f"{build} is in use by another `deepcolor` (process {file.read() or 'unknown'}): "
                "wait until it ends, or stop it"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
