"""A proxy between the client and the stand-in that injects network faults into chosen requests."""

import http.client
import json
import os
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import kaggle_local

REFUSALS = {"429": 429, "500": 500, "503": 503}
KINDS = (
    *("refused", "429", "500", "503", "reset in the request", "reset before the answer"),
    *("reset in the answer", "short answer", "slow answer"),
    *("server killed before", "server killed after", "driver killed"),
)
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection"}


@dataclass
class Fault:
    """A fault, and the requests that it hits.

    Attributes:
        kind: One of `KINDS`.
        call: Name of the call, as `name_of` returns it.
        first: First occurrence of the call that is hit, counted from 1.
        times: Number of occurrences in a row that are hit.
        hits: Number of those that were hit so far.
    """

    kind: str
    call: str
    first: int = 1
    times: int = 1
    hits: int = field(default=0, init=False)


def name_of(method: str, target: str) -> str:
    """Return a short name of a request: the method of the service, or what is moved."""
    parts = [part for part in urlsplit(target).path.split("/") if part]
    if parts[:1] in (["upload"], ["files"]):
        return f"{method} {parts[0]}"
    return "logs stream" if parts[-3:-2] == ["stream"] else parts[-1]


class FaultProxy(ThreadingHTTPServer):
    """Forwards to the live server of a state folder, and injects the fault that is set.

    Args:
        state: State folder of the stand-in.
        kill_driver: Called for the fault "driver killed".
    """

    daemon_threads = True

    def __init__(self, state: Path, kill_driver: Callable[[], None] = lambda: None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.state = state
        self.kill_driver = kill_driver
        self.fault: Fault | None = None
        self.seen: Counter[str] = Counter()
        self.moved = 0  # bytes, both ways, heads not counted
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Address of the proxy."""
        return f"http://127.0.0.1:{self.server_port}"

    def fault_of(self, call: str) -> str | None:
        """Count a request and return the kind of fault that hits it, if one does."""
        with self.lock:
            self.seen[call] += 1
            fault = self.fault
            if fault is None or call != fault.call:
                return None
            if not fault.first <= self.seen[call] < fault.first + fault.times:
                return None
            fault.hits += 1
            return fault.kind

    def kill_server(self) -> None:
        """Kill the server without warning, and start it again after a moment."""
        with suppress(ProcessLookupError):  # two requests at once may be hit
            os.kill(int(self._live()["pid"]), signal.SIGKILL)
        restart = partial(kaggle_local.connect, self.state, idle_exit=600)
        threading.Timer(0.3, restart).start()

    def close(self) -> None:
        """Stop serving."""
        self.shutdown()
        self.server_close()

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection to the live server."""
        address = urlsplit(str(self._live()["url"]))
        return http.client.HTTPConnection("127.0.0.1", address.port or 80, timeout=120)

    def _live(self) -> dict[str, object]:
        return dict(json.loads((self.state / "server.json").read_text()))


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: FaultProxy

    def do_POST(self) -> None:
        """Forward a request, or inject the fault that hits it."""
        kind = self.server.fault_of(name_of(self.command, self.path))
        body = self._body()
        self.server.moved += len(body)
        with suppress(ConnectionError, http.client.HTTPException):
            if kind in REFUSALS:
                return self._refuse(REFUSALS[kind])
            if kind == "reset in the request":
                self._send(body[: len(body) // 2], len(body)).close()
            elif kind == "driver killed":
                self.server.kill_driver()
                return self._forward(body, None)
            elif kind == "server killed before":
                self.server.kill_server()
            elif kind == "reset before the answer":
                with closing(self._send(body, len(body))) as connection:
                    connection.getresponse().read()
            elif kind != "refused":
                return self._forward(body, kind)
        return self._reset()

    do_GET = do_PUT = do_POST

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _send(self, body: bytes, length: int) -> http.client.HTTPConnection:
        connection = self.server.connect()
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(length))
        connection.putheader("Connection", "close")
        connection.endheaders(body)
        return connection

    def _forward(self, body: bytes, kind: str | None) -> None:
        with closing(self._send(body, len(body))) as connection:
            self._answer(connection.getresponse(), kind)

    def _answer(self, answer: http.client.HTTPResponse, kind: str | None) -> None:
        if kind == "server killed after":
            self.server.kill_server()
            return self._reset()
        if kind == "slow answer":
            time.sleep(2)
        size = int(answer.headers.get("Content-Length", 0))
        self._head(answer, size // 2 if kind == "short answer" else size)
        if kind in ("short answer", "reset in the answer"):
            self.wfile.write(answer.read()[: size // 2])
            return self._reset() if kind == "reset in the answer" else None
        while part := answer.read1(65536):
            self.server.moved += len(part)
            self.wfile.write(part)
        return None

    def _head(self, answer: http.client.HTTPResponse, size: int) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        if "Content-Length" in answer.headers:
            self.send_header("Content-Length", str(size))
        self.send_header("Connection", "close")
        self.end_headers()

    def _refuse(self, status: int) -> None:
        body = json.dumps({"code": status, "message": "injected"}).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        """End the connection with a reset instead of an end."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())

    def finish(self) -> None:
        """Close what is left of the connection; the client may be gone."""
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: what the fault leads to is what counts."""
