"""Run one command in its own small world and end everything in it when told to.

Started by the runner as a script without site packages: it may import only the standard library and
its neighbor `namespaces`.
The first line of standard input is the job as JSON. Standard input then stays open as a life line:
when it closes, because the server wants the job to end or because the server itself was killed,
every process of the job is killed. The exit status is that of the command, or 125 when the world
could not be made.
"""

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from namespaces import (  # type: ignore[import-not-found]  # beside this script
    enter_namespaces,
    enter_new_root,
    raise_loopback,
)

CANNOT_START = 125

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER = 1, 24, 36
_CAP_SYS_ADMIN = 21


def main() -> int:
    """Read the job, run it, and report how it ended.

    Returns:
        The exit status: the command's own, 128 + N when signal N ended it, 125 when it never began.
    """
    job = json.loads(sys.stdin.buffer.readline())
    # Only the first process holds the write end, so reading from the other one ends when it does.
    alive, held_by_init = os.pipe()
    try:
        enter_namespaces(job)
        init = os.fork()
    except OSError as error:
        return _cannot_start(error)
    if init == 0:
        os._exit(_guarded(lambda: _init(job)))
    os.close(held_by_init)
    # A thread would be simpler, but a process that has entered a pid namespace may not start one.
    if alive not in select.select([alive, sys.stdin], [], [])[0]:
        # The first process of a pid namespace takes all others with it; elsewhere it sees to that.
        os.kill(init, signal.SIGKILL if job["pid"] else signal.SIGTERM)
    return _status_of(os.waitpid(init, 0)[1])


def _init(job: dict[str, Any]) -> NoReturn:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if job["pid"] else signal.SIGTERM)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    if job["net"]:
        raise_loopback()
    if job["mount"]:
        enter_new_root(job)
    os.umask(0o022)
    os.chdir(job["cwd"])
    # An order to end that comes before the handler stands would leave the command behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    command = os.fork()
    if command == 0:
        os._exit(_guarded(lambda: _become(job)))
    signal.signal(signal.SIGTERM, lambda *_: _end(command, 128 + signal.SIGKILL))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _end(command, _reap_until(command))


def _become(job: dict[str, Any]) -> NoReturn:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.setsid()
    if job["mount"]:
        # Without this capability not even root can make the inputs writable again.
        _prctl(_PR_CAPBSET_DROP, _CAP_SYS_ADMIN)
    os.execve(job["argv"][0], job["argv"], job["env"])


def _guarded(step: Callable[[], int]) -> int:
    try:
        return step()
    except OSError as error:
        return _cannot_start(error)


def _cannot_start(error: OSError) -> int:
    print(f"kaggle_local: the kernel could not be started: {error}", file=sys.stderr, flush=True)
    return CANNOT_START


def _reap_until(command: int) -> int:
    while True:
        child, status = os.wait()
        if child == command:
            return _status_of(status)


def _status_of(status: int) -> int:
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _end(command: int, status: int) -> NoReturn:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(command, signal.SIGKILL)
    # Orphans come to this process (it is their sub-reaper), so a few rounds reach every generation.
    while children := _children(os.getpid()):
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.wait()
    os._exit(status)


def _children(parent: int) -> list[int]:
    listing = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
