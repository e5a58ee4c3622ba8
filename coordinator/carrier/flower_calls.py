"""The SuperLink's frequent calls, answered by Flower's handlers without its web framework.

    call -> one of twelve? -> Flower's check of who calls -> Flower's handler -> answer
              |-> no                |-> refused                 |-> refused
              v                     v                           v
            Flower's own application, which answers as it always does

In Flower's application a call passes eight layers, each with tasks and streams of its own, and
two changes of thread; that is nine tenths of its cost. With the state in memory a handler takes
a fraction of a millisecond, so it is called where the call arrives.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from flwr.supercore.dependencies.task import authenticate_task
from flwr.supercore.dependencies.version import VersionDependency
from flwr.supercore.error import FlowerError
from flwr.supercore.protobuf.client import DecodeError
from flwr.supercore.protobuf.constants import PROTOBUF_MEDIA_TYPE
from flwr.supercore.protobuf.translation import PROTOBUF_REQUEST_TYPES
from flwr.superlink.dependencies.linkstate import get_linkstate
from flwr.superlink.routers.fleet.node_auth import authenticate_node
from flwr.superlink.servicer.fleet import fleet_handlers as fleet
from flwr.superlink.servicer.runtime import runtime_handlers as runtime
from starlette.exceptions import HTTPException
from starlette.requests import Request

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_TOKEN = "flwr-task-token"  # noqa: S105 - the header's name
_TYPE = PROTOBUF_MEDIA_TYPE.encode()
_version = VersionDependency(component_name="SuperLink", connection_name="Caller <-> SuperLink")


@dataclass(frozen=True, slots=True)
class _Frequent:
    """One call: the message it takes, and what answers it once it is known who calls."""

    takes: Any
    answer: Callable[[Request, Any, Any], Any]


def _of_node(handler: Callable[..., Any], *, store: bool = False) -> Callable[..., Any]:
    """A call of a node, which signed it."""

    def answer(http: Request, state: Any, request: Any) -> Any:
        http.state.protobuf_request = request
        authenticate_node(http)
        if store:
            return handler(request=request, state=state, store=state.object_store)
        return handler(request=request, state=state)

    return answer


def _of_run(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A call of the coordinator, which shows the token of its run."""

    def answer(http: Request, state: Any, request: Any) -> Any:
        _version(http)
        task = authenticate_task(http, http.headers.get(_TOKEN), state)
        return handler(request, state, task)

    return answer


_ANSWERS: Mapping[str, Callable[..., Any]] = {
    "/v1/fleet/send-node-heartbeat": _of_node(fleet.send_node_heartbeat),
    "/v1/fleet/pull-messages": _of_node(fleet.pull_messages, store=True),
    "/v1/fleet/push-messages": _of_node(fleet.push_messages),
    "/v1/fleet/pull-object": _of_node(fleet.pull_object),
    "/v1/fleet/push-object": _of_node(fleet.push_object),
    "/v1/fleet/confirm-message-received": _of_node(fleet.confirm_message_received, store=True),
    "/v1/runtime/get-nodes": _of_run(runtime.get_nodes),
    "/v1/runtime/pull-messages": _of_run(runtime.pull_messages),
    "/v1/runtime/push-messages": _of_run(runtime.push_messages),
    "/v1/runtime/pull-object": _of_run(runtime.pull_object),
    "/v1/runtime/push-object": _of_run(runtime.push_object),
    "/v1/runtime/confirm-message-received": _of_run(runtime.confirm_message_received),
}

FREQUENT = {
    path: _Frequent(PROTOBUF_REQUEST_TYPES[("POST", path)], answer)
    for path, answer in _ANSWERS.items()
}


class FrequentCalls:
    """An ASGI application before Flower's own."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a frequent call, or have Flower answer."""
        call = FREQUENT.get(scope["path"]) if scope["type"] == "http" else None
        if call is None or scope["method"] != "POST" or not _is_protobuf(scope):
            await self._app(scope, receive, send)
            return
        body = await _whole(receive)
        if body is None:
            return  # who called has gone
        try:
            answer = self._answered(call, scope, body)
        except (FlowerError, HTTPException, DecodeError):
            await self._app(scope, _again(body), send)
        else:
            await _send(answer, send)

    def _answered(self, call: _Frequent, scope: Scope, body: bytes) -> bytes:
        http = Request({**scope, "app": self._app})
        request = call.takes()
        request.ParseFromString(body)
        answer = call.answer(http, get_linkstate(http), request)
        return bytes(answer.SerializeToString())


def _is_protobuf(scope: Scope) -> bool:
    return any(name == b"content-type" and value == _TYPE for name, value in scope["headers"])


async def _whole(receive: Receive) -> bytes | None:
    """The whole body; None when the caller went away before its end."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes) -> Receive:
    """The body for Flower's application, which reads it once more."""
    messages: Iterator[MutableMapping[str, Any]] = iter(
        [{"type": "http.request", "body": body, "more_body": False}]
    )

    async def receive() -> MutableMapping[str, Any]:
        return next(messages, {"type": "http.disconnect"})

    return receive


async def _send(body: bytes, send: Send) -> None:
    headers = [(b"content-type", _TYPE), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
