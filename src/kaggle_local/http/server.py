"""One server over one state folder, from the first byte to the last child process."""

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from kaggle_local.api.registry import Service
from kaggle_local.errors import PortInUse
from kaggle_local.http.app import create_app
from kaggle_local.http.request_log import Traffic
from kaggle_local.limits import Limits
from kaggle_local.state.files import write_json
from kaggle_local.state.store import Store, now

_TICK = 0.5
_SHUTDOWN_POLL = 0.05


@dataclass(frozen=True)
class Options:
    """How to serve.

    Attributes:
        root: The state folder.
        user: Who the server's token belongs to.
        port: Where to listen on 127.0.0.1; 0 takes any free port.
        layout: Where kernels find their inputs: `2026` or `legacy`.
        idle_exit: Seconds without a request or a running kernel after which to end; 0 for never.
        limits: Quotas, caps and delays.
    """

    root: Path
    user: str = "local-kaggler"
    port: int = 0
    layout: str = "2026"
    idle_exit: float = 0.0
    limits: Limits = field(default_factory=Limits)


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        # `requests.jsonl` has it already.
        pass


def serve(options: Options, ready: Callable[[Service], None]) -> None:
    """Serve until told to end, or until idle for long enough.

    Args:
        options: How.
        ready: Called once the server answers.

    Raises:
        PortInUse: Another program has the port.
        FolderInUse: Another server has the state folder.
        BadState: The state folder cannot be used.
    """
    store = Store(options.root)
    store.open()
    logging.getLogger().addHandler(logging.FileHandler(store.root / "server.log"))
    with _listen(options.port) as listening:
        port = listening.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        service = Service(store, options.user, options.layout, options.limits, url)
        service.runner.recover()
        service.blobs.forget_old()
        traffic = Traffic(store.root / "requests.jsonl")
        app = create_app(service, traffic)
        server = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_Handler, fd=listening.fileno()
        )
        details = {"url": url, "user": options.user, "pid": os.getpid(), "layout": options.layout}
        write_json(store.root / "server.json", details)
        ready(service)
        _run(server, service, options.idle_exit, traffic)
        (store.root / "server.json").unlink(missing_ok=True)


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise PortInUse(f"port {port} on 127.0.0.1 cannot be used: {error.strerror}") from error
    listening.listen(128)
    return listening


def _run(server: BaseWSGIServer, service: Service, idle_exit: float, traffic: Traffic) -> None:
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())
    threading.Thread(target=server.serve_forever, args=(_SHUTDOWN_POLL,), daemon=True).start()
    busy = now()
    while not over.wait(_TICK):
        if service.runner.running():
            busy = now()
            continue
        with contextlib.suppress(OSError):
            service.store.empty_trash()
        if idle_exit and now() - max(busy, traffic.idle_since()) > idle_exit:
            logging.getLogger(__name__).info("idle for %g s: the server ends", idle_exit)
            break
    server.shutdown()
    service.runner.stop_all()
