"""Refusals that arrive: the rest of a refused body is read and forgotten.

A server that answers and closes while a client still sends makes the client see a broken connection
instead of the answer.
"""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = 10.0
SIZE = 256 << 20  # bytes; whoever sends more does not get to know


class DrainRequestBody:
    """Reads what is left of a request's body before it is answered.

    Args:
        app: The application.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self._app(scope, receive, send)
        whole = False

        async def receiving() -> Message:
            nonlocal whole
            message = await receive()
            whole = whole or not message.get("more_body", False)
            return message

        async def drain() -> None:
            size = 0
            while not whole and size <= SIZE:
                size += len((await receiving()).get("body", b""))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and not whole:
                # Who is slower than that may see a broken connection.
                with suppress(TimeoutError):
                    async with asyncio.timeout(SECONDS):
                        await drain()
            await send(message)

        return await self._app(scope, receiving, sending)
