"""The desk: what an operator may ask of a round, and when."""

from pathlib import Path

import pytest
from region import DAY, NOW
from small_region import ASK, OTHER, Small

from chassis.errors import WrongInput
from chassis.store import audit_log
from coordinator.rounds import operator_actions
from coordinator.rounds.in_force import in_force
from coordinator.rounds.operator_actions import Order
from coordinator.rounds.refusal import NotReady, TooFew, WrongStep
from coordinator.store import CoordinatorStore, rounds
from privacy.secure_sum.keys import Identity

RIGHT = Order("year-2024", (ASK,), 3600, DAY)


def announce(small: Small, order: Order = RIGHT) -> int:
    with small.region.store.begin() as connection:
        return operator_actions.announce(connection, small.region.coordinator, order, NOW).round


def cancelled(small: Small) -> Small:
    """Round 1 is over, so that another one can be announced."""
    with small.region.store.begin() as connection:
        rounds.move(connection, 1, ("OPEN", "ABANDONED"), NOW)
    return small


def test_without_roster_and_programme_no_round_is_announced(tmp_path: Path) -> None:
    store = CoordinatorStore.create(tmp_path / "new")
    with store.begin() as connection, pytest.raises(NotReady, match="signed roster"):
        operator_actions.announce(connection, Identity(b"\x01" * 32), RIGHT, NOW)


def test_one_round_at_a_time(opened: Small) -> None:
    with pytest.raises(NotReady, match="still open"):
        announce(opened)
    assert announce(cancelled(opened)) == 2


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (Order("year-2031", (ASK,), 3600, DAY), "year-2031"),
        (Order("year-2024", ("wellbeing@12m",), 3600, DAY), "wellbeing@12m"),
        (Order("year-2024", (ASK, "x"), 3600, DAY), "x"),
        (Order("year-2024", (ASK, ASK), 3600, DAY), "nothing twice"),
        (Order("year-2024", (), 3600, DAY), "asks something"),
        (Order("year-2024", (ASK,), DAY + 1, DAY), "not before"),
    ],
)
def test_an_order_outside_the_programme_is_wrong_input(
    opened: Small, order: Order, said: str
) -> None:
    cancelled(opened)
    with pytest.raises(WrongInput, match=said):
        announce(opened, order)
    with opened.region.store.begin() as connection:
        assert rounds.next_number(connection) == 2


def test_an_announcement_holds_what_the_programme_gives(opened: Small) -> None:
    cancelled(opened)
    with opened.region.store.begin() as connection:
        order = Order("year-2024", (OTHER, ASK), 60, DAY)
        made = operator_actions.announce(connection, opened.region.coordinator, order, NOW)
        here = in_force(connection)
        entries = audit_log.check(connection)
    assert made.cohorts == here.programme.period("year-2024").cohorts
    assert (made.asks, made.width) == ((OTHER, ASK), here.programme.width)
    assert (made.announced_at, made.prekeys_until, made.deadline_latest) == (
        NOW,
        NOW + 60,
        NOW + DAY,
    )
    assert entries > 1


def ask(small: Small, what: str, number: int = 1) -> None:
    small.region.ask(what, number)


@pytest.mark.parametrize("what", ["open", "close", "abandon"])
def test_nothing_is_asked_of_a_round_that_is_not_there(opened: Small, what: str) -> None:
    with pytest.raises(WrongStep, match="there is no round 9"):
        ask(opened, what, 9)
    with pytest.raises(WrongStep, match="there is no round 9"):
        opened.region.status(9)


def test_an_open_round_is_not_opened_again(opened: Small) -> None:
    with pytest.raises(WrongStep, match="round 1 is open"):
        ask(opened, "open")


def test_a_round_that_is_over_is_neither_closed_nor_given_up(opened: Small) -> None:
    cancelled(opened)
    for what in ("open", "close", "abandon"):
        with pytest.raises(WrongStep, match="round 1 is abandoned"):
            ask(opened, what)


def test_a_round_is_opened_once_as_many_centres_are_ready_as_its_floor(opened: Small) -> None:
    cancelled(opened)
    number = announce(opened)
    for node in (1, 2):
        opened.carrier.kill(node)
    opened.region.ticks(3)
    with pytest.raises(TooFew, match="5 centres are ready and 6 are needed") as refused:
        ask(opened, "open", number)
    assert (refused.value.code, refused.value.exit_code) == ("too-few", 3)
    opened.carrier.revive(1)
    opened.region.ticks(3)
    opened.region.clock.now += 1801
    opened.region.ticks(3)
    ask(opened, "open", number)
    opened.region.ticks(1)
    assert opened.region.status(number)["state"] == "OPEN"


def test_a_round_is_closed_once_as_many_centres_answered_as_its_floor(opened: Small) -> None:
    for node in (1, 2):
        opened.carrier.kill(node)
    opened.region.ticks(1)
    with pytest.raises(TooFew, match="5 centres answered and 6 are needed"):
        ask(opened, "close")
    opened.carrier.revive(1)
    opened.region.ticks(1)
    ask(opened, "close")
    opened.region.ticks(1)
    assert opened.region.status(1)["state"] == "CLOSING"


@pytest.mark.heavy
def test_a_round_that_is_being_given_up_is_not_closed_any_more(given: Small) -> None:
    """Members that stated it sign no set; a set that cannot be certified helps nobody."""
    ask(given, "abandon")
    with pytest.raises(WrongStep, match="given up already"):
        ask(given, "close")
    given.region.ticks(2)
    assert given.region.status(1)["state"] == "ABANDONED"


def test_an_announced_round_is_cancelled_without_asking_anybody(opened: Small) -> None:
    number = announce(cancelled(opened))
    said = len(opened.carrier.sent)
    ask(opened, "abandon", number)
    opened.region.ticks(1)
    assert opened.region.status(number)["state"] == "ABANDONED"
    assert all(raw[4] != 1 for _, raw in opened.carrier.sent[said:])


def test_a_round_that_nobody_opened_in_time_is_cancelled(opened: Small) -> None:
    number = announce(cancelled(opened))
    opened.region.clock.now += DAY
    opened.region.ticks(1)
    assert opened.region.status(number)["state"] == "ANNOUNCED"
    opened.region.clock.now += 1
    opened.region.ticks(1)
    assert opened.region.status(number)["state"] == "ABANDONED"


def test_the_status_counts_what_was_heard(given: Small) -> None:
    facts = given.region.status(1)
    wanted = {"round": 1, "state": "OPEN", "active": 7, "floor": 6, "prekeys": 7}
    assert facts.items() >= wanted.items()
    assert (facts["contributions"], facts["signatures"], facts["release"]) == (7, 0, None)
