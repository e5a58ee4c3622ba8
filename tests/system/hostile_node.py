"""A node that is registered and signs well, and answers as no node should."""

import hashlib
from dataclasses import dataclass, field
from threading import Event, Thread

from flwr.app import ConfigRecord, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.common.serde import message_to_proto
from flwr.proto import fleet_pb2
from flwr.proto.message_pb2 import ObjectTree
from flwr.supercore.inflatable import inflatable_object as objects
from flwr.supercore.inflatable import inflatable_protobuf_utils as calls

from node.rounds import flower
from node.rounds.retry import Pause

RECORD, FIELD = flower.RECORD, flower.FIELD


def _content(way: str, request: Message) -> RecordDict:
    if way == "another-shape":
        return RecordDict({RECORD: ConfigRecord({FIELD: 5})})
    if way == "too-many-objects":
        return RecordDict({f"r{k}": ConfigRecord({FIELD: b"%d" % k}) for k in range(12)})
    if way == "too-large":
        return RecordDict({f"r{k}": ConfigRecord({FIELD: b"%d" % k * 9_000_000}) for k in (1, 2)})
    return RecordDict({RECORD: ConfigRecord({FIELD: b"late"})})


class _Hostile(flower._Session):
    """Sends its answer in one of the wrong ways."""

    way = ""
    stop = Event()

    def _step(self, handler: flower.Handler) -> bool:
        request = self._receive()
        if request is None:
            return False
        reply = Message(_content(self.way, request), reply_to=request)
        reply.metadata.__dict__["_message_id"] = reply.object_id
        self._push(reply)
        return True

    def _push(self, reply: Message) -> None:
        held = objects.get_all_nested_objects(reply)
        head, tree = message_to_proto(remove_content_from_message(reply)), None
        if self.way == "noise":
            noise = b"Message 0 5\0noise" + bytes(range(256))
            name = hashlib.sha256(noise).hexdigest()
            head.metadata.message_id, tree = name, ObjectTree(object_id=name)
        with objects.no_object_id_recompute():
            response = self._client.PushMessages(
                fleet_pb2.PushMessagesRequest(
                    node=self._node, messages_list=[head],
                    message_object_trees=[tree or objects.get_object_tree(reply)],
                    clientapp_runtime_list=[0.0],
                )
            )  # fmt: skip
            push = calls.make_push_object_fn_protobuf(
                self._client.PushObject, self._node, reply.metadata.run_id, response.session_id
            )
            for name in response.objects_to_push:
                if self.way == "half-sent":
                    return
                push(name, held[name].deflate() if name in held else noise)
                if self.way == "dripping" and self.stop.wait(100):
                    return


@dataclass
class HostileNode:
    """One on a thread of its own. `way`: half-sent, dripping, noise, another-shape, ..."""

    line: flower.Line
    way: str
    stop: Event = field(default_factory=Event)

    def start(self) -> Thread:
        thread = Thread(target=self._serve, daemon=True)
        thread.start()
        return thread

    def _serve(self) -> None:
        kind = type("Hostile", (_Hostile,), {"way": self.way, "stop": self.stop})
        pause = Pause(self.stop)
        while not self.stop.is_set():
            try:
                with flower._Client.of(self.line) as client, kind(client, self.line) as session:
                    session.run(lambda raw: raw, lambda _: None, pause)
            except flower._FAILURES:
                pause.take()
