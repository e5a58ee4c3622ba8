"""The node's one door to Flower: a fleet client that never downloads or runs code.

It speaks eight calls of Flower 1.41's fleet API (activate, heartbeat, pull and push messages
and objects, confirm, deactivate) and no others: an app package of the coordinator is never
asked for. Connections go outward only, to one address; whatever fails is tried again.
"""

import logging
import os
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Self

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import ConfigRecord, Error, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.common.constant import TIMESTAMP_HEADER, ErrorCode
from flwr.common.serde import message_from_proto, message_to_proto
from flwr.proto import fleet_pb2
from flwr.proto.heartbeat_pb2 import SendNodeHeartbeatRequest
from flwr.proto.node_pb2 import Node
from flwr.supercore import constant as flower
from flwr.supercore.inflatable import inflatable_object as objects
from flwr.supercore.inflatable import inflatable_protobuf_utils as calls
from flwr.supercore.inflatable import inflatable_utils as transfer
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supercore.protobuf.client import DecodeError
from flwr.supercore.version import package_name, package_version
from flwr.supernode.fleet_http_client import FleetHttpClient

from chassis import logs
from node.rounds import retry
from node.rounds.region_clock import RegionClock
from node.rounds.retry import Doubting, OnChange, Pause, away, turned_away, unauthorized

log = logging.getLogger("wegwijs.flower")

Handler = Callable[[bytes], bytes]

RECORD, FIELD = "w", "b"
_MOST_OBJECTS = 16  # a request is a message, a record dict, a record: three objects
_AT_ONCE = 1  # object; each more would open a connection of its own, with its handshake
_FAILURES = (
    httpx.HTTPError, OSError, transfer.ObjectPullError, transfer.ObjectPushError,
    # what a wrong or hostile reply can raise while Flower takes it apart:
    ValueError, LookupError, TypeError, AttributeError, RuntimeError, DecodeError,
    objects.UnexpectedObjectContentError,
)  # fmt: skip


class SessionEnded(ConnectionError):
    """The coordinator does not know this connection any more; a new one is made."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where and how a node connects. `address`: host:port; `ca`: PEM of its authority."""

    address: str
    ca: bytes
    key: ec.EllipticCurvePrivateKey
    idle_seconds: float = 10.0
    clock: RegionClock = field(default_factory=RegionClock)


def serve(line: Line, handler: Handler, stop: Event, say: Callable[[str], None]) -> None:
    """Answer messages until `stop`; never raises because of the coordinator or the network.

    `say` hears a state when it changes: `connected`, `waiting` (the coordinator cannot be
    reached, was just started again, or still counts on the process before this one), `refused`
    (it has not let this key in for a while), `clock` (its clock and this computer's differ by
    more than a node follows).
    """
    tell = Doubting(OnChange(say, lambda: line.clock.ahead))
    pause = Pause(stop)
    while not stop.is_set():
        stamped = line.clock.ahead
        try:
            with _Client.of(line) as client, _Session(client, line) as session:
                session.run(handler, tell, pause)
        except _FAILURES as failure:
            learnt = line.clock.ahead != stamped and not line.clock.off
            if not (unauthorized(failure) and learnt):  # else the next call has the right stamp
                tell(_state(failure, line.clock))
            pause.take()


def _state(failure: Exception, clock: RegionClock) -> str:
    if not turned_away(failure):
        return "waiting"
    return "clock" if clock.off and unauthorized(failure) else "refused"


class _Signing:
    """Signs the time of each call. Flower's own interceptors end the process on request of the
    other side, and load a web framework."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, clock: RegionClock | None = None) -> None:
        self._key, self._clock = key, clock or RegionClock()
        public = public_key_to_bytes(key.public_key())
        self._same = {
            flower.FLWR_PACKAGE_NAME_METADATA_KEY: package_name,
            flower.FLWR_PACKAGE_VERSION_METADATA_KEY: package_version,
            flower.FLWR_COMPONENT_NAME_METADATA_KEY: "SuperNode",
            flower.FLEET_HTTP_PUBLIC_KEY_HEADER: b64encode(public).decode(),
        }

    def intercept(self, context: Any, call_next: Callable[[Any], httpx.Response]) -> httpx.Response:
        asked_at, stamp = self._clock.own(), self._clock.stamp().isoformat()
        signature = self._key.sign(stamp.encode(), ec.ECDSA(hashes.SHA256()))
        headers = context.request.headers
        headers.update({**self._same, TIMESTAMP_HEADER: stamp})
        headers[flower.FLEET_HTTP_SIGNATURE_HEADER] = b64encode(signature).decode()
        response = call_next(context)
        self._clock.hear(response.headers.get("date"), asked_at)
        return response


class _Client(FleetHttpClient):  # type: ignore[misc] # Flower ships no types for strict mode
    """Flower's client without redirects: the coordinator cannot send a node elsewhere. Its
    connection stays open from one question for work to the next."""

    def __init__(self, *args: Any, verify: Any, **words: Any) -> None:
        super().__init__(*args, verify=verify, **words)
        self._client = httpx.Client(verify=verify, timeout=30.0, limits=retry.CONNECTIONS)

    @classmethod
    def of(cls, line: Line) -> Any:
        signing = [_Signing(line.key, line.clock)]
        return cls.from_server_address(line.address, False, line.ca, interceptors=signing)


class _Session:
    """One activation, with heartbeats on their own thread: a busy node stays connected."""

    def __init__(self, client: _Client, line: Line) -> None:
        self._client, self._line = client, line
        self._ended = Event()
        self._unsent: Message | None = None
        self._thread = Thread(target=self._beat, name="flower-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        request = fleet_pb2.ActivateNodeRequest(
            public_key=public_key_to_bytes(self._line.key.public_key()),
            heartbeat_interval=retry.promised_heartbeat(self._line.idle_seconds),
        )
        self._node = Node(node_id=self._client.ActivateNode(request).node_id)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(6)
        with suppress(*_FAILURES):  # the coordinator may be gone; it will notice that we are
            self._client.DeactivateNode(fleet_pb2.DeactivateNodeRequest(node_id=self._node.node_id))

    def _beat(self) -> None:
        """End the session when the coordinator does not know it any more; else go on."""
        interval = retry.promised_heartbeat(self._line.idle_seconds)
        request = SendNodeHeartbeatRequest(node=self._node, heartbeat_interval=interval)
        wait = usual = 0.7 * interval
        while not self._ended.wait(wait):
            try:
                known = self._client.SendNodeHeartbeat(request).success
            except _FAILURES as failure:
                known, wait = not unauthorized(failure), min(usual, 3.0)
            else:
                wait = usual
            if not known:
                self._ended.set()

    def run(self, handler: Handler, tell: Callable[[str], None], pause: Pause) -> None:
        """Answer until stopped. Raises when the coordinator does not know this session any more."""
        asking = retry.Asking(self._line.idle_seconds)
        while not (pause.stop.is_set() or self._ended.is_set()):
            try:
                busy = self._step(handler)
            except _FAILURES as failure:
                self._consider(failure, tell)
                pause.take()
                continue
            tell("connected")
            pause.over()
            if busy:
                asking.soon()
            else:
                pause.stop.wait(asking.wait())
        if not pause.stop.is_set():
            raise SessionEnded("the coordinator does not know this connection any more")

    def _step(self, handler: Handler) -> bool:
        """Answer one request. An answer that could not be sent is kept for the next step."""
        if self._unsent is None:
            request = self._receive()
            if request is None:
                return False
            self._unsent = _reply(handler, request, self._line.clock.now())
        self._send(self._unsent)
        self._unsent = None
        return True

    def _consider(self, failure: Exception, tell: Callable[[str], None]) -> None:
        if unauthorized(failure):
            raise failure
        if away(failure):
            tell("waiting")
        else:
            self._unsent = None  # its run is gone, or it was no request; the coordinator asks again
            log.warning("a request was left: %s", type(failure).__name__)

    def _receive(self) -> Message | None:
        response = self._client.PullMessages(fleet_pb2.PullMessagesRequest(node=self._node))
        if not response.messages_list:
            return None
        head = message_from_proto(response.messages_list[0])
        run_id, message_id = head.metadata.run_id, head.metadata.message_id
        contents = transfer.pull_objects(
            _object_ids(response),
            calls.make_pull_object_fn_protobuf(self._client.PullObject, self._node, run_id),
            max_concurrent_pulls=_AT_ONCE,
        )
        message = transfer.inflate_object_from_contents(message_id, contents)
        if not isinstance(message, Message):
            raise TypeError("not a message")
        message.metadata.__dict__["_message_id"] = message_id
        calls.make_confirm_message_received_fn_protobuf(
            self._client.ConfirmMessageReceived, self._node, run_id
        )(message_id)
        return message

    def _send(self, reply: Message) -> None:
        with objects.no_object_id_recompute():
            response = self._client.PushMessages(
                fleet_pb2.PushMessagesRequest(
                    node=self._node,
                    messages_list=[message_to_proto(remove_content_from_message(reply))],
                    message_object_trees=[objects.get_object_tree(reply)],
                    clientapp_runtime_list=[0.0],
                )
            )
            push = calls.make_push_object_fn_protobuf(
                self._client.PushObject, self._node, reply.metadata.run_id, response.session_id
            )
            transfer.push_objects(
                objects.get_all_nested_objects(reply),
                push,
                object_ids_to_push=set(response.objects_to_push),
                max_concurrent_pushes=_AT_ONCE,
            )


def _object_ids(response: fleet_pb2.PullMessagesResponse) -> list[str]:
    tree = response.message_object_trees[0]
    ids = [found.object_id for found in objects.iterate_object_tree(tree)]
    if len(ids) > _MOST_OBJECTS:
        raise ValueError("too many objects for one request")
    return ids


def _reply(handler: Handler, request: Message, now: float) -> Message:
    """The handler's answer; if it fails, an error that says nothing of why. `now`: the region's."""
    try:
        body = handler(_bytes_of(request))
    except Exception as error:  # noqa: BLE001 - one failed answer must not end the node
        where = logs.place(error)  # its text may hold data
        log.error("a request could not be answered: %s", where)  # noqa: TRY400
        reply = Message(Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, ""), reply_to=request)
    else:
        reply = Message(RecordDict({RECORD: ConfigRecord({FIELD: body})}), reply_to=request)
    known, asked = reply.metadata.__dict__, request.metadata
    known["_created_at"] = max(now, asked.created_at)
    known["_ttl"] = asked.created_at + asked.ttl - known["_created_at"]
    known["_message_id"] = reply.object_id
    return reply


def _bytes_of(message: Message) -> bytes:
    """The opaque bytes of a message; anything else is no request of ours."""
    if not message.has_content() or RECORD not in message.content:
        return b""
    record = message.content[RECORD]
    body = record.get(FIELD) if isinstance(record, ConfigRecord) else None
    return body if isinstance(body, bytes) else b""
