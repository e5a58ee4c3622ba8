"""The node's one door to Flower: a fleet client that never downloads or runs code.

It speaks eight calls of Flower 1.41's fleet API (activate, heartbeat, pull and push messages
and objects, confirm, deactivate) and no others: an app package of the coordinator is never
asked for. Connections go outward only; whatever fails is tried again.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import ConfigRecord, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.common.serde import message_from_proto, message_to_proto
from flwr.proto.fleet_pb2 import (
    ActivateNodeRequest,
    DeactivateNodeRequest,
    PullMessagesRequest,
    PushMessagesRequest,
)
from flwr.proto.heartbeat_pb2 import SendNodeHeartbeatRequest
from flwr.proto.node_pb2 import Node
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    iterate_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_protobuf_utils import (
    make_confirm_message_received_fn_protobuf,
    make_pull_object_fn_protobuf,
    make_push_object_fn_protobuf,
)
from flwr.supercore.inflatable.inflatable_utils import (
    ObjectPullError,
    inflate_object_from_contents,
    pull_objects,
    push_objects,
)
from flwr.supercore.interceptors.http.runtime_version import RuntimeVersionHttpInterceptor
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supernode.fleet_http_client import FleetHttpClient
from flwr.supernode.node_auth_http_interceptor import NodeAuthHttpInterceptor

Handler = Callable[[bytes], bytes]

RECORD, FIELD = "w", "b"
HEARTBEAT_SECONDS = 10
"""Flower's least; a killed node may come back after twice this."""

_LONGEST_PAUSE = 5.0
_FAILURES = (httpx.HTTPError, ObjectPullError, ConnectionError, TimeoutError, OSError)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make the key with which a node signs its calls (P-384)."""
    return ec.generate_private_key(ec.SECP384R1())


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The private key as OpenSSH PEM, for the node's own encrypted store."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )


def load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The inverse of `private_pem`. Raises ValueError."""
    key = serialization.load_ssh_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("not an elliptic-curve key")  # noqa: TRY004 - the bytes are wrong
    return key


def public_line(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public key as one OpenSSH line, as the coordinator registers it."""
    return key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )


@dataclass(frozen=True, slots=True)
class Line:
    """Where and how a node connects. `address`: host:port; `ca`: PEM of its authority."""

    address: str
    ca: bytes
    key: ec.EllipticCurvePrivateKey
    idle_seconds: float = 10.0


def serve(line: Line, handler: Handler, stop: Event, say: Callable[[str], None]) -> None:
    """Answer messages until `stop`. `say` hears `connected` and `waiting`, when they change."""
    pause = 0.5
    while not stop.is_set():
        try:
            with _client(line) as client:
                session = _Session(client, line)
                say("connected")
                pause = 0.5
                try:
                    session.run(handler, stop)
                finally:
                    session.leave()
        except _FAILURES:
            say("waiting")
            stop.wait(pause * random.uniform(0.7, 1.3))  # noqa: S311 - spreads reconnections
            pause = min(2 * pause, _LONGEST_PAUSE)


def _client(line: Line) -> FleetHttpClient:
    return FleetHttpClient.from_server_address(
        line.address,
        False,
        line.ca,
        interceptors=[
            RuntimeVersionHttpInterceptor(component_name="SuperNode"),
            NodeAuthHttpInterceptor(line.key, line.key.public_key()),
        ],
    )


class _Session:
    """One activation: from here to the first failure."""

    def __init__(self, client: FleetHttpClient, line: Line) -> None:
        self._client, self._idle = client, line.idle_seconds
        public = public_key_to_bytes(line.key.public_key())
        request = ActivateNodeRequest(public_key=public, heartbeat_interval=HEARTBEAT_SECONDS)
        self._node = Node(node_id=client.ActivateNode(request).node_id)
        self._beat_at = time.monotonic()

    def run(self, handler: Handler, stop: Event) -> None:
        while not stop.is_set():
            self._beat()
            if not self._answer_one(handler):
                stop.wait(self._idle * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    def leave(self) -> None:
        try:
            self._client.DeactivateNode(DeactivateNodeRequest(node_id=self._node.node_id))
        except _FAILURES:
            return  # the coordinator is gone; it will notice that we are

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beat_at < HEARTBEAT_SECONDS / 2:
            return
        request = SendNodeHeartbeatRequest(node=self._node, heartbeat_interval=HEARTBEAT_SECONDS)
        if not self._client.SendNodeHeartbeat(request).success:
            raise ConnectionError("the coordinator does not know this activation any more")
        self._beat_at = now

    def _answer_one(self, handler: Handler) -> bool:
        response = self._client.PullMessages(PullMessagesRequest(node=self._node))
        if not response.messages_list:
            return False
        head = message_from_proto(response.messages_list[0])
        run_id, message_id = head.metadata.run_id, head.metadata.message_id
        tree = response.message_object_trees[0]
        contents = pull_objects(
            [found.object_id for found in iterate_object_tree(tree)],
            make_pull_object_fn_protobuf(self._client.PullObject, self._node, run_id),
        )
        message = inflate_object_from_contents(message_id, contents)
        message.metadata.__dict__["_message_id"] = message_id
        make_confirm_message_received_fn_protobuf(
            self._client.ConfirmMessageReceived, self._node, run_id
        )(message_id)
        self._send(message, handler(_bytes_of(message)))
        return True

    def _send(self, request: Message, body: bytes) -> None:
        content = RecordDict({RECORD: ConfigRecord({FIELD: body})})
        reply = Message(content, reply_to=request)
        reply.metadata.__dict__["_message_id"] = reply.object_id
        with no_object_id_recompute():
            response = self._client.PushMessages(
                PushMessagesRequest(
                    node=self._node,
                    messages_list=[message_to_proto(remove_content_from_message(reply))],
                    message_object_trees=[get_object_tree(reply)],
                    clientapp_runtime_list=[0.0],
                )
            )
            push_objects(
                get_all_nested_objects(reply),
                make_push_object_fn_protobuf(
                    self._client.PushObject,
                    self._node,
                    request.metadata.run_id,
                    response.session_id,
                ),
                object_ids_to_push=set(response.objects_to_push),
            )


def _bytes_of(message: Message) -> bytes:
    """The opaque bytes of a message; anything else is no request of ours."""
    if not message.has_content() or RECORD not in message.content:
        return b""
    record = message.content[RECORD]
    body = record.get(FIELD, b"") if isinstance(record, ConfigRecord) else b""
    return body if isinstance(body, bytes) else b""
