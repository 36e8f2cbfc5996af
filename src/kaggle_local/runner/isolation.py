"""What the system lets us separate, and processes that live in such separation."""

import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Not -I: the supervisor imports its neighbor `namespaces`.
_SUPERVISOR = [sys.executable, "-E", "-s", "-S", str(Path(__file__).with_name("supervisor.py"))]


@dataclass(frozen=True)
class Isolation:
    """What the system lets us separate.

    Attributes:
        mount: A file system with its own `/kaggle`.
        pid: Processes that end together.
        net: A network of its own, with nothing in it but loopback.
    """

    mount: bool
    pid: bool
    net: bool


def probe(scratch: Path) -> Isolation:
    """Find out what the system lets us separate, by trying.

    Args:
        scratch: A folder to try it in.

    Returns:
        The best that works.
    """
    for mount, pid, net in ((1, 1, 1), (1, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)):
        isolation = Isolation(bool(mount), bool(pid), bool(net))
        if _works(isolation, scratch / secrets.token_hex(4)):
            return isolation
    return Isolation(False, False, False)


def _works(isolation: Isolation, folder: Path) -> bool:
    for name in ("root", "input"):
        (folder / name).mkdir(parents=True)
    bind = {"source": str(folder / "input"), "target": "/kaggle/input", "read_only": True}
    job = {
        **separation(isolation, internet=False),
        "argv": [sys.executable, "-I", "-S", "-c", ""],
        "env": {},
        "cwd": "/",
        "root": str(folder / "root"),
        "hidden": [],
        "binds": [bind],
    }
    # The life line stays open until the job has ended: communicate() would close it at once.
    with launch(job, subprocess.DEVNULL) as process:
        return process.wait() == 0


def launch(job: dict[str, Any], output: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    """Start a job; closing the process's standard input ends everything in it.

    Args:
        job: From `job_for`.
        output: Where its standard output and error go.

    Returns:
        The supervising process.
    """
    process = subprocess.Popen(
        _SUPERVISOR, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
    )
    assert process.stdin
    process.stdin.write(json.dumps(job).encode() + b"\n")
    process.stdin.flush()
    return process


def separation(isolation: Isolation, internet: bool) -> dict[str, bool]:
    """Tell the supervisor what to separate.

    Args:
        isolation: What the system lets us separate.
        internet: Whether the network is wanted.

    Returns:
        That part of a job.
    """
    return {
        "mount": isolation.mount,
        "pid": isolation.pid,
        "net": isolation.net and not internet,
    }
