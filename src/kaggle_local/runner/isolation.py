"""Isolation that the system allows, and isolated processes."""

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Not -I: the supervisor imports its neighbor `namespaces`.
_NEEDED = ("LD_LIBRARY_PATH",)  # Python itself may not start without it
_SUPERVISOR = [sys.executable, "-E", "-s", "-S", str(Path(__file__).with_name("supervisor.py"))]


@dataclass(frozen=True)
class Isolation:
    """The kinds of Linux namespaces that the system allows."""

    mount: bool  # a file system with its own /kaggle
    pid: bool  # processes that end together
    net: bool  # a network that holds only loopback


def probe(scratch: Path) -> Isolation:
    """Return the strongest isolation that works, found by trials in the folder `scratch`."""
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
        **namespaces_for(isolation, internet=False),
        "argv": [sys.executable, "-I", "-S", "-c", ""],
        "env": {},
        "cwd": "/",
        "root": str(folder / "root"),
        "hidden": [],
        "binds": [bind],
    }
    # communicate() would close standard input, which ends the job.
    with launch(job, subprocess.DEVNULL) as process:
        return process.wait() == 0


def launch(job: dict[str, Any], output: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    """Start the supervisor of a job; closing its standard input ends all processes of the job."""
    process = subprocess.Popen(
        _SUPERVISOR,
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        start_new_session=True,
        # The job can read its environment in /proc: the server's tokens stay out of it.
        env={name: os.environ[name] for name in _NEEDED if name in os.environ},
    )
    assert process.stdin
    process.stdin.write(json.dumps(job).encode() + b"\n")
    process.stdin.flush()
    return process


def namespaces_for(isolation: Isolation, internet: bool) -> dict[str, bool]:
    """Return the part of a job that selects its namespaces."""
    return {
        "mount": isolation.mount,
        "pid": isolation.pid,
        "net": isolation.net and not internet,
    }
