"""Security headers: pages load nothing from other origins and send nothing to them."""

import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?")


def join_policy(directives: dict[str, str]) -> str:
    """Format the directives of a Content-Security-Policy."""
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


_PAGE = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",  # CSP treats compiling WebAssembly as eval
    "worker-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
PAGE_POLICY = join_policy(_PAGE)
# The photos of this page are part of its HTML.
RESULTS_POLICY = join_policy(_PAGE | {"img-src": "'self' data:"})
# Browsers show a single photo in a page of their own, which has inline styles.
PHOTO_POLICY = join_policy(
    {"default-src": "'none'", "img-src": "'self'", "style-src": "'unsafe-inline'"}
)
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # forms say where they come from, and only to this service
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    # WebAssembly has threads only in a cross-origin isolated page.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """ASGI middleware that adds the `HEADERS` that a response does not set itself.

    `framed_by` are origins that may frame the page, such as "https://huggingface.co".
    """

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()):
        for origin in framed_by:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"`framed_by` must be origins such as https://example.org, received {origin!r}"
                )
        self._app = app
        self._headers = HEADERS if framed_by else HEADERS | {"X-Frame-Options": "DENY"}
        # Browsers ignore this directive in the policy that a static page carries.
        self._ancestors = join_policy({"frame-ancestors": " ".join(framed_by) or "'none'"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers["Content-Security-Policy"] += f"; {self._ancestors}"
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
