"""Nodes whose clocks are minutes off, over real Flower: they take part, and say so."""

import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from edge import Edge

from node.enrolment.flower_key import load_key
from node.rounds.flower import Line, serve
from node.rounds.region_clock import RegionClock

pytestmark = pytest.mark.system

AHEAD = {1: 0.0, 2: 240.0, 3: -240.0, 4: 6.0, 5: 400.0}
FAR = 5


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    made = Edge.make(tmp_path_factory.mktemp("clocks"), tuple(AHEAD))
    yield made
    made.close()


def test_a_clock_within_minutes_shuts_nobody_out_and_one_beyond_is_told_why(edge: Edge) -> None:
    stop, said, clocks = Event(), {number: [] for number in AHEAD}, {}  # type: ignore[var-annotated]
    threads = []
    for number, ahead in AHEAD.items():
        clocks[number] = RegionClock(own=lambda ahead=ahead: time.time() + ahead)  # type: ignore[misc]
        key = load_key(edge.key_file(number).read_bytes())
        line = Line(f"127.0.0.1:{edge.port}", edge.ca.read_bytes(), key, 0.3, clocks[number])
        words = (line, lambda raw: raw[::-1], stop, said[number].append)
        threads.append(Thread(target=serve, args=words, daemon=True))
        threads[-1].start()
    try:
        near = set(AHEAD) - {FAR}
        edge.wait_online(near)
        assert edge.ask(b"hello", near, seconds=60) == dict.fromkeys(near, b"olleh")
        for number in near:
            assert said[number][0] == "connected", "it never heard that it was refused"
            assert abs(clocks[number].ahead - AHEAD[number]) <= 3
        assert set(said[FAR]) == {"clock"}
        assert FAR not in edge.carrier.online()
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)
