"""What every answer of the public port has in common.

Strict security headers, HEAD wherever GET is answered, and never a traceback: what was not
foreseen is logged by its type and place and answered with a sentence.
"""

import logging
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import logs

log = logging.getLogger("wegwijs.serve")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}


class Headers:
    """ASGI middleware around the whole application; `broken` makes the answer to an error."""

    def __init__(self, app: ASGIApp, broken: Callable[[Request], Response]) -> None:
        self._app, self._broken = app, broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reply = _Reply(send, head=scope["method"] == "HEAD")
        inner = {**scope, "method": "GET"} if reply.head else scope
        try:
            await self._app(inner, receive, reply)
        except Exception as error:  # noqa: BLE001 - the one handler of the web process
            log.error("a request failed: %s", logs.place(error))  # noqa: TRY400 - no data
            if not reply.started:
                await self._broken(Request(inner))(inner, receive, reply)


class _Reply:
    """Sends on, with our headers, and without a body when only the head was asked."""

    def __init__(self, send: Send, *, head: bool) -> None:
        self._send, self.head, self.started = send, head, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        elif self.head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)
