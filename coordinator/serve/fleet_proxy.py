"""The public port's share of Flower: ten fleet calls, forwarded to the SuperLink on loopback.

Whatever is not exactly one of these paths is answered 404 here: Flower's control and runtime
interfaces, documentation, and every trick with dots, slashes, capitals and percent signs.
"""

import ssl
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.datastructures import URLPath
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

FLEET_CALLS = (
    "activate-node", "deactivate-node", "send-node-heartbeat", "pull-messages", "push-messages",
    "get-run", "get-fab", "pull-object", "push-object", "confirm-message-received",
)  # fmt: skip
_ASKED = ("content-type", "accept")
_SECONDS = 30.0
_CONNECTIONS = httpx.Limits(max_connections=100, max_keepalive_connections=100)


class FleetRoute(BaseRoute):
    """Takes every path that could be read as Flower's; forwards ten, byte for byte."""

    def __init__(self, upstream: str, ca: bytes, most_bytes: int) -> None:
        self._most = most_bytes
        self._client = httpx.AsyncClient(
            base_url=f"https://{upstream}",
            verify=ssl.create_default_context(cadata=ca.decode()),
            timeout=_SECONDS,
            limits=_CONNECTIONS,
            trust_env=False,  # a proxy of the institution is no way to loopback
        )
        self._paths = {f"/v1/fleet/{call}".encode() for call in FLEET_CALLS}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match `/v1` and all below it, however it is written."""
        if scope["type"] != "http":
            return Match.NONE, {}
        parts = unquote(scope["path"]).replace("\\", "/").lower().split("/")
        return (Match.FULL if "v1" in _first(parts) else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """These calls have no names."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        raw: bytes = request.scope.get("raw_path", b"")
        if request.method != "POST" or raw not in self._paths or request.scope["query_string"]:
            return Response(status_code=404)
        try:
            body = await self._body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(status_code=413) if body is None else await self._forward(request, body)

    async def _body(self, request: Request) -> bytes | None:
        """The whole body, or None when it is too large."""
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._most:
                return None
        return bytes(body)

    async def _forward(self, request: Request, body: bytes) -> Response:
        asked = {
            name: value
            for name, value in request.headers.items()
            if name in _ASKED or name.startswith("flwr-")
        }
        try:
            path = request.scope["raw_path"].decode()
            reply = await self._client.post(path, content=body, headers=asked)
        except httpx.TransportError:
            return Response(status_code=503)  # the node tries again
        given = {
            name: value
            for name, value in reply.headers.items()
            if name == "content-type" or name.startswith("flwr-")
        }
        return Response(reply.content, status_code=reply.status_code, headers=given)


def _first(parts: list[str]) -> list[str]:
    """Path parts up to the first that is not empty and not dots."""
    named = [part for part in parts if part.strip(". ")]
    return named[:1]


def fleet_routes(upstream: str, ca: bytes, most_bytes: int = 16 * 2**20) -> list[BaseRoute]:
    """Return the route of the ten calls. `upstream`: host:port of the SuperLink.

    It answers 404 for all else under /v1, 413 for bodies over `most_bytes`, 503 while the
    SuperLink is away.
    """
    return [FleetRoute(upstream, ca, most_bytes)]
