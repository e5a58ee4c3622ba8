"""A plain Flower echo: what Flower itself takes to carry 20 bytes to n nodes and back.

    python -m benchmarks.flower_echo 100      # prints JSON

Flower's SuperLink with node authentication behind the same public port as ours, its grid at the
server (one push of all messages, then its own pull), its fleet connection at the nodes, which are
threads of a second process and ask for work as often as ours do. Nothing of a round is in it.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")

import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import ConfigRecord, Message, Metadata, RecordDict
from flwr.app.message import make_message, remove_content_from_message
from flwr.common.constant import SUPERLINK_NODE_ID
from flwr.supercore.inflatable import inflatable_object as objects
from flwr.supercore.inflatable import inflatable_utils as transfer
from flwr.supernode.fleet_http_connection import http_request_response
from starlette.applications import Starlette

from benchmarks.process_cost import children, cpu_seconds
from coordinator.enrol.certificates import ensure_server_certificate, make_tls_authority
from coordinator.enrol.fleet_login import FleetLogin
from coordinator.rounds.arriving import Limits
from coordinator.rounds.flower import FlowerRun
from coordinator.rounds.flower_link import Link, register
from coordinator.rounds.superlink import Files, SuperLink, free_port
from coordinator.serve.connections import Port, guarded
from coordinator.serve.fleet_proxy import fleet_routes
from coordinator.serve.ports import limits_of, server_tls
from node.participate.flower_key import load_key, new_key, private_pem, public_line

TEXT = b"twenty bytes of text"
_PULL = 0.25
_PHASES = 2
"""The second is told: by then every connection stands."""


@dataclass(frozen=True)
class Echo:
    """One phase: every node got 20 bytes and gave them back. Seconds."""

    nodes: int
    wall: float
    superlink: float


class Echoing(threading.Thread):
    """One node: asks for work, gives back what it got."""

    def __init__(self, address: str, ca: bytes, key: ec.EllipticCurvePrivateKey, poll: float):
        super().__init__(daemon=True)
        self._line = (address, False, ca, (key, key.public_key()))
        self._poll = poll

    def run(self) -> None:
        """Answer until the process ends."""
        with http_request_response(*self._line) as calls:
            while True:
                if not _answer(*calls[1:3], *calls[5:]):
                    time.sleep(self._poll)


def _answer(receive: Any, send: Any, pull: Any, push: Any, confirm: Any) -> bool:
    """Answer one message, as Flower's own node does; whether there was one."""
    got = receive()
    if got is None:
        return False
    head, tree = got
    run, name = head.metadata.run_id, head.metadata.message_id
    ids = [found.object_id for found in objects.iterate_object_tree(tree)]
    contents = transfer.pull_objects(ids, lambda one: pull(run, one))
    message = transfer.inflate_object_from_contents(name, contents)
    message.metadata.__dict__["_message_id"] = name
    confirm(run, name)
    reply = Message(message.content, reply_to=message)
    reply.metadata.__dict__["_message_id"] = reply.object_id
    with objects.no_object_id_recompute():
        wanted, session = send(
            remove_content_from_message(reply), objects.get_object_tree(reply), 0.0
        )
        transfer.push_objects(
            objects.get_all_nested_objects(reply),
            lambda one, body: push(run, session, one, body),
            object_ids_to_push=set(wanted),
        )
    return True


def _message(run: int, node: int) -> Message:
    metadata = Metadata(
        run_id=run, message_id="", src_node_id=SUPERLINK_NODE_ID, dst_node_id=node,
        reply_to_message_id="", group_id="echo", created_at=time.time(), ttl=3_600.0,
        message_type="query",
    )  # fmt: skip
    return make_message(metadata=metadata, content=RecordDict({"w": ConfigRecord({"b": TEXT})}))


def _phase(run: FlowerRun, nodes: list[int], superlink: int) -> Echo:
    begun, spent = time.monotonic(), cpu_seconds(superlink)
    waiting = set(run.grid.push_messages([_message(run.run_id, node) for node in nodes]))
    while waiting:
        for reply in run.grid.pull_messages(list(waiting)):
            if reply.has_error() or reply.content["w"]["b"] != TEXT:
                raise SystemExit("a node did not give its bytes back")
            waiting.discard(reply.metadata.reply_to_message_id)
        time.sleep(_PULL)
    wall = time.monotonic() - begun
    return Echo(len(nodes), round(wall, 2), round(cpu_seconds(superlink) - spent, 2))


@contextmanager
def _port(superlink: SuperLink, keys: list[bytes], tls: Path) -> Iterator[str]:
    """The public port, as `wegwijs-coordinator serve` opens it."""
    app = Starlette(routes=fleet_routes(superlink.socket, FleetLogin(lambda: keys)))
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    server = uvicorn.Server(guarded(config, Port(limits_of(()), server_tls(tls))))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@contextmanager
def _nodes(order: dict[str, object]) -> Iterator[None]:
    words = [sys.executable, "-m", "benchmarks.flower_echo", "nodes"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, text=True) as process:  # noqa: S603
        if process.stdin is not None:
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        yield
        process.kill()  # their goodbyes are no part of what is measured


def be_nodes() -> None:
    """The second process: as many nodes as it is given keys, until it is ended."""
    order = json.loads(sys.stdin.readline())
    nodes = [
        Echoing(order["address"], order["ca"].encode(), load_key(key.encode()), order["poll"])
        for key in order["keys"]
    ]
    for node in nodes:
        node.start()
    for node in nodes:
        node.join()


def measure(n: int, poll: float) -> Echo:
    """One echo to n nodes that ask for work every `poll` seconds."""
    with tempfile.TemporaryDirectory(prefix="wegwijs-echo-") as folder:
        root, keys = Path(folder), {k: new_key() for k in range(1, n + 1)}
        tls = root / "tls"
        make_tls_authority(tls, "echo", int(time.time()))
        ensure_server_certificate(tls, [], int(time.time()))
        (root / "secret").write_bytes(os.urandom(32))
        files = Files(root / "link", tls / "ca.pem", tls / "server.pem", tls / "server.key",
                      root / "secret")  # fmt: skip
        lines = {k: public_line(key) for k, key in keys.items()}
        with SuperLink(files) as superlink, _port(superlink, list(lines.values()), tls) as address:
            server = children(os.getpid())[0]
            link = Link(superlink.socket, (root / "secret").read_bytes())
            ids = register(link, lines)
            order = {"address": address, "ca": (tls / "ca.pem").read_text(encoding="ascii"),
                     "keys": [private_pem(key).decode() for key in keys.values()],
                     "poll": poll}  # fmt: skip
            with _nodes(order):
                run = FlowerRun(link, Limits())
                while len(run.online()) < n:
                    time.sleep(0.5)
                echoes = [_phase(run, list(ids.values()), server) for _ in range(_PHASES)]
                run.close()
    return echoes[-1]


def main() -> None:
    """Measure one size and print it."""
    if sys.argv[1] == "nodes":
        be_nodes()
        return
    n = int(sys.argv[1])
    poll = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    print(json.dumps(asdict(measure(n, poll))))


if __name__ == "__main__":
    main()
