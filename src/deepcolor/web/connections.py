"""Connections with limits of time and number: clients that send or read nothing are cut off."""

import asyncio
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 512
MAX_PER_ADDRESS = 64  # but for proxies, which connect for many
GRACE_SECONDS = 5  # for the requests in progress, when the service is to end
REQUEST_SECONDS = 10.0  # from a connection to the end of its request's header
STALLED_SECONDS = 30.0  # without progress in reading a piece of a response
SMALL_CHUNKS = 8  # bytes of a chunked body per line, below which the chunks are too many to parse
PROBE = 4096  # bytes that are too few to judge


def server_config(app: ASGIApp, host: str, port: int) -> Config:
    """Return the settings of a server that logs neither requests nor addresses."""
    return Config(
        app,
        host,
        port,
        http=LimitedConnection,
        access_log=False,
        log_level="warning",
        limit_concurrency=MAX_CONNECTIONS,  # if all of them are busy, uvicorn responds with 503
        timeout_keep_alive=10,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )


class LimitedConnection(H11Protocol):
    """A connection that is aborted when its client stalls, or when others need its place."""

    _deadline: asyncio.TimerHandle | None = None
    _is_aborted = False
    _since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, and make room if there are too many connections."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._abort_after(REQUEST_SECONDS)
        self._make_room(self._others(), MAX_CONNECTIONS)
        if not self._is_proxy():
            own = [other for other in self._others() if other.address == self.address]
            self._make_room(own, MAX_PER_ADDRESS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._set_deadline(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle what the client has sent, unless it costs far more than it weighs."""
        if self._is_in_tiny_chunks(data):
            self._abort()
            return
        super().data_received(data)
        if self.is_busy:
            self._set_deadline(None)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request, or for the end."""
        super().on_response_complete()
        if not self.is_busy:
            self._abort_after(STALLED_SECONDS)

    def pause_writing(self) -> None:
        """Begin to wait for the client to read."""
        super().pause_writing()
        self._abort_after(STALLED_SECONDS)

    def resume_writing(self) -> None:
        """Go on with the response."""
        super().resume_writing()
        if self.is_busy:
            self._set_deadline(None)
        else:
            self._abort_after(STALLED_SECONDS)

    @property
    def is_busy(self) -> bool:
        """Whether a request is being received, processed or responded to."""
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def address(self) -> str:
        """The address of the client."""
        return self.client[0] if self.client else ""

    def _others(self) -> list["LimitedConnection"]:
        connections: Any = self.connections
        return [other for other in connections if other is not self and not other._is_aborted]

    def _make_room(self, others: list["LimitedConnection"], limit: int) -> None:
        if len(others) + 1 < limit:
            return
        idle = [other for other in others if not other.is_busy]
        # The oldest: an honest client sends its request at once.
        min(idle, key=lambda other: other._since, default=self)._abort()

    def _is_proxy(self) -> bool:
        trusted = self.config.forwarded_allow_ips
        names = trusted.split(",") if isinstance(trusted, str) else trusted or ["127.0.0.1"]
        return "*" in names or self.address in (name.strip() for name in names)

    def _is_in_tiny_chunks(self, data: bytes) -> bool:
        if len(data) < PROBE or data.count(b"\r\n") * SMALL_CHUNKS < len(data):
            return False
        chunked = b"chunked"
        return chunked in data[:PROBE].lower() or (
            self.headers is not None
            and any(name == b"transfer-encoding" for name, _ in self.headers)
        )

    def _abort_after(self, seconds: float) -> None:
        self._set_deadline(self.loop.call_later(seconds, self._abort))

    def _set_deadline(self, deadline: asyncio.TimerHandle | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = deadline

    def _abort(self) -> None:
        self._is_aborted = True
        self.transport.abort()
