"""Sending responses piece by piece, so that what nobody reads stays within limits."""

from contextlib import ExitStack

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PIECE = 1 << 18  # bytes that the server holds of an unread response, beside the response itself
PLACES = "deepcolor.places"  # key of the scope


class SendInPieces:
    """ASGI middleware that sends the next piece of a body when the last one has been taken.

    What a handler enters into the exit stack at `PLACES` of the scope, such as the place of its
    request in the queue, it holds until its response has been sent or its client is gone.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def send_in_pieces(message: Message) -> None:
            body = message.get("body", b"")
            if len(body) <= PIECE:
                await send(message)
                return
            for start in range(0, len(body), PIECE):
                piece = body[start : start + PIECE]
                await send({**message, "body": piece, "more_body": True})
            # This one waits until the pieces have left.
            await send({**message, "body": b""})

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with ExitStack() as places:
            await self._app({**scope, PLACES: places}, receive, send_in_pieces)
