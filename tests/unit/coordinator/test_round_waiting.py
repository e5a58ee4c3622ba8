"""Waiting for a round: what can be waited for, and when it is no use any more."""

import time

import pytest
from small_region import Small

from chassis.errors import WrongInput
from coordinator.rounds import waiting
from coordinator.rounds.refusal import WrongStep
from coordinator.rounds.waiting import Goal, WaitedInVain, wait_for
from coordinator.store import rounds


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        ("state=PUBLISHED", Goal("state", "PUBLISHED")),
        ("state=STUCK", Goal("state", "STUCK")),
        ("prekeys=10", Goal("prekeys", 10)),
        ("shares=0", Goal("shares", 0)),
    ],
)
def test_a_goal_is_a_state_or_the_least_of_a_count(text: str, goal: Goal) -> None:
    assert Goal.parse(text) == goal


@pytest.mark.parametrize(
    "text",
    ["", "=", "state", "state=", "state=published", "state=DONE", "prekeys=", "prekeys=-1",
     "prekeys=many", "prekeys=²", "prekeys=1.5", "floor=3", "round=1"],
)  # fmt: skip
def test_anything_else_is_nothing_to_wait_for(text: str) -> None:
    with pytest.raises(WrongInput, match="nothing to wait for"):
        Goal.parse(text)


def test_a_count_may_be_passed_and_a_state_has_to_be_met() -> None:
    facts = {"state": "OPEN", "prekeys": 8}
    assert Goal("prekeys", 7).reached(facts)
    assert Goal("prekeys", 8).reached(facts)
    assert not Goal("prekeys", 9).reached(facts)
    assert Goal("state", "OPEN").reached(facts)
    assert not Goal("state", "PUBLISHED").reached(facts)


def test_a_state_is_out_of_reach_once_the_round_has_ended_otherwise() -> None:
    for ended in ("PUBLISHED", "ABANDONED", "STUCK"):
        assert Goal("state", "OPEN").impossible({"state": ended})
        assert not Goal("state", ended).impossible({"state": ended})
        assert not Goal("shares", 3).impossible({"state": ended, "shares": 1})
    assert not Goal("state", "PUBLISHED").impossible({"state": "CLOSING"})


@pytest.mark.heavy
def test_waiting_returns_the_status_that_reached_the_goal(opened: Small) -> None:
    assert wait_for(opened.region.store, 1, Goal("prekeys", 7), 0)["state"] == "OPEN"


def test_waiting_goes_on_until_the_round_has_come_so_far(
    opened: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        opened.region.ticks(1)

    monkeypatch.setattr(waiting.time, "sleep", sleep)
    assert wait_for(opened.region.store, 1, Goal("contributions", 7), 60)["contributions"] == 7
    assert len(slept) == 1


def test_waiting_ends_when_the_time_is_up(opened: Small) -> None:
    began = time.monotonic()
    with pytest.raises(WaitedInVain, match="round 1 is open, with contributions 0 and not 7"):
        wait_for(opened.region.store, 1, Goal("contributions", 7), 0)
    assert time.monotonic() - began < 5


def test_waiting_for_what_cannot_come_any_more_ends_at_once(opened: Small) -> None:
    with opened.region.store.begin() as connection:
        rounds.move(connection, 1, ("OPEN", "ABANDONED"), 1)
    with pytest.raises(WaitedInVain) as refused:
        wait_for(opened.region.store, 1, Goal("state", "PUBLISHED"), 600)
    assert refused.value.exit_code == 4


def test_there_is_no_waiting_for_a_round_that_is_not_there(opened: Small) -> None:
    with pytest.raises(WrongStep):
        wait_for(opened.region.store, 5, Goal("prekeys", 1), 600)
