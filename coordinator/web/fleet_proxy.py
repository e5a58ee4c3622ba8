"""The public port's share of Flower: ten fleet calls, forwarded to the SuperLink's socket.

Whatever is not exactly one of these paths is answered 404 here: Flower's control and runtime
interfaces, documentation, and every trick with dots, slashes, capitals and percent signs.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import URLPath
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from coordinator.web.fleet_bodies import SMALL, FleetBodies, Login, Unwelcome
from coordinator.web.upstream import Away, Headers, Upstream

FLEET_CALLS = (
    "activate-node", "deactivate-node", "send-node-heartbeat", "pull-messages", "push-messages",
    "get-run", "get-fab", "pull-object", "push-object", "confirm-message-received",
)  # fmt: skip
_LARGER = {"push-messages": 2**20, "push-object": 16 * 2**20}
_ASKED = (b"content-type", b"accept")
_KEY = b"flwr-public-key"


class FleetRoute(BaseRoute):
    """Takes every path that could be read as Flower's; forwards ten, byte for byte."""

    def __init__(self, upstream: Upstream, bodies: FleetBodies, most: int) -> None:
        self._upstream, self._bodies = upstream, bodies
        self._most = {
            f"/v1/fleet/{call}".encode(): min(most, _LARGER.get(call, SMALL))
            for call in FLEET_CALLS
        }

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
        try:
            response = await self._answer(Request(scope, receive))
        except Unwelcome as refusal:
            wait = {"Retry-After": "1"} if refusal.status == 429 else None
            response = Response(status_code=refusal.status, headers=wait)
        except ClientDisconnect:
            response = Response(status_code=400)
        except Away:
            response = Response(status_code=503)  # the node tries again
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        raw: bytes = request.scope.get("raw_path", b"")
        if request.method != "POST" or raw not in self._most or request.scope["query_string"]:
            return Response(status_code=404)
        asked = _passed(request.scope["headers"])
        key = next((value for name, value in asked if name == _KEY), b"")
        with self._bodies.call(_address(request) + b" " + key):
            chunks, headers = request.stream(), request.headers
            body, give_back = await self._bodies.read(chunks, headers, self._most[raw])
            try:
                return await self._forward(raw, asked, body)
            finally:
                give_back()

    async def _forward(self, path: bytes, asked: Headers, body: bytes) -> Response:
        reply = await self._upstream.post(path, asked, body)
        response = Response(bytes(reply.body), status_code=reply.status)
        response.raw_headers += [
            (name, value)
            for name, value in reply.headers
            if name == b"content-type" or name.startswith(b"flwr-")
        ]
        return response


def _passed(headers: Headers) -> list[tuple[bytes, bytes]]:
    """The headers that are Flower's. Raises Unwelcome for one that is not printable ASCII."""
    passed = [(n, v) for n, v in headers if n in _ASKED or n.startswith(b"flwr-")]
    for _, value in passed:
        if not all(32 <= byte < 127 for byte in value):
            raise Unwelcome(400)
    return passed


def _address(request: Request) -> bytes:
    return request.client.host.encode() if request.client else b""


def _first(parts: list[str]) -> list[str]:
    """Path parts up to the first that is not empty and not dots."""
    named = [part for part in parts if part.strip(". ")]
    return named[:1]


def fleet_routes(socket: Path, login: Login, most_bytes: int = 16 * 2**20) -> list[BaseRoute]:
    """Return the route of the ten calls. `socket`: the SuperLink's.

    It answers 404 for all else under /v1, 413 for bodies over what the call may bring, 401 for a
    large body without a login, 429 when one node is at too much at once, 503 while the SuperLink
    is away.
    """
    return [FleetRoute(Upstream(socket), FleetBodies(login), most_bytes)]
