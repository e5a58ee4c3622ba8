"""Waiting until a round has come so far, for operators' scripts."""

import time
from dataclasses import dataclass
from typing import Any, Self, get_args

from chassis.errors import NotYet, WrongInput
from coordinator.rounds.operator_actions import status
from coordinator.store import CoordinatorStore
from coordinator.store.rounds import State

_COUNTS = frozenset({"prekeys", "contributions", "signatures", "shares", "statements"})
_STATES = get_args(State)
_ENDS = ("DRAFT", "PUBLISHED", "WITHHELD", "ABANDONED", "STUCK")
_POLL = 0.3


class WaitedInVain(NotYet):
    """The round did not come so far in time. It stands where it stood."""

    code = "waited-in-vain"


@dataclass(frozen=True, slots=True)
class Goal:
    """A state that a round has to reach, or the least that a count of its status has to be."""

    what: str
    wanted: str | int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `state=PUBLISHED` or `prekeys=10`. Raises WrongInput."""
        what, _, wanted = text.partition("=")
        if what == "state" and wanted in _STATES:
            return cls(what, wanted)
        if what in _COUNTS and wanted.isascii() and wanted.isdigit():
            return cls(what, int(wanted))
        raise WrongInput("{text} is nothing to wait for; say state=PUBLISHED or prekeys=10",
                         text=text)  # fmt: skip

    def reached(self, facts: dict[str, Any]) -> bool:
        """Whether a status has come so far."""
        found = facts[self.what]
        return bool(found >= self.wanted if isinstance(self.wanted, int) else found == self.wanted)

    def impossible(self, facts: dict[str, Any]) -> bool:
        """Whether the round ended in another state than the one that is waited for."""
        return self.what == "state" and facts["state"] in _ENDS and not self.reached(facts)


def wait_for(store: CoordinatorStore, number: int, goal: Goal, seconds: float) -> dict[str, Any]:
    """Return the status once the goal is reached. Raises WaitedInVain, WrongStep."""
    deadline = time.monotonic() + seconds
    while True:
        with store.read() as connection:
            facts = status(connection, number)
        if goal.reached(facts):
            return facts
        if time.monotonic() > deadline or goal.impossible(facts):
            raise WaitedInVain(
                "round {number} is {state}, with {what} {found} and not {wanted}; nothing was lost",
                number=number, state=facts["state"].lower(), what=goal.what,
                found=facts[goal.what], wanted=goal.wanted,
            )  # fmt: skip
        time.sleep(_POLL)
