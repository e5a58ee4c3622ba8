"""The coordinator's door to Flower: it drives the SuperLink in process.

A run is only a carrier: opened when there is something to say, thrown away when it is lost.
Its app package is a stub that nobody ever runs; the ServerApp's task is claimed by this
process, and its token used with Flower's grid. Answers are pulled by `arriving`, not by Flower.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

import httpx
from flwr.app import ConfigRecord, Message, Metadata, RecordDict
from flwr.app.message import make_message
from flwr.common.constant import SUPERLINK_NODE_ID
from flwr.common.serde import run_from_proto
from flwr.proto.message_pb2 import ConfirmMessageReceivedRequest, PullObjectRequest
from flwr.proto.node_pb2 import Node
from flwr.proto.runtime_pb2 import (
    PullAppMessagesRequest,
    PullAppMessagesResponse,
    PullTaskInputRequest,
    SendTaskHeartbeatRequest,
)
from flwr.supercore.inflatable import inflatable_object as objects
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from flwr.superlink.grid import HttpGrid

from coordinator.carrier.arriving import Announced, Arrivals, Gone, Limits, Nothing, Unreadable
from coordinator.carrier.delivery import MESSAGE_SECONDS, LinkAway, RunCarrier, RunLost
from coordinator.carrier.flower_link import (
    Link,
    Runtime,
    named,
    register,
    runtime,
    start_run,
    stop_run,
)

log = logging.getLogger("wegwijs.flower")

RECORD, FIELD = "w", "b"
_CHUNK = 25
_LISTED = 64  # objects of a reply that are counted at most; far more than any reply may have
_UNREADABLE = (
    # what a wrong or hostile reply can raise while Flower takes it apart:
    ValueError, LookupError, TypeError, AttributeError, RuntimeError, AssertionError,
    objects.UnexpectedObjectContentError,
)  # fmt: skip


class _Grid(HttpGrid):  # type: ignore[misc] # Flower ships no types that strict mode accepts
    """Flower's grid on the socket, without its retry invoker, which interrupts the process."""

    def __init__(self, link: Link, token: str) -> None:
        super().__init__(token=token)
        self._link = link

    def _connect(self) -> None:
        self._client = runtime(self._link, self._token)

    @property
    def runtime(self) -> Runtime:
        """The client of the Runtime API."""
        client: Runtime = self._runtime_client
        return client


class _Replies:
    """Where the replies of one run come from: the SuperLink's Runtime API."""

    def __init__(self, client: Runtime, run_id: int) -> None:
        self._client, self._run_id = client, run_id
        self._node = Node(node_id=SUPERLINK_NODE_ID)

    def announced(self, asked: Sequence[str]) -> Iterable[Announced]:
        """Heads of the replies; if one of them cannot be told, the others still are."""
        try:
            yield from self._heads(asked)
        except (LinkAway, *_UNREADABLE):
            if len(asked) == 1:
                raise
            yield from self._one_by_one(asked)

    def _one_by_one(self, asked: Sequence[str]) -> Iterator[Announced]:
        """A head that fails alone is a failure of its sender; when all fail the link is away."""
        failed: list[str] = []
        for name in asked:
            try:
                yield from self._heads([name])
            except (LinkAway, *_UNREADABLE) as failure:
                failed.append(name)
                if len(failed) == len(asked):
                    raise LinkAway("the SuperLink tells no reply") from failure
        yield from (Announced(name, name, error=0) for name in failed)

    @named()
    def _heads(self, asked: Sequence[str]) -> list[Announced]:
        request = PullAppMessagesRequest(message_ids=asked)
        return list(_heads(self._client.PullMessages(request), frozenset(asked)))

    def object(self, name: str) -> bytes | None:
        """One object of a reply, if it is there."""
        request = PullObjectRequest(node=self._node, run_id=self._run_id, object_id=name)
        with named():
            found = self._client.PullObject(request)
        if not found.object_found:
            raise Gone(name)
        return bytes(found.object_content) if found.object_available else None

    def read(self, reply: Announced, contents: dict[str, bytes]) -> bytes:
        """The bytes that a centre sent."""
        try:
            message = inflate_object_from_contents(reply.name, dict(contents))
        except _UNREADABLE as error:
            raise Unreadable(type(error).__name__) from None
        confirmed = ConfirmMessageReceivedRequest(
            node=self._node, run_id=self._run_id, message_object_id=reply.name
        )
        try:
            self._client.ConfirmMessageReceived(confirmed)
        except httpx.HTTPError:
            log.info("a reply was read but could not be confirmed; it ends with its run")
        return _body(message)


def _heads(pulled: PullAppMessagesResponse, asked: frozenset[str]) -> Iterator[Announced]:
    for head, tree in zip(pulled.messages_list, pulled.message_object_trees, strict=True):
        name, to = head.metadata.message_id, head.metadata.reply_to_message_id
        if to not in asked:
            continue
        if head.HasField("error"):
            yield Announced(name, to, error=int(head.error.code))
        else:
            walked = islice(objects.iterate_object_tree(tree), _LISTED)
            yield Announced(name, to, tuple(dict.fromkeys(one.object_id for one in walked)))


def _body(message: object) -> bytes:
    if not isinstance(message, Message) or not message.has_content():
        raise Unreadable("no message with content")
    record = message.content.get(RECORD)
    body = record.get(FIELD) if isinstance(record, ConfigRecord) else None
    if not isinstance(body, bytes):
        raise Unreadable("no bytes")
    return body


class FlowerRun:
    """One Flower run with its claimed task, kept alive by a heartbeat every ten seconds."""

    def __init__(self, link: Link, limits: Limits) -> None:
        self._link = link
        self.run_id, token = start_run(link)
        with named():
            self.grid = _Grid(link, token)
            given = self.grid.runtime.PullTaskInput(PullTaskInputRequest())
        self.grid.set_run(run_from_proto(given.run))
        self._arrivals = Arrivals(_Replies(self.grid.runtime, self.run_id), limits)
        self._over, self._lost = threading.Event(), threading.Event()
        threading.Thread(target=self._beat, name="flower-run", daemon=True).start()

    def _beat(self) -> None:
        while not self._over.wait(10):
            try:
                alive = self.grid.runtime.SendTaskHeartbeat(SendTaskHeartbeatRequest()).success
            except (httpx.TransportError, RuntimeError):
                continue  # away, or closed just now: a token lives a minute
            except httpx.HTTPStatusError as error:
                alive = error.response.status_code >= 500
            if not alive:
                self._lost.set()
                return

    @property
    def lost(self) -> bool:
        """Whether its heartbeat was refused."""
        return self._lost.is_set()

    @named()
    def online(self) -> frozenset[int]:
        """Flower's ids of nodes that are connected."""
        return frozenset(self.grid.get_node_ids())

    @named()
    def push(self, requests: Mapping[int, bytes]) -> dict[int, str]:
        """Return the message id for each Flower node whose message was taken."""
        nodes = list(requests)
        ids: list[str] = []
        for start in range(0, len(nodes), _CHUNK):
            chunk = nodes[start : start + _CHUNK]
            ids += self.grid.push_messages([self._message(n, requests[n]) for n in chunk])
        return {node: name for node, name in zip(nodes, ids, strict=False) if name}

    def _message(self, node: int, body: bytes) -> Message:
        metadata = Metadata(
            run_id=self.run_id,
            message_id="",
            src_node_id=SUPERLINK_NODE_ID,
            dst_node_id=node,
            reply_to_message_id="",
            group_id="round",
            created_at=time.time(),
            ttl=MESSAGE_SECONDS,
            message_type="query",
        )
        content = RecordDict({RECORD: ConfigRecord({FIELD: body})})
        return make_message(metadata=metadata, content=content)

    def pull(self, message_ids: Iterable[str]) -> dict[str, bytes | Nothing]:
        """Return answers by message id, or why a message came to nothing."""
        return self._arrivals.take(message_ids)

    def close(self) -> None:
        """Stop the run, which frees what the SuperLink holds of it; else it ends by itself within
        a minute."""
        self._over.set()
        self._arrivals.close()
        try:
            stop_run(self._link, self.run_id)
        except (RunLost, LinkAway):
            log.info("the run was gone already")
        self.grid.close()


class FlowerCarrier(RunCarrier):
    """Carries bytes over Flower. Used from one thread; `close` it at the end.

    `tell` hears (roster id, fault) when a centre's answer came to nothing.
    """

    def __init__(
        self,
        link: Link,
        tell: Callable[[int, str], None] | None = None,
        limits: Limits | None = None,
    ) -> None:
        super().__init__(self._opened, tell=tell)
        self._link, self._limits = link, limits or Limits()
        self._keys: dict[int, bytes] = {}

    def know(self, keys: Mapping[int, bytes]) -> None:
        """Let these centres connect, by their public key lines (roster id -> OpenSSH line).

        Safe to repeat; a SuperLink that was started again knows nobody. Raises LinkAway.
        """
        self._keys.update(keys)
        self._register()

    def _opened(self) -> FlowerRun:
        """A run is lost when the SuperLink was started again: then it knows no centre either."""
        self._register()
        return FlowerRun(self._link, self._limits)

    def _register(self) -> None:
        if self._keys:
            self._nodes.update(register(self._link, self._keys))
