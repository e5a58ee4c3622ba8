"""Answers on their way in, on a fake clock: none is waited for, and each has its bounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from coordinator.carrier.arriving import (
    IN_FLIGHT,
    Announced,
    Arrivals,
    Gone,
    Limits,
    Nothing,
    Unreadable,
)
from coordinator.carrier.delivery import LinkAway, RunCarrier

LIMITS = Limits(seconds=10, objects=3, total=1_000)


@dataclass
class Link:
    """A SuperLink of the test: replies are announced once; their objects come when they come."""

    heads: dict[str, Announced] = field(default_factory=dict)
    objects: dict[str, bytes | None] = field(default_factory=dict)
    asked_for: list[str] = field(default_factory=list)
    now: float = 0.0

    def reply(self, asked: str, *objects: tuple[str, bytes | None]) -> None:
        self.heads[asked] = Announced(f"to-{asked}", asked, tuple(name for name, _ in objects))
        self.objects |= dict(objects)

    def announced(self, asked: Sequence[str]) -> Iterable[Announced]:
        return [self.heads.pop(name) for name in asked if name in self.heads]

    def object(self, name: str) -> bytes | None:
        self.asked_for.append(name)
        if name == "gone":
            raise Gone(name)
        return self.objects[name]

    def read(self, reply: Announced, contents: dict[str, bytes]) -> bytes:
        whole = b"".join(contents[name] for name in reply.objects)
        if b"noise" in whole:
            raise Unreadable("noise")
        return whole

    def arrivals(self) -> Arrivals:
        return Arrivals(self, LIMITS, lambda: self.now)


def test_a_whole_reply_is_read_in_one_step() -> None:
    link = Link()
    link.reply("a", ("1", b"x"), ("2", b"y"))
    assert link.arrivals().take(["a", "b"]) == {"a": b"xy"}


def test_a_reply_that_drips_is_taken_up_where_it_was_and_others_are_given_meanwhile() -> None:
    link = Link()
    arrivals = link.arrivals()
    link.reply("slow", ("1", b"x"), ("2", None))
    link.reply("good", ("3", b"z"))
    assert arrivals.take(["slow", "good"]) == {"good": b"z"}
    link.now = 9.0
    assert arrivals.take(["slow"]) == {}
    link.objects["2"] = b"y"
    assert arrivals.take(["slow"]) == {"slow": b"xy"}
    assert link.asked_for.count("1") == 1  # what came is not asked for again


def test_a_half_sent_reply_comes_to_nothing_when_its_time_is_up() -> None:
    link = Link()
    arrivals = link.arrivals()
    link.reply("a", ("1", None))
    assert arrivals.take(["a"]) == {}
    link.now = 10.0
    assert arrivals.take(["a"]) == {"a": Nothing(fault="half-sent")}
    assert arrivals.take(["a"]) == {}  # said once


@pytest.mark.parametrize(
    ("objects", "fault"),
    [
        ([("1", b""), ("2", b""), ("3", b""), ("4", b"")], "too-many-objects"),
        ([("1", b"x" * 600), ("2", b"x" * 600)], "too-large"),
        ([("1", b"x" * 1_001)], "too-large"),
        ([("gone", b"")], "half-sent"),
        ([("1", b"noise")], "another-shape"),
    ],
)
def test_a_reply_beyond_its_bounds_costs_its_sender_alone(
    objects: list[tuple[str, bytes]], fault: str
) -> None:
    link = Link()
    link.reply("bad", *objects)
    link.reply("good", ("5", b"z"))
    found = link.arrivals().take(["bad", "good"])
    assert found == {"bad": Nothing(fault=fault), "good": b"z"}  # type: ignore[arg-type]


def test_no_more_is_fetched_of_a_reply_that_is_too_large_already() -> None:
    link = Link()
    link.reply("bad", ("1", b"x" * 1_001), ("2", b"y"), ("3", b"z"))
    link.arrivals().take(["bad"])
    assert link.asked_for == ["1"]


def test_flowers_own_error_is_passed_on() -> None:
    link = Link(heads={"a": Announced("x", "a", error=5)})
    assert link.arrivals().take(["a"]) == {"a": Nothing(5)}


def test_a_link_that_is_away_ends_the_step_and_loses_no_reply() -> None:
    link = Link()
    arrivals = link.arrivals()
    link.reply("a", ("1", b"x"))

    def away(_: str) -> bytes:
        raise LinkAway("away")

    usual = link.object
    link.object = away  # type: ignore[method-assign]
    with pytest.raises(LinkAway):
        arrivals.take(["a"])
    link.object = usual  # type: ignore[method-assign]
    assert arrivals.take(["a"]) == {"a": b"x"}


def test_at_most_a_few_requests_are_in_flight() -> None:
    assert IN_FLIGHT <= 8
    link = Link()
    assert link.arrivals()._pool._max_workers == IN_FLIGHT


def test_a_fault_names_its_centre_once_an_hour_and_an_absence_names_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[tuple[int, str]] = []
    now = [0.0]
    carrier = RunCarrier(
        lambda: None,  # type: ignore[arg-type,return-value]
        clock=lambda: now[0],
        tell=lambda centre, fault: told.append((centre, fault)),
    )
    for _ in range(3):
        carrier._name(7, Nothing(fault="half-sent"))
        carrier._name(8, Nothing(5))
    assert told == [(7, "half-sent")]
    assert "centre 7 announced an answer and did not send it" in caplog.text
    now[0] = 3_700.0
    carrier._name(7, Nothing(fault="half-sent"))
    assert told == [(7, "half-sent")] * 2
