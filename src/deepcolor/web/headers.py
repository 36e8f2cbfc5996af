"""Headers of every answer: nothing from elsewhere, and nothing to elsewhere."""

import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ORIGIN = re.compile(r"https?://[\w.-]+(:\d+)?")

# Compiling WebAssembly is an evaluation to CSP. Photos are shown from blobs.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
}


def policy(directives: dict[str, str]) -> str:
    """Return a Content-Security-Policy."""
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


HEADERS = {
    "Content-Security-Policy": policy(POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    # WebAssembly has threads only in a page that is isolated from all others.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


# Browsers show a photo that is opened by itself in a page of their own, which has inline styles.
PHOTO_POLICY = policy(
    {"default-src": "'none'", "img-src": "'self'", "style-src": "'unsafe-inline'"}
)


class SecurityHeaders:
    """Adds to every answer those of `HEADERS` that it does not have yet, and who may frame it.

    Args:
        app: The application.
        framed_by: Origins whose pages may show this one in a frame, such as
            "https://huggingface.co".

    Raises:
        ValueError: If one is no origin.
    """

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()):
        for origin in framed_by:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"`framed_by` must be origins such as https://example.org, received {origin!r}"
                )
        self._app = app
        self._headers = HEADERS if framed_by else HEADERS | {"X-Frame-Options": "DENY"}
        # A policy that a page carries itself cannot say this.
        self._frames = policy({"frame-ancestors": " ".join(framed_by) or "'none'"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                headers["Content-Security-Policy"] += f"; {self._frames}"
            await send(message)

        await self._app(scope, receive, sending if scope["type"] == "http" else send)
