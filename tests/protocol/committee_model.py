"""The committee as a small state machine, and every game a malicious coordinator can play on it.

    NONE ─▶ SIGNED(U) ─▶ ANSWERED(U)         each arrow is stored before anything is said
      └───▶ ABANDONED

A restart changes nothing, for a state is stored before it is spoken of. A restore from a backup
forgets the round, what was said stays said; a restored member knows neither its prekey nor its
keys of the round.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

State = Literal["NONE", "SIGNED", "ANSWERED", "ABANDONED", "RESTORED"]
Ids = tuple[int, ...]
Event = tuple[str, Ids | None]
"""("certify", U), ("unmask", U), ("unmask too few", U), ("abandon", None), ("refund", None)"""


@dataclass(frozen=True, order=True)
class Member:
    """One honest member: what it remembers, and what it ever said."""

    state: State = "NONE"
    set: Ids = ()
    keys: bool = True
    signed: frozenset[Ids] = frozenset()
    opened: frozenset[Ids] = frozenset()
    stated: bool = False

    @property
    def order(self) -> tuple[object, ...]:
        """A key to sort by."""
        return (
            self.state, self.set, self.keys, sorted(self.signed), sorted(self.opened), self.stated,
        )  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """What members check; the first values are the protocol's."""

    one_set: bool = True
    exclusive: bool = True
    certificate: bool = True
    restored_state_nothing: bool = True


def step(member: Member, event: Event, rules: Rules) -> Member | None:
    """The member after it gave an answer, or None when it refuses."""
    kind, ids = event
    if kind == "certify" and ids is not None:
        return _certify(member, ids, rules)
    if kind in ("unmask", "unmask too few") and ids is not None:
        return _unmask(member, event, rules)
    if kind == "abandon":
        return _abandon(member, rules)
    if kind == "refund":
        return member if member.state == "RESTORED" else replace(member, keys=False)
    if kind == "restore":
        return replace(member, state="RESTORED", set=(), keys=False)
    raise ValueError(kind)


def _certify(member: Member, ids: Ids, rules: Rules) -> Member | None:
    if member.state == "RESTORED" or (member.state == "ABANDONED" and rules.exclusive):
        return None
    if member.state in ("SIGNED", "ANSWERED") and rules.one_set:
        return member if member.set == ids else None
    return replace(member, state="SIGNED", set=ids, signed=member.signed | {ids})


def _unmask(member: Member, event: Event, rules: Rules) -> Member | None:
    kind, ids = event
    if member.state == "ANSWERED":
        return member  # the stored answer, whatever was asked
    enough = kind == "unmask" or not rules.certificate
    if member.state != "SIGNED" or member.set != ids or not member.keys or not enough:
        return None
    keys = not rules.one_set
    return replace(member, state="ANSWERED", keys=keys, opened=member.opened | {member.set})


def _abandon(member: Member, rules: Rules) -> Member | None:
    if member.state in ("SIGNED", "ANSWERED") and rules.exclusive:
        return None
    if member.state == "RESTORED":
        return None if rules.restored_state_nothing else replace(member, stated=True)
    keys = member.keys and not rules.exclusive
    return replace(member, state="ABANDONED", keys=keys, stated=True)


@dataclass(frozen=True)
class Game:
    """n centres and a committee, of the n or of witnesses; some members are the coordinator's
    friends, who say whatever helps."""

    n: int
    quorum: int
    threshold: int
    floor: int
    rules: Rules = Rules()
    restores: bool = True
    honest: int | None = None
    friends: int = 1

    @property
    def sets(self) -> list[Ids]:
        """Sets that a member would sign."""
        everybody = range(1, self.n + 1)
        sizes = range(self.floor, self.n + 1)
        return [ids for size in sizes for ids in combinations(everybody, size)]

    def positions(self) -> Iterator[tuple[Member, ...]]:
        """Every reachable position, the nearest first; members in the same state are alike."""
        start = (Member(),) * (self.n - 1 if self.honest is None else self.honest)
        seen, todo = {start}, deque([start])
        while todo:
            position = todo.popleft()
            yield position
            for following in self._moves(position):
                if following not in seen:
                    seen.add(following)
                    todo.append(following)

    def _moves(self, position: tuple[Member, ...]) -> Iterator[tuple[Member, ...]]:
        events = self._events(position)
        for place, member in enumerate(position):
            if place and member == position[place - 1]:
                continue
            for event in events:
                after = step(member, event, self.rules)
                if after is not None and after != member:
                    moved = (*position[:place], after, *position[place + 1 :])
                    yield tuple(sorted(moved, key=lambda m: m.order))

    def _events(self, position: tuple[Member, ...]) -> list[Event]:
        certified = self.certified(position)
        events: list[Event] = [("abandon", None)]
        events += [("certify", ids) for ids in self.sets]
        signed = {ids for member in position for ids in member.signed}
        events += [
            ("unmask" if ids in certified else "unmask too few", ids) for ids in sorted(signed)
        ]
        if self.abandoned(position):
            events.append(("refund", None))
        return [*events, ("restore", None)] if self.restores else events

    def certified(self, position: tuple[Member, ...]) -> list[Ids]:
        """Sets with a quorum of signatures, the friends' among them."""
        signed = [(ids, sum(ids in m.signed for m in position)) for ids in self.sets]
        return [ids for ids, count in signed if self.friends + count >= self.quorum]

    def unmasked(self, position: tuple[Member, ...]) -> list[Ids]:
        """Sets whose secrets open, with the friends' shares."""
        opened = [(ids, sum(ids in m.opened for m in position)) for ids in self.sets]
        return [ids for ids, count in opened if self.friends + count >= self.threshold]

    def abandoned(self, position: tuple[Member, ...]) -> bool:
        """Whether a quorum of statements exists, the friends' among them."""
        return self.friends + sum(member.stated for member in position) >= self.quorum

    def broken(self) -> str | None:
        """The first position in which a promise does not hold, or None."""
        for position in self.positions():
            if len(self.certified(position)) > 1:
                return "two sets are certified"
            if len(self.unmasked(position)) > 1:
                return "two sets are unmasked"
            if self.abandoned(position) and self.certified(position):
                return "abandoned and certified"
            if set(self.unmasked(position)) - set(self.certified(position)):
                return "unmasked without a certificate"
        return None
