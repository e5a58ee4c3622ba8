"""A plain Flower echo: what Flower itself takes to carry 20 bytes to n nodes and back.

    python -m benchmarks.flower_echo 100      # prints JSON

Flower as it comes: its own command `flower-superlink` with node authentication and TLS, its state
in memory as is its default, its grid (one push of all messages, then its own pull, four times a
second), and its fleet connection at the nodes, which are threads of other processes and ask for
work as often as ours do. Nothing of ours stands between them: no public port that forwards, no
limit on calls in flight, no frequent calls answered apart; and nothing of a round is in it.
"""

import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("FLWR_DISABLE_UPDATE_CHECK", "1")

from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import ConfigRecord, Message, Metadata, RecordDict
from flwr.app.message import make_message, remove_content_from_message
from flwr.common.constant import SUPERLINK_NODE_ID
from flwr.common.serde import fab_to_proto, run_from_proto
from flwr.proto.control_pb2 import RegisterNodeRequest, StartRunRequest
from flwr.proto.runtime_pb2 import AcquireTaskRequest, PullTaskInputRequest
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.inflatable import inflatable_object as objects
from flwr.supercore.inflatable import inflatable_utils as transfer
from flwr.supercore.interceptors import RuntimeVersionHttpInterceptor, SuperExecAuthHttpInterceptor
from flwr.supercore.primitives.asymmetric import generate_key_pairs, public_key_to_bytes
from flwr.supercore.runtime import RuntimeHttpClient
from flwr.superlink.grid import HttpGrid
from flwr.supernode.fleet_http_connection import http_request_response

from benchmarks.process_cost import cpu_seconds
from coordinator.carrier.flower_link import TASK, stub_app
from coordinator.carrier.superlink import free_port
from coordinator.certificates import ensure_server_certificate, make_tls_authority
from node.enrolment.flower_key import load_key, private_pem

TEXT = b"twenty bytes of text"
_PULL = 0.25
_PER_PROCESS = 64
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


@dataclass(frozen=True)
class Server:
    """A SuperLink that listens, and what one needs to talk to it."""

    address: str
    ca: bytes
    secret: bytes
    process: int

    def control(self) -> ControlHttpClient:
        """Flower's control client."""
        asks = [RuntimeVersionHttpInterceptor(component_name="flwr-cli")]
        return ControlHttpClient.from_server_address(self.address, False, self.ca, asks)

    def grid(self) -> tuple[int, HttpGrid]:
        """Open a run and claim its task: (its id, Flower's grid for it)."""
        with self.control() as client:
            run = client.StartRun(
                StartRunRequest(fab=fab_to_proto(stub_app()), federation="")
            ).run_id
        asks = [
            RuntimeVersionHttpInterceptor(component_name="SuperExec"),
            SuperExecAuthHttpInterceptor(
                master_secret=self.secret,
                protected_methods={"/flwr.proto.Runtime/AcquireTask"},
            ),
        ]
        with RuntimeHttpClient.from_server_address(self.address, False, self.ca, asks) as boss:
            token = boss.AcquireTask(AcquireTaskRequest(supported_task_types=[TASK])).token
        grid = HttpGrid(self.address, False, self.ca, token=token)
        given = grid._runtime_client.PullTaskInput(PullTaskInputRequest())  # noqa: SLF001 - as flwr
        grid.set_run(run_from_proto(given.run))
        return run, grid


@contextmanager
def _superlink(root: Path) -> Iterator[Server]:
    """Flower's own command, with its defaults but for what node authentication asks for."""
    tls, port = root / "tls", free_port()
    make_tls_authority(tls, "echo", int(time.time()))
    ensure_server_certificate(tls, [], int(time.time()))
    secret = os.urandom(32)
    (root / "secret").write_bytes(secret)
    words = [
        str(Path(sys.executable).with_name("flower-superlink")),
        "--host", "127.0.0.1", "--port", str(port), "--isolation", "process",
        "--superexec-auth-secret-file", str(root / "secret"), "--enable-supernode-auth",
        "--ssl-ca-certfile", str(tls / "ca.pem"), "--ssl-certfile", str(tls / "server.pem"),
        "--ssl-keyfile", str(tls / "server.key"),
    ]  # fmt: skip
    home = {**os.environ, "FLWR_HOME": str(root / "home")}
    with (root / "log").open("wb") as sink:
        process = subprocess.Popen(words, stdout=sink, stderr=sink, env=home)  # noqa: S603
    try:
        _wait(process, port)
        yield Server(f"127.0.0.1:{port}", (tls / "ca.pem").read_bytes(), secret, process.pid)
    finally:
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("flower-superlink does not listen")


def _phase(run: int, grid: HttpGrid, nodes: list[int], superlink: int) -> Echo:
    begun, spent = time.monotonic(), cpu_seconds(superlink)
    waiting = set(grid.push_messages([_message(run, node) for node in nodes]))
    while waiting:
        for reply in grid.pull_messages(list(waiting)):
            if reply.has_error() or reply.content["w"]["b"] != TEXT:
                raise SystemExit("a node did not give its bytes back")
            waiting.discard(reply.metadata.reply_to_message_id)
        time.sleep(_PULL)
    wall = time.monotonic() - begun
    return Echo(len(nodes), round(wall, 2), round(cpu_seconds(superlink) - spent, 2))


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
    with tempfile.TemporaryDirectory(prefix="wegwijs-echo-") as folder, ExitStack() as stack:
        server = stack.enter_context(_superlink(Path(folder)))
        keys, ids = [generate_key_pairs() for _ in range(n)], []
        with server.control() as client:
            for _, public in keys:
                named = RegisterNodeRequest(public_key=public_key_to_bytes(public))
                ids.append(int(client.RegisterNode(named).node_id))
        pems = [private_pem(private).decode() for private, _ in keys]
        count = max(2, math.ceil(n / _PER_PROCESS))  # as many as our own nodes have
        for place in range(count):
            order = {"address": server.address, "ca": server.ca.decode("ascii"),
                     "keys": pems[place::count], "poll": poll}  # fmt: skip
            stack.enter_context(_nodes(order))
        run, grid = server.grid()
        while len(list(grid.get_node_ids())) < n:
            time.sleep(0.5)
        echoes = [_phase(run, grid, ids, server.process) for _ in range(_PHASES)]
        grid.close()
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
