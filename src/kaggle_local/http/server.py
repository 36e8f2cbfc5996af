"""A server over one state folder, from its start to the end of its last kernel."""

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from kaggle_local.api.registry import Api
from kaggle_local.errors import PortInUse
from kaggle_local.http.app import create_app
from kaggle_local.http.request_log import RequestLog
from kaggle_local.settings import Settings
from kaggle_local.state.files import write_json
from kaggle_local.state.store import Store

_TICK = 0.5
_SHUTDOWN_POLL = 0.05
_CONNECTIONS = 256
_SILENT_HEAD, _SILENT_BODY = 10.0, 300.0  # seconds until a connection without a byte is closed


class _Server(ThreadedWSGIServer):
    """Closes connections beyond `_CONNECTIONS` at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._places = threading.Semaphore(_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(timeout=1):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()


class _RequestHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SILENT_HEAD

    def run_wsgi(self) -> None:
        self.connection.settimeout(_SILENT_BODY)
        super().run_wsgi()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        # `requests.jsonl` has it already.
        pass


def serve(settings: Settings, on_ready: Callable[[Api], None]) -> None:
    """Call `on_ready` once the server answers; serve until a signal or the idle time ends it.

    Raises:
        PortInUse: Another program uses the port.
        FolderInUse: Another server uses the state folder.
        BadState: The state folder is damaged or holds other files.
    """
    store = Store(settings.root)
    store.open()
    logging.getLogger().addHandler(logging.FileHandler(store.root / "server.log"))
    with _listen(settings.port) as listener:
        port = listener.getsockname()[1]
        api = Api(store, settings, f"http://127.0.0.1:{port}")
        api.runner.recover()
        api.uploads.remove_expired()
        request_log = RequestLog(store.root / "requests.jsonl")
        app = create_app(api, request_log)
        server = _Server("127.0.0.1", port, app, _RequestHandler, fd=listener.fileno())
        details = {"url": api.url, "user": api.user, "pid": os.getpid(), "layout": settings.layout}
        write_json(store.root / "server.json", details)
        on_ready(api)
        _run(server, api, settings.idle_exit, request_log)
        (store.root / "server.json").unlink(missing_ok=True)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise PortInUse(f"port {port} on 127.0.0.1 cannot be used: {error.strerror}") from error
    listener.listen(128)
    return listener


def _run(server: BaseWSGIServer, api: Api, idle_exit: float, request_log: RequestLog) -> None:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    threading.Thread(target=server.serve_forever, args=(_SHUTDOWN_POLL,), daemon=True).start()
    last_run = time.monotonic()
    while not stopped.wait(_TICK):
        if api.runner.running():
            last_run = time.monotonic()
            continue
        with contextlib.suppress(OSError):
            api.store.empty_trash()
        idle_since = max(last_run, request_log.idle_since())
        if idle_exit and time.monotonic() - idle_since > idle_exit:
            logging.getLogger(__name__).info("idle for %g s: the server exits", idle_exit)
            break
    server.shutdown()
    api.runner.stop_all()
