"""The engine: how a round ends, and that nobody finds an old request later."""

from threading import Event

import pytest
from odd_carrier import Odd
from region import DAY
from small_region import ASK, Small

from coordinator.rounds import closing, opening
from coordinator.store import rounds
from privacy.secure_sum.refusal import BadRoster, Stuck
from schemas.message import Kind


@pytest.mark.heavy
def test_a_request_is_withdrawn_once_when_a_round_closes(given: Small) -> None:
    carrier = Odd(given)
    given.region.ticks(2)
    assert carrier.withdrawn == []
    given.region.ask("close", 1)
    given.region.ticks(6)
    assert given.region.status(1)["state"] == "PUBLISHED"
    assert carrier.withdrawn == ["CLOSING"]


def test_a_request_is_withdrawn_once_when_a_round_is_given_up(given: Small) -> None:
    carrier = Odd(given)
    for node in range(4, 8):
        given.carrier.kill(node)
    given.region.ask("abandon", 1)
    given.region.ticks(3)
    assert given.region.status(1)["statements"] == 3
    for node in range(4, 8):
        given.carrier.revive(node)
    given.region.ticks(3)
    assert given.region.status(1)["state"] == "ABANDONED"
    assert carrier.withdrawn == ["OPEN"]


def test_nothing_is_withdrawn_when_a_close_is_refused_below_the_floor(
    opened: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The round stays open: whoever has not answered yet still may."""
    opened.carrier.kill(7)
    opened.region.ticks(1)
    carrier = Odd(opened)
    opened.region.ask("close", 1)
    with opened.region.store.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM answer WHERE centre < 3"
            " AND kind IN ('header', 'commitments', 'slots', 'vector')"
        )
    for node in (1, 2):
        opened.carrier.kill(node)
    opened.region.ticks(1)
    facts = opened.region.status(1)
    assert (facts["state"], facts["wanted"]) == ("OPEN", None)
    assert facts["outcome"]
    assert carrier.withdrawn == []
    for node in (1, 2, 7):
        opened.carrier.revive(node)
    opened.region.ticks(1)
    assert opened.region.status(1)["contributions"] == 7


def test_a_late_round_below_its_floor_is_abandoned(opened: Small) -> None:
    for node in (6, 7):
        opened.carrier.kill(node)
    opened.region.ticks(1)
    carrier = Odd(opened)
    opened.region.clock.now += DAY
    opened.region.ticks(1)
    assert opened.region.status(1)["state"] == "OPEN"
    opened.region.clock.now += 1
    opened.region.ticks(2)
    assert opened.region.status(1)["state"] == "ABANDONED"
    assert carrier.withdrawn == ["OPEN"]
    assert opened.region.status(1)["contributions"] == 5


@pytest.mark.heavy
def test_a_late_round_at_its_floor_is_closed(opened: Small) -> None:
    opened.carrier.kill(7)
    opened.region.ticks(1)
    opened.region.clock.now += DAY + 1
    opened.region.ticks(6)
    facts = opened.region.status(1)
    assert (facts["state"], facts["contributions"]) == ("PUBLISHED", 6)
    assert opened.region.release().in_sum == (1, 2, 3, 4, 5, 6)


@pytest.mark.heavy
def test_after_the_latest_deadline_nobody_is_asked_for_a_contribution(opened: Small) -> None:
    opened.carrier.kill(7)
    opened.region.ticks(1)
    opened.region.clock.now += DAY + 1
    opened.carrier.revive(7)
    said = len(opened.carrier.sent)
    opened.region.ticks(2)
    assert all(raw[4] != Kind.CONTRIBUTE for _, raw in opened.carrier.sent[said:])


@pytest.mark.heavy
def test_nobody_is_sent_a_message_about_how_a_round_ended(given: Small) -> None:
    given.region.ask("close", 1)
    given.region.ticks(5)
    assert given.region.status(1)["state"] == "PUBLISHED"
    said = len(given.carrier.sent)
    given.region.ticks(2)
    assert len(given.carrier.sent) == said


def test_an_engine_runs_until_it_is_told_to_stop(opened: Small) -> None:
    stop, ticks = Event(), []
    engine = opened.region.engine

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            stop.set()

    engine.tick = tick  # type: ignore[method-assign]
    engine.run(stop, every=0)
    assert len(ticks) == 3


def test_a_round_that_cannot_be_described_stays_announced(
    opened: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened.region.store.begin() as connection:
        rounds.move(connection, 1, ("OPEN", "ABANDONED"), opened.region.clock.now)
    number = opened.region.announce((ASK,))
    opened.region.ticks(3)
    opened.region.ask("open", number)

    def refuse(*_: object) -> None:
        raise BadRoster("too few organisations")

    monkeypatch.setattr(opening, "describe", refuse)
    opened.region.ticks(1)
    facts = opened.region.status(number)
    assert (facts["state"], facts["wanted"], facts["outcome"]) == ("ANNOUNCED", None, "bad-roster")
    monkeypatch.undo()
    opened.region.ask("open", number)
    opened.region.ticks(1)
    assert opened.region.status(number)["state"] == "OPEN"


def test_a_sum_that_cannot_be_opened_is_stuck_and_the_masked_numbers_stay(
    given: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stuck(*_: object) -> None:
        raise Stuck("the shares of centre 3 do not open")

    monkeypatch.setattr(closing, "sum_up", stuck)
    given.region.ask("close", 1)
    given.region.ticks(7)
    facts = given.region.status(1)
    assert (facts["state"], facts["outcome"]) == ("STUCK", "the shares of centre 3 do not open")
    assert facts["contributions"] == 7
