"""Centres that answer late, half, or wrongly, over real Flower: each loses its own answer alone."""

import time
from collections.abc import Iterator
from threading import Thread

import pytest
from edge import Edge
from hostile_node import HostileNode

from coordinator.carrier.arriving import Limits
from coordinator.carrier.flower import FlowerCarrier
from node.enrolment.flower_key import load_key
from node.rounds.flower import Line

pytestmark = pytest.mark.system

HONEST = (1, 2)
WAYS = {3: "half-sent", 4: "dripping", 5: "another-shape", 6: "too-many-objects", 7: "too-large",
        8: "noise"}  # fmt: skip
FAULTS = {"dripping": "half-sent", "noise": "another-shape"}
_SECONDS = 20.0


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    made = Edge.make(tmp_path_factory.mktemp("hostile"), (*HONEST, *WAYS))
    hostile = []
    for number in HONEST:
        made.start_node(number)
    for number, way in WAYS.items():
        key = load_key(made.key_file(number).read_bytes())
        line = Line(f"127.0.0.1:{made.port}", made.ca.read_bytes(), key, 0.3)
        hostile.append(HostileNode(line, way))
    threads: list[Thread] = [one.start() for one in hostile]
    yield made
    for one in hostile:
        one.stop.set()
    for thread in threads:
        thread.join(10)
    made.close()


def test_others_are_heard_in_time_and_each_that_answers_wrongly_is_named(edge: Edge) -> None:
    told: dict[int, str] = {}
    edge.carrier.close()
    edge.carrier = FlowerCarrier(edge.link, told.__setitem__, Limits(seconds=_SECONDS))
    edge.carrier.know(edge.keys)
    edge.wait_online({*HONEST, *WAYS})
    began, heard, last = time.monotonic(), {}, 0.0
    for number, body in edge.carrier.exchange(dict.fromkeys(edge.keys, b"hello"), seconds=75):
        heard[number] = body
        last = time.monotonic() - began
    assert heard == dict.fromkeys(HONEST, b"olleh")
    assert last < _SECONDS, "who answers well waited for who does not"
    assert time.monotonic() - began < 90  # no step waited much longer than the exchange may take
    expected = {number: FAULTS.get(way, way) for number, way in WAYS.items()}
    noise = told.pop(8, expected[8])
    assert noise in ("another-shape", "half-sent")  # the SuperLink may refuse it before we do
    del expected[8]
    assert told == expected


def test_the_same_carrier_goes_on_with_the_next_question(edge: Edge) -> None:
    assert edge.ask(b"again", set(HONEST), seconds=30) == dict.fromkeys(HONEST, b"niaga")
