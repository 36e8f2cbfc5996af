"""Requests that another site makes through a visitor's browser are refused."""

from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from deepcolor.web.http_errors import RequestError

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def check_origin(headers: Headers) -> None:
    """Refuse a request that a browser sends for the page of another site.

    Raises:
        RequestError: 403.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:  # an old browser, a page without TLS, or no browser
        origin = headers.get("origin")
        allowed = origin is None or urlsplit(origin).netloc == headers.get("host")
    if not allowed:
        raise RequestError(403, "other-site")


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a service that listens on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class OnlyNamed:
    """ASGI middleware that refuses requests whose Host is none of `names`.

    A site whose name leads to this machine could otherwise read the service as its own.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str]):
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        app = self._app
        if scope["type"] == "http" and not self._is_named(Headers(scope=scope).get("host", "")):
            app = PlainTextResponse("This service does not have that name: see --name", 403)
        await app(scope, receive, send)

    def _is_named(self, host: str) -> bool:
        try:
            return urlsplit(f"//{host}").hostname in self._names
        except ValueError:
            return False
