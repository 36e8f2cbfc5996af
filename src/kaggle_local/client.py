"""Find the running server of a state folder, or start one in the background."""

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
from kaggle_local.settings import Layout, Limits, Settings
from kaggle_local.state.files import read_json
from kaggle_local.state.store import MARKER

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Endpoint:
    """A running server."""

    url: str  # http://127.0.0.1:PORT
    user: str  # name behind the server's token
    root: Path  # state folder

    def environment(self, base: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Return the environment in which `kaggle` and `kagglehub` talk to this server.

        The `KAGGLE_...` variables of `base` are dropped: real credentials are never read or sent.

        Example:
            >>> endpoint = connect(Path("state"))
            >>> subprocess.run(["kaggle", "quota"], env=endpoint.environment())
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
    as_reported: bool = False,
) -> Endpoint:
    """Return the running server of a state folder, or start one in the background.

    Args:
        root: State folder; created if missing.
        user: User name that the server's token belongs to.
        port: Port on 127.0.0.1; 0 for any free one.
        layout: Layout of the input folder: `2026` or `legacy`.
        idle_exit: Seconds without a request or a running kernel until a new server exits.
        limits: Quotas, caps and delays of a new server; Kaggle's by default.
        as_reported: Whether a new server plays what users report of Kaggle.

    Raises:
        ValueError: `user` is not a user name, or there is no such `layout`.
        PortInUse: Another program uses the port.
        BadState: The state folder is damaged or holds other files.
        FolderInUse: The running server has another user, port or layout.
        NoServer: The server did not start.
    """
    settings = Settings(
        root.resolve(), user, port, Layout(layout), idle_exit, limits or Limits(), as_reported
    )
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if (details := _find_server(settings.root)) is not None:
            return _checked_endpoint(details, settings)
        _start_server(settings, deadline)
    raise NoServer(f"the server of {settings.root} did not answer within {_START_SECONDS:g} s")


def stop(root: Path) -> bool:
    """Stop the server of a state folder and its kernels; return whether one was running."""
    details = _find_server(root.resolve())
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


def _find_server(root: Path) -> dict[str, Any] | None:
    try:
        details = json.loads((root / "server.json").read_text())
        address = urlsplit(details["url"])
        # Unlike urllib, this ignores the proxy variables.
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
        connection.request("GET", "/healthz")
        health = json.loads(connection.getresponse().read())
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None
    # Another program or another server may use the port by now.
    return details if health.get("root") == str(root) else None


def _checked_endpoint(details: dict[str, Any], wanted: Settings) -> Endpoint:
    actual = details | {"port": urlsplit(details["url"]).port}
    for name in ("user", "port", "layout"):
        if (value := getattr(wanted, name)) not in (0, actual[name]):
            raise FolderInUse(
                f"the server of {wanted.root} has {name} {actual[name]}, not {value}: stop it first"
            )
    return Endpoint(details["url"], details["user"], wanted.root)


def _start_server(settings: Settings, deadline: float) -> None:
    values = asdict(settings)
    values |= values.pop("limits")
    flags = ["--as-reported"] if values.pop("as_reported") else []
    options = [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]
    with tempfile.TemporaryFile() as stderr:
        # The server outlives this process, so it shares no terminal, folder or pipe with it.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kaggle_local", *options, *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            cwd="/",
            env=_environment_with_package(),
        )
        # If the server exits first, something must wait for it, or it stays a zombie.
        threading.Thread(target=process.wait, daemon=True).start()
        while time.monotonic() < deadline and _find_server(settings.root) is None:
            if (status := process.poll()) is not None:
                stderr.seek(0)
                _raise_start_error(status, stderr.read().decode(errors="replace"))
                return
            time.sleep(0.02)


def _raise_start_error(status: int, stderr: str) -> None:
    if status == FolderInUse.exit_status:
        # Another server of this folder started first and will answer soon.
        time.sleep(0.1)
        return
    reason = stderr.strip().removeprefix("kaggle_local: ")
    kinds = {kind.exit_status: kind for kind in (PortInUse, BadState)}
    raise kinds.get(status, NoServer)(reason or f"the server exited with status {status}")


def _environment_with_package() -> dict[str, str]:
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
