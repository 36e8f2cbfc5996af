"""Run one isolated command and kill all its processes when standard input closes.

This script has no site packages: it imports only the standard library and `namespaces` beside it.
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
    enable_loopback,
    enter_namespaces,
    enter_new_root,
)

CANNOT_START = 125

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER = 1, 24, 36
_CAP_SYS_ADMIN = 21


def main() -> int:
    """Run the job; return its exit status, 128 + N after signal N, or 125 if it did not start."""
    job = json.loads(sys.stdin.buffer.readline())
    # Standard input closes when the server ends the job, or when the server itself was killed.
    # Only the first process of the job holds the write end: the pipe closes when it ends.
    read_end, write_end = os.pipe()
    try:
        enter_namespaces(job)
        init = os.fork()
    except OSError as error:
        return _cannot_start(error)
    if init == 0:
        os._exit(_report_os_error(lambda: _init(job)))
    os.close(write_end)
    # No thread: a process that has entered a pid namespace cannot start one.
    if read_end not in select.select([read_end, sys.stdin], [], [])[0]:
        # A pid namespace ends with its first process; elsewhere `_init` ends the others on SIGTERM.
        os.kill(init, signal.SIGKILL if job["pid"] else signal.SIGTERM)
    return _exit_status(os.waitpid(init, 0)[1])


def _init(job: dict[str, Any]) -> NoReturn:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if job["pid"] else signal.SIGTERM)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    if job["net"]:
        enable_loopback()
    if job["mount"]:
        enter_new_root(job)
    os.umask(0o022)
    os.chdir(job["cwd"])
    # A SIGTERM before the handler is installed would leave the command running.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    command = os.fork()
    if command == 0:
        os._exit(_report_os_error(lambda: _exec_command(job)))
    signal.signal(signal.SIGTERM, lambda *_: _kill_all(command, 128 + signal.SIGKILL))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _kill_all(command, _reap_until(command))


def _exec_command(job: dict[str, Any]) -> NoReturn:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    os.setsid()
    if job["mount"]:
        # Without this capability even root cannot make the inputs writable again.
        _prctl(_PR_CAPBSET_DROP, _CAP_SYS_ADMIN)
    os.execve(job["argv"][0], job["argv"], job["env"])


def _report_os_error(step: Callable[[], int]) -> int:
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
            return _exit_status(status)


def _exit_status(status: int) -> int:
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _kill_all(command: int, status: int) -> NoReturn:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(command, signal.SIGKILL)
    # Orphans become children of this process (the sub-reaper), so a few rounds reach all of them.
    while children := _children(os.getpid()):
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.wait()
    os._exit(status)


def _children(parent: int) -> list[int]:
    file = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in file.read_text().split()] if file.exists() else []


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
