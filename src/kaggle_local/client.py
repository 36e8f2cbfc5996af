"""Reaching a server: find the live one of a state folder, or start one in the background."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kaggle_local.environment import client_environment
from kaggle_local.errors import BadState, FolderInUse, NoServer, PortInUse
from kaggle_local.limits import Limits
from kaggle_local.state.files import read_json
from kaggle_local.state.store import MARKER

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Endpoint:
    """A server that answers.

    Attributes:
        url: `http://127.0.0.1:PORT`.
        user: Who its token belongs to.
        root: Its state folder.
    """

    url: str
    user: str
    root: Path

    def environment(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Make the environment in which `kaggle` and `kagglehub` speak to this server.

        Args:
            base: The environment to start from; its `KAGGLE_...` variables are dropped, so real
                credentials are neither read nor sent.

        Returns:
            A new environment.
        """
        token = read_json(self.root / MARKER)["token"]
        return client_environment(self.url, token, self.root / "client", base)


def connect(
    root: Path,
    *,
    user: str = "local-kaggler",
    port: int = 0,
    layout: str = "2026",
    idle_exit: float = 600.0,
    limits: Limits | None = None,
) -> Endpoint:
    """Return the live server of a state folder, or start one in the background.

    Args:
        root: The state folder; made if missing.
        user: Who the server's token belongs to.
        port: Where to listen on 127.0.0.1; 0 takes any free port.
        layout: Where kernels find their inputs: `2026` or `legacy`.
        idle_exit: A started server ends after so many seconds without a request or a running
            kernel.
        limits: Quotas, caps and delays; Kaggle's by default.

    Returns:
        The server, which answers.

    Raises:
        PortInUse: Another program has the port.
        BadState: The folder is not ours, or damaged.
        FolderInUse: The folder's live server has another user, port or layout.
        NoServer: The server did not come up; the message says why.
    """
    root = root.resolve()
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if (details := _live(root)) is not None:
            return _fitting(root, details, {"user": user, "port": port, "layout": layout})
        _start(root, user, port, layout, idle_exit, limits or Limits(), deadline)
    raise NoServer(f"the server of {root} did not answer within {_START_SECONDS:g} s")


def stop(root: Path) -> bool:
    """End the server of a state folder, and every kernel it runs.

    Args:
        root: The state folder.

    Returns:
        Whether there was one.
    """
    root = root.resolve()
    details = _live(root)
    if details is None:
        return False
    os.kill(details["pid"], signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while _is_alive(details["pid"]):
        if time.monotonic() > deadline:
            os.kill(details["pid"], signal.SIGKILL)
        time.sleep(0.02)
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _live(root: Path) -> dict[str, Any] | None:
    try:
        details = json.loads((root / "server.json").read_text())
        address = urlsplit(details["url"])
        # Not through urllib: it would heed the proxy variables.
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
        connection.request("GET", "/healthz")
        health = json.loads(connection.getresponse().read())
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None
    # The port may by now be another program's, or another server's.
    return details if health.get("root") == str(root) else None


def _fitting(root: Path, details: dict[str, Any], wanted: dict[str, Any]) -> Endpoint:
    found = details | {"port": urlsplit(details["url"]).port}
    for name, value in wanted.items():
        if value not in (0, found[name]):
            raise FolderInUse(
                f"the server of {root} has {name} {found[name]}, not {value}: stop it first"
            )
    return Endpoint(details["url"], details["user"], root)


def _start(
    root: Path,
    user: str,
    port: int,
    layout: str,
    idle_exit: float,
    limits: Limits,
    deadline: float,
) -> None:
    settings = {"root": root, "user": user, "port": port, "layout": layout, "idle_exit": idle_exit}
    options = [
        f"--{name.replace('_', '-')}={value}" for name, value in (settings | asdict(limits)).items()
    ]
    with tempfile.TemporaryFile() as complaints:
        # It ends by itself, so nothing may tie it to us: not our terminal, folder or pipes.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kaggle_local", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=True,
            cwd="/",
            env=_importable(),
        )
        # It may end while we live: somebody must take note, or it would stay a zombie.
        threading.Thread(target=process.wait, daemon=True).start()
        while time.monotonic() < deadline and _live(root) is None:
            if (status := process.poll()) is not None:
                complaints.seek(0)
                _explain(status, complaints.read().decode(errors="replace"))
                return
            time.sleep(0.02)


def _explain(status: int, complaints: str) -> None:
    if status == FolderInUse.exit_status:
        # Another server of this folder was quicker; it is about to answer.
        time.sleep(0.1)
        return
    reason = complaints.strip().removeprefix("kaggle_local: ")
    kinds = {kind.exit_status: kind for kind in (PortInUse, BadState)}
    raise kinds.get(status, NoServer)(reason or f"the server ended with status {status}")


def _importable() -> dict[str, str]:
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
