"""A server over one state folder, from its start to the end of its last kernel."""

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from kaggle_local.api.registry import Api
from kaggle_local.errors import PortInUse
from kaggle_local.http.app import create_app
from kaggle_local.http.request_log import RequestLog
from kaggle_local.settings import Settings
from kaggle_local.state.files import write_json
from kaggle_local.state.store import Store, now

_TICK = 0.5
_SHUTDOWN_POLL = 0.05


class _RequestHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

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
        server = make_server(
            "127.0.0.1",
            port,
            create_app(api, request_log),
            threaded=True,
            request_handler=_RequestHandler,
            fd=listener.fileno(),
        )
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
    last_run = now()
    while not stopped.wait(_TICK):
        if api.runner.running():
            last_run = now()
            continue
        with contextlib.suppress(OSError):
            api.store.empty_trash()
        if idle_exit and now() - max(last_run, request_log.idle_since()) > idle_exit:
            logging.getLogger(__name__).info("idle for %g s: the server exits", idle_exit)
            break
    server.shutdown()
    api.runner.stop_all()
