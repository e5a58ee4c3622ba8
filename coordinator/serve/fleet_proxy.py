"""The public port's share of Flower: ten fleet calls, forwarded to the SuperLink on loopback.

Whatever is not exactly one of these paths is answered 404 here: Flower's control and runtime
interfaces, documentation, and every trick with dots, slashes and percent signs.
"""

import ssl

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

FLEET_CALLS = (
    "activate-node", "deactivate-node", "send-node-heartbeat", "pull-messages", "push-messages",
    "get-run", "get-fab", "pull-object", "push-object", "confirm-message-received",
)  # fmt: skip
_KEPT = ("content-type", "content-encoding", "accept")


def _context(ca: bytes) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=ca.decode())


class _Proxy:
    """Forwards one call; the raw path must be one of the ten, byte for byte."""

    def __init__(self, upstream: str, ca: bytes, most_bytes: int) -> None:
        self._most = most_bytes
        self._client = httpx.AsyncClient(
            base_url=f"https://{upstream}", verify=_context(ca), timeout=30.0
        )
        self._paths = {f"/v1/fleet/{call}".encode() for call in FLEET_CALLS}

    async def forward(self, request: Request) -> Response:
        raw = request.scope.get("raw_path", b"").split(b"?")[0]
        if raw not in self._paths or request.url.query:
            return Response(status_code=404)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._most:
                return Response(status_code=413)
        headers = {
            name: value
            for name, value in request.headers.items()
            if name in _KEPT or name.startswith("flwr-")
        }
        try:
            reply = await self._client.post(raw.decode(), content=bytes(body), headers=headers)
        except httpx.TransportError:
            return Response(status_code=503)
        kept = {
            name: value
            for name, value in reply.headers.items()
            if name == "content-type" or name.startswith("flwr-")
        }
        return Response(reply.content, status_code=reply.status_code, headers=kept)


def fleet_routes(upstream: str, ca: bytes, most_bytes: int = 16 * 2**20) -> list[BaseRoute]:
    """Return the routes of the ten calls. `upstream`: host:port of the SuperLink."""
    proxy = _Proxy(upstream, ca, most_bytes)
    return [Route(f"/v1/fleet/{call}", proxy.forward, methods=["POST"]) for call in FLEET_CALLS]
