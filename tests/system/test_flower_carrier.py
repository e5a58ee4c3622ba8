"""Bytes over real Flower: SuperLink, TLS, node authentication, the public port, real nodes."""

import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from coordinator.enrol.certificates import ensure_server_certificate, make_tls_authority
from coordinator.rounds.flower import FlowerCarrier, Link
from coordinator.rounds.superlink import Files, SuperLink, free_port
from coordinator.serve.fleet_proxy import FLEET_CALLS, fleet_routes
from node.participate.flower_key import new_key, private_pem, public_line

pytestmark = pytest.mark.system
HERE = Path(__file__).parent


@dataclass
class Edge:
    """SuperLink, public port and three echo nodes."""

    folder: Path
    superlink: SuperLink
    port: int
    link: Link
    carrier: FlowerCarrier
    keys: dict[int, bytes]
    nodes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def ca(self) -> Path:
        return self.folder / "tls" / "ca.pem"

    def start_node(self, node: int) -> None:
        words = [sys.executable, str(HERE / "echo_node.py"), f"127.0.0.1:{self.port}",
                 str(self.ca), str(self.folder / f"node-{node}.key")]  # fmt: skip
        sink = (self.folder / f"node-{node}.log").open("ab")
        self.nodes[node] = subprocess.Popen(words, stdout=sink, stderr=sink)

    def wait_online(self, wanted: set[int], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not wanted <= self.carrier.online():
            assert time.monotonic() < deadline, f"only {self.carrier.online()} came online"
            time.sleep(0.3)

    def ask(self, text: bytes, nodes: set[int], seconds: float = 30) -> dict[int, bytes]:
        return dict(self.carrier.exchange(dict.fromkeys(nodes, text), seconds=seconds))


def serve_public(app: Starlette, folder: Path, port: int) -> uvicorn.Server:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning",
        ssl_certfile=str(folder / "server.pem"), ssl_keyfile=str(folder / "server.key"),
    )  # fmt: skip
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return server


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    folder = tmp_path_factory.mktemp("flower")
    tls = folder / "tls"
    make_tls_authority(tls, "test", int(time.time()))
    ensure_server_certificate(tls, [], int(time.time()))
    (folder / "secret").write_bytes(os.urandom(32))
    files = Files(folder / "link", tls / "ca.pem", tls / "server.pem", tls / "server.key",
                  folder / "secret")  # fmt: skip
    superlink = SuperLink(files).start()
    ca = (tls / "ca.pem").read_bytes()
    link = Link(superlink.address, ca, (folder / "secret").read_bytes())
    keys = {}
    for node in (1, 2, 3):
        key = new_key()
        (folder / f"node-{node}.key").write_bytes(private_pem(key))
        keys[node] = public_line(key)
    port = free_port()
    server = serve_public(Starlette(routes=fleet_routes(superlink.address, ca)), tls, port)
    carrier = FlowerCarrier(link)
    carrier.know(keys)
    made = Edge(folder, superlink, port, link, carrier, keys)
    for node in keys:
        made.start_node(node)
    yield made
    for process in made.nodes.values():
        process.kill()
        process.wait()
    made.carrier.close()
    server.should_exit = True
    made.superlink.stop()


def test_every_node_answers_over_tls(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    assert edge.ask(b"hello", {1, 2, 3}) == dict.fromkeys((1, 2, 3), b"olleh")
    big = os.urandom(2_000_000)
    assert edge.ask(big, {2}) == {2: big[::-1]}


def test_a_killed_node_is_missed_and_answers_again_when_it_is_back(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    edge.nodes[3].kill()
    edge.nodes[3].wait()
    assert edge.ask(b"one", {1, 2, 3}, seconds=4) == {1: b"eno", 2: b"eno"}
    edge.start_node(3)
    deadline = time.monotonic() + 80
    answer: dict[int, bytes] = {}
    while 3 not in answer and time.monotonic() < deadline:
        answer = edge.ask(b"two", {3}, seconds=5)
    assert answer == {3: b"owt"}


def test_a_new_carrier_takes_over_where_a_killed_coordinator_stopped(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    edge.carrier = FlowerCarrier(edge.link)  # the old one is simply gone
    edge.carrier.know(edge.keys)
    edge.wait_online({1, 2, 3})
    assert edge.ask(b"three", {1, 2, 3}) == dict.fromkeys((1, 2, 3), b"eerht")


def test_a_killed_superlink_comes_back_on_the_same_database(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    edge.superlink.kill()
    assert edge.carrier.online() == frozenset()
    edge.superlink.start()
    edge.carrier.know(edge.keys)
    edge.wait_online({1, 2, 3})
    assert edge.ask(b"four", {1, 2, 3}) == dict.fromkeys((1, 2, 3), b"ruof")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/control/list-runs", "/v1/control/start-run", "/v1/runtime/acquire-task",
        "/v1/runtime/push-messages", "/docs", "/openapi.json", "/health",
        "/v1/fleet/register-node", "/v1/fleet/unregister-node", "/v1/fleet/",
        "/v1/fleet/../control/list-runs", "/v1/fleet/%2e%2e/control/list-runs",
        "/v1/fleet/..%2fcontrol%2flist-runs", "//v1/control/list-runs",
        "/v1//control/list-runs", "/v1/fleet/pull-messages/../../control/list-runs",
        "/V1/fleet/pull-messages", "/v1/fleet/pull-messages/", "/v1/fleet/pull-messages%00",
        "/v1/fleet//pull-messages", "/v1/fleet/pull%2dmessages", "/v1/fleet/./pull-messages",
    ],
)  # fmt: skip
def test_nothing_but_the_ten_fleet_calls_is_found_at_the_public_port(edge: Edge, path: str) -> None:
    import http.client

    context = ssl.create_default_context(cafile=str(edge.ca))
    for method in ("POST", "GET"):
        bare = http.client.HTTPSConnection("127.0.0.1", edge.port, context=context, timeout=10)
        bare.putrequest(method, path, skip_accept_encoding=True)  # no client tidies this path
        bare.putheader("Content-Length", "0")
        bare.endheaders()
        assert bare.getresponse().status == 404, method
        bare.close()


def test_the_control_interface_exists_behind_the_port_so_the_404_means_something(
    edge: Edge,
) -> None:
    context = ssl.create_default_context(cafile=str(edge.ca))
    direct = httpx.post(
        f"https://{edge.superlink.address}/v1/control/list-runs", verify=context, content=b""
    )
    assert direct.status_code != 404
    public = httpx.post(
        f"https://127.0.0.1:{edge.port}/v1/fleet/{FLEET_CALLS[3]}",
        verify=context,
        content=b"",
        headers={"content-type": "application/protobuf"},
    )
    assert public.status_code == 401  # the SuperLink's own answer to an unsigned call
