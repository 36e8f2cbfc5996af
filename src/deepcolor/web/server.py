"""Running the service: the part of it that waits."""

from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from deepcolor.errors import DeepColorError

CONNECTIONS = 512  # at once; more get a 503 of uvicorn's own


def serve(app: ASGIApp, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted. Neither requests nor addresses are logged.

    Args:
        app: What `create_app` made.
        host: Address to serve on.
        port: Port; 0 for any free one.
        ready: Called with the page's address when it is served.

    Raises:
        DeepColorError: If the port cannot be had.
    """
    config = uvicorn.Config(
        app,
        host,
        port,
        access_log=False,
        log_level="warning",
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=10,
        timeout_graceful_shutdown=30,
        server_header=False,
    )
    try:
        socket = config.bind_socket()
    except SystemExit:  # uvicorn has logged why
        raise DeepColorError(
            f"port {port} of {host} cannot be served on: try another --port"
        ) from None
    socket.listen(config.backlog)  # who comes before the server is up waits
    name, number = socket.getsockname()[:2]
    ready(f"http://{f'[{name}]' if ':' in name else name}:{number}/")
    uvicorn.Server(config).run(sockets=[socket])
