"""Other sites may read the public API: what it answers is public, and nobody is signed in."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_OPEN = tuple(f"/api/v1/{name}" for name in ("releases", "statistics", "withheld", "openapi.json"))
_READABLE = ("ETag", "Link", "X-Total-Count", "Retry-After")


class CrossOrigin:
    """ASGI middleware: CORS for GET and HEAD of the open addresses, and of no others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._preflight = CORSMiddleware(
            app, allow_origins=["*"], allow_methods=["GET", "HEAD"],
            allow_headers=["If-None-Match"], max_age=86_400,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(_OPEN):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await self._preflight(scope, receive, send)
        else:
            await self._app(scope, receive, _opened(send))


def _opened(send: Send) -> Send:
    """Say so in every answer, for a cache may keep the one to a reader without an origin."""

    async def opened(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Access-Control-Allow-Origin"] = "*"
            headers["Access-Control-Expose-Headers"] = ", ".join(_READABLE)
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        await send(message)

    return opened
