"""The carrier over runs that get lost, on a fake clock: not asked twice, never forgotten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from coordinator.carrier.delivery import LinkAway, Nothing, RunCarrier, RunLost

NODES = {1: 101, 2: 102}


@dataclass
class Region:
    """Nodes, and a SuperLink that can be away; the clock moves when the carrier sleeps."""

    here: set[int] = field(default_factory=lambda: set(NODES.values()))
    slow: set[int] = field(default_factory=set)
    failing: dict[int, int] = field(default_factory=dict)  # node -> Flower's error code
    away: bool = False
    now: float = 0.0
    runs: list["FakeRun"] = field(default_factory=list)
    pulled_while_offline: bool = False

    def open(self) -> "FakeRun":
        if self.away:
            raise LinkAway("away")
        self.runs.append(FakeRun(self))
        return self.runs[-1]

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def pushed(self) -> list[tuple[int, bytes]]:
        return [message for run in self.runs for message in run.messages.values()]


@dataclass
class FakeRun:
    """One run: messages are answered with their bytes turned round, when they are pulled."""

    region: Region
    messages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    lost: bool = False
    dead: bool = False
    closed: bool = False

    def _check(self) -> None:
        if self.region.away:
            raise LinkAway("away")
        if self.dead:
            raise RunLost("dead")

    def online(self) -> frozenset[int]:
        self._check()
        return frozenset(self.region.here)

    def push(self, requests: Mapping[int, bytes]) -> dict[int, str]:
        self._check()
        taken = {}
        for node, body in requests.items():
            name = f"message-{len(self.region.pushed)}"
            self.messages[name] = (node, body)
            taken[node] = name
        return taken

    def pull(self, message_ids: Iterable[str]) -> dict[str, bytes | Nothing]:
        self._check()
        found: dict[str, bytes | Nothing] = {}
        for name in message_ids:
            node, body = self.messages[name]
            if node not in self.region.here:
                self.region.pulled_while_offline = True
            if node in self.region.failing:
                found[name] = Nothing(self.region.failing[node])
            elif node not in self.region.slow:
                found[name] = body[::-1]
        return found

    def close(self) -> None:
        self.closed = True


def carrier_of(region: Region) -> RunCarrier:
    carrier = RunCarrier(region.open, clock=lambda: region.now, sleep=region.sleep)
    carrier._nodes.update(NODES)
    return carrier


def ask(carrier: RunCarrier, requests: Mapping[int, bytes], seconds: float) -> dict[int, bytes]:
    return dict(carrier.exchange(requests, seconds=seconds))


def test_answers_of_all_end_the_exchange_at_once() -> None:
    region = Region()
    assert ask(carrier_of(region), {1: b"ab", 2: b"cd"}, 30) == {1: b"ba", 2: b"dc"}
    assert region.now == 0.0


def test_a_node_that_is_away_is_neither_sent_to_nor_pulled_for() -> None:
    region = Region(here={101})
    assert ask(carrier_of(region), {1: b"ab", 2: b"cd"}, 2) == {1: b"ba"}
    assert region.pushed == [(101, b"ab")]
    assert region.now == pytest.approx(2.0)


def test_a_node_that_leaves_before_its_answer_is_taken_is_not_pulled_for() -> None:
    region = Region(slow={102})
    carrier = carrier_of(region)
    ask(carrier, {2: b"cd"}, 1)
    region.here, region.slow = {101}, set()
    ask(carrier, {2: b"cd"}, 1)
    assert not region.pulled_while_offline
    region.here = {101, 102}
    assert ask(carrier, {2: b"cd"}, 1) == {2: b"dc"}
    assert region.pushed == [(102, b"cd")]


def test_the_same_request_is_not_pushed_again_while_it_is_fresh() -> None:
    region = Region(slow={102})
    carrier = carrier_of(region)
    for _ in range(5):
        assert ask(carrier, {2: b"cd"}, 3) == {}
    assert len(region.pushed) == 1


def test_the_same_question_is_not_asked_again_at_once_after_its_answer() -> None:
    region = Region()
    carrier = carrier_of(region)
    assert ask(carrier, {1: b"ab"}, 1) == {1: b"ba"}
    assert ask(carrier, {1: b"ab"}, 1) == {}
    assert ask(carrier, {1: b"cd"}, 1) == {1: b"dc"}
    assert region.pushed == [(101, b"ab"), (101, b"cd")]
    region.now += 5
    assert ask(carrier, {1: b"ab"}, 1) == {1: b"ba"}
    assert len(region.pushed) == 3


def test_two_questions_to_one_slow_node_do_not_forget_each_other() -> None:
    region = Region(slow={102})
    carrier = carrier_of(region)
    for _ in range(4):
        ask(carrier, {2: b"one"}, 3)
        ask(carrier, {2: b"two"}, 3)
    assert sorted(region.pushed) == [(102, b"one"), (102, b"two")]
    region.slow = set()
    assert ask(carrier, {2: b"one"}, 3) == {2: b"eno"}
    assert ask(carrier, {2: b"two"}, 3) == {2: b"owt"}


def test_after_a_minute_without_an_answer_it_is_pushed_again_and_the_first_still_counts() -> None:
    region = Region(slow={102})
    carrier = carrier_of(region)
    ask(carrier, {2: b"cd"}, 61)
    assert region.pushed == [(102, b"cd"), (102, b"cd")]
    names = [name for sent in carrier._under_way.values() for name in sent.messages]
    assert len(names) == 2


@pytest.mark.parametrize(("code", "most"), [(3, 12), (5, 12), (8, 12), (2, 2)])
def test_a_message_that_came_to_nothing_is_sent_again_but_not_at_once(code: int, most: int) -> None:
    region = Region(failing={102: code})
    carrier = carrier_of(region)
    assert ask(carrier, {2: b"cd"}, 31) == {}
    assert 2 <= len(region.pushed) <= most
    region.failing = {}
    assert ask(carrier, {2: b"cd"}, 31) == {2: b"dc"}


def test_a_lost_run_is_replaced_and_what_was_open_is_sent_on_the_new_one() -> None:
    region = Region(slow={101, 102})
    carrier = carrier_of(region)
    ask(carrier, {1: b"ab", 2: b"cd"}, 3)
    region.runs[0].dead = True
    region.slow = set()
    assert ask(carrier, {1: b"ab", 2: b"cd"}, 10) == {1: b"ba", 2: b"dc"}
    assert len(region.runs) == 2
    assert region.runs[0].closed


def test_a_run_whose_heartbeat_was_refused_is_not_used_again() -> None:
    region = Region()
    carrier = carrier_of(region)
    assert carrier.online() == {1, 2}
    region.now += 10
    region.runs[0].lost = True
    assert carrier.online() == {1, 2}
    assert [run.closed for run in region.runs] == [True, False]


def test_a_short_absence_of_the_superlink_costs_neither_run_nor_answers() -> None:
    region = Region(slow={102})
    carrier = carrier_of(region)
    ask(carrier, {2: b"cd"}, 3)
    region.away = True
    assert ask(carrier, {2: b"cd"}, 18) == {}
    assert carrier.online() == frozenset()
    region.away, region.slow = False, set()
    assert ask(carrier, {2: b"cd"}, 3) == {2: b"dc"}
    assert len(region.runs) == 1
    assert len(region.pushed) == 1


def test_a_long_absence_ends_in_a_new_run() -> None:
    region = Region(slow={102})
    carrier = carrier_of(region)
    ask(carrier, {2: b"cd"}, 3)
    region.away = True
    assert ask(carrier, {2: b"cd"}, 80) == {}
    region.away, region.slow = False, set()
    assert ask(carrier, {2: b"cd"}, 10) == {2: b"dc"}
    assert len(region.runs) == 2


def test_runs_that_cannot_live_are_not_opened_in_a_flood() -> None:
    region = Region()
    carrier = carrier_of(region)
    opened = region.open

    def stillborn() -> FakeRun:
        opened().dead = True
        return region.runs[-1]

    carrier._open_run = stillborn
    assert ask(carrier, {1: b"ab"}, 20) == {}
    assert len(region.runs) <= 11


def test_what_nobody_asks_for_any_more_is_forgotten() -> None:
    region = Region(slow={102})
    carrier = carrier_of(region)
    ask(carrier, {2: b"cd"}, 1)
    region.now += 700
    ask(carrier, {1: b"ab"}, 1)
    assert {centre for centre, _ in carrier._under_way} == {1}


def test_a_closed_carrier_ends_its_run() -> None:
    region = Region()
    carrier = carrier_of(region)
    carrier.online()
    carrier.close()
    assert region.runs[0].closed
