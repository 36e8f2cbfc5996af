"""Run one command in its own small world and end everything in it when told to.

Started by the runner as `python -I -S supervisor.py`, so only the standard library may be imported.
The first line of standard input is the job as JSON. Standard input then stays open as a life line:
when it closes, because the server wants the job to end or because the server itself was killed,
every process of the job is killed. The exit status is that of the command, or 125 when the world
could not be made.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

CANNOT_START = 125

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWPID, _CLONE_NEWNET = (
    0x00020000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC = 0x1, 0x20, 0x1000, 0x4000
_MS_UNBINDABLE, _MS_PRIVATE = 0x20000, 0x40000
# What a read-only remount must repeat: (statvfs flag, mount flag). A user namespace refuses less.
_KEPT_FLAGS = (
    (0x2, 0x2),
    (0x4, 0x4),
    (0x8, 0x8),
    (0x400, 0x400),
    (0x800, 0x800),
    (0x1000, 1 << 21),
)
_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER = 1, 24, 36
_CAP_SYS_ADMIN = 21
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1


def main() -> int:
    """Read the job, run it, and report how it ended.

    Returns:
        The exit status: the command's own, 128 + N when signal N ended it, 125 when it never began.
    """
    job = json.loads(sys.stdin.buffer.readline())
    # Only the first process holds the write end, so reading from the other one ends when it does.
    alive, held_by_init = os.pipe()
    try:
        _enter_namespaces(job)
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
        _raise_loopback()
    if job["mount"]:
        _enter_new_root(job)
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


def _enter_namespaces(job: dict[str, Any]) -> None:
    wanted = {"mount": _CLONE_NEWNS, "pid": _CLONE_NEWPID, "net": _CLONE_NEWNET}
    flags = sum(flag for name, flag in wanted.items() if job[name])
    if not flags:
        return
    uid, gid = os.getuid(), os.getgid()
    if os.geteuid() != 0:
        flags |= _CLONE_NEWUSER
    _checked(_libc().unshare(flags), "unshare")
    if flags & _CLONE_NEWUSER:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def _enter_new_root(job: dict[str, Any]) -> None:
    root = Path(job["root"])
    _mount("none", Path("/"), flags=_MS_REC | _MS_PRIVATE)
    _mount("tmpfs", root, kind="tmpfs", options="size=16m,mode=755")
    # Otherwise the directory that holds `root` would be mounted inside itself.
    _mount("none", root, flags=_MS_UNBINDABLE)
    for entry in Path("/").iterdir():
        if entry.name != "kaggle":
            _copy_top_level(entry, root / entry.name, fresh_proc=job["pid"])
    for place in job["hidden"]:
        _mount("tmpfs", root / place.lstrip("/"), kind="tmpfs", flags=_MS_RDONLY, options="size=4k")
    for bind in job["binds"]:
        _bind(bind["source"], root / bind["target"].lstrip("/"), read_only=bind["read_only"])
    os.chroot(root)
    os.chdir("/")


def _copy_top_level(entry: Path, target: Path, fresh_proc: bool) -> None:
    if entry.is_symlink():
        target.symlink_to(entry.readlink())
    elif entry.is_dir():
        target.mkdir()
        if entry.name == "proc" and fresh_proc:
            _mount("proc", target, kind="proc")
        else:
            _mount(str(entry), target, flags=_MS_BIND | _MS_REC)


def _bind(source: str, target: Path, read_only: bool) -> None:
    target.mkdir(parents=True, exist_ok=True)
    _mount(source, target, flags=_MS_BIND)
    if read_only:
        present = os.statvfs(target).f_flag
        kept = sum(flag for seen, flag in _KEPT_FLAGS if present & seen)
        _mount("none", target, flags=_MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept)


def _mount(source: str, target: Path, *, kind: str = "", flags: int = 0, options: str = "") -> None:
    arguments = (source.encode(), os.fsencode(target), kind.encode() or None, flags)
    _checked(_libc().mount(*arguments, options.encode() or None), f"mount {source} on {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        raise OSError("namespaces exist only on Linux")
    libc.mount.argtypes = [
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_ulong,
        ctypes.c_char_p,
    ]
    return libc


def _prctl(option: int, value: int) -> None:
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main())
