"""Bytes over real Flower: SuperLink, TLS, node authentication, the public port, real nodes."""

import os
import signal
import ssl
import time
from collections.abc import Iterator

import httpx
import pytest
from edge import Edge

from coordinator.carrier.flower import FlowerCarrier
from coordinator.web.fleet_proxy import FLEET_CALLS

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    made = Edge.make(tmp_path_factory.mktemp("flower"), (1, 2, 3))
    for number in made.keys:
        made.start_node(number)
    yield made
    made.close()


def test_every_node_answers_over_tls(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    assert edge.ask(b"hello", {1, 2, 3}) == dict.fromkeys((1, 2, 3), b"olleh")
    big = os.urandom(2_000_000)
    assert edge.ask(big, {2}) == {2: big[::-1]}


def test_a_killed_node_is_missed_and_answers_again_when_it_is_back(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    edge.nodes[3].kill()
    edge.nodes[3].wait()
    assert edge.ask(b"one", {1, 2}, seconds=60) == {1: b"eno", 2: b"eno"}
    assert edge.ask(b"one", {3}, seconds=4) == {}
    edge.start_node(3)
    deadline = time.monotonic() + 240  # it is refused for up to a minute
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


def test_a_killed_superlink_knows_nobody_and_everybody_is_back_within_seconds(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    before = dict(edge.carrier._nodes)
    edge.superlink.kill()
    assert edge.carrier.online() == frozenset()
    edge.superlink.start()
    edge.wait_online({1, 2, 3}, seconds=20)  # the carrier itself lets them in again
    assert set(before.values()).isdisjoint(edge.carrier._nodes.values())
    assert edge.ask(b"four", {1, 2, 3}) == dict.fromkeys((1, 2, 3), b"ruof")


def test_a_superlink_killed_in_the_midst_of_a_question_loses_no_answer(edge: Edge) -> None:
    edge.wait_online({1, 2, 3})
    edge.nodes[3].send_signal(signal.SIGSTOP)  # its answer is still to come
    answers: dict[int, bytes] = {}

    def again() -> None:
        edge.superlink.kill()
        edge.superlink.start()
        edge.nodes[3].send_signal(signal.SIGCONT)

    asked = edge.carrier.exchange(dict.fromkeys((1, 2, 3), b"five"), seconds=60)
    for number, answer in asked:
        answers[number] = answer
        if len(answers) == 2:
            again()
    assert answers == dict.fromkeys((1, 2, 3), b"evif")


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
    transport = httpx.HTTPTransport(uds=str(edge.superlink.socket))
    with httpx.Client(transport=transport) as client:
        direct = client.post("http://superlink/v1/control/list-runs", content=b"")
    assert direct.status_code != 404
    public = httpx.post(
        f"https://127.0.0.1:{edge.port}/v1/fleet/{FLEET_CALLS[3]}",
        verify=context,
        content=b"",
        headers={"content-type": "application/protobuf"},
    )
    assert public.status_code == 401  # the SuperLink's own answer to an unsigned call
