"""Linux namespaces for the supervisor. It may import only the standard library."""

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path
from typing import Any

_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_CLONE_NEWPID, _CLONE_NEWNET = 0x20000000, 0x40000000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC = 0x1, 0x20, 0x1000, 0x4000
_MS_UNBINDABLE, _MS_PRIVATE = 0x20000, 0x40000
# A read-only remount in a user namespace must repeat these: (statvfs flag, mount flag).
_KEPT_FLAGS = [(flag, flag) for flag in (0x2, 0x4, 0x8, 0x400, 0x800)] + [(0x1000, 1 << 21)]
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1


def enter_namespaces(job: dict[str, Any]) -> None:
    """Move this process (for pids, its children) into the namespaces of the job.

    Raises:
        OSError: The system does not allow it.
    """
    wanted = {"mount": _CLONE_NEWNS, "pid": _CLONE_NEWPID, "net": _CLONE_NEWNET}
    flags = sum(flag for name, flag in wanted.items() if job[name])
    if not flags:
        return
    uid, gid = os.getuid(), os.getgid()
    # Root in a container may need a user namespace, like any other user.
    if os.geteuid() != 0 or _libc().unshare(flags) != 0:
        flags |= _CLONE_NEWUSER
        _check(_libc().unshare(flags), "unshare")
    if flags & _CLONE_NEWUSER:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def enable_loopback() -> None:
    """Enable 127.0.0.1 in a new network: notebooks and training libraries use it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def enter_new_root(job: dict[str, Any]) -> None:
    """Build a root file system with the mounts of the job and move into it.

    Raises:
        OSError: The system refuses a mount.
    """
    root = Path(job["root"])
    _mount("none", Path("/"), flags=_MS_REC | _MS_PRIVATE)
    _mount("tmpfs", root, kind="tmpfs", options="size=16m,mode=755")
    # Otherwise the folder that holds `root` would be mounted inside itself.
    _mount("none", root, flags=_MS_UNBINDABLE)
    for entry in Path("/").iterdir():
        if entry.name != "kaggle":
            _copy_top_level(entry, root / entry.name, fresh_proc=job["pid"])
    for place in job["hidden"]:
        _hide(root / place.lstrip("/"))
    inputs = root / "kaggle" / "input"
    inputs.mkdir(parents=True)
    _mount("tmpfs", inputs, kind="tmpfs", options="size=16m,mode=755")
    for bind in job["binds"]:
        target = root / bind["target"].lstrip("/")
        target.mkdir(parents=True, exist_ok=True)
        _mount(bind["source"], target, flags=_MS_BIND)
        if bind["read_only"]:
            _make_read_only(target)
    _make_read_only(inputs)
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


def _hide(place: Path) -> None:
    if place.is_dir():
        _mount("tmpfs", place, kind="tmpfs", flags=_MS_RDONLY, options="size=4k")
    else:
        _mount("/dev/null", place, flags=_MS_BIND)


def _make_read_only(place: Path) -> None:
    present = os.statvfs(place).f_flag
    kept = sum(flag for seen, flag in _KEPT_FLAGS if present & seen)
    _mount("none", place, flags=_MS_REMOUNT | _MS_BIND | _MS_RDONLY | kept)


def _mount(source: str, target: Path, *, kind: str = "", flags: int = 0, options: str = "") -> None:
    arguments = (source.encode(), os.fsencode(target), kind.encode() or None, flags)
    _check(_libc().mount(*arguments, options.encode() or None), f"mount {source} on {target}")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        raise OSError("namespaces exist only on Linux")
    text = ctypes.c_char_p
    libc.mount.argtypes = [text, text, text, ctypes.c_ulong, text]
    return libc
