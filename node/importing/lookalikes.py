"""Clients who are likely one person under two numbers: found after each import.

Two agree on year of birth, place and gender, were guided at the same time, and nothing else that
is known of both differs; and so many agreements would be met by chance less than once in this
centre. The last is Fellegi and Sunter's weight of an agreement (JASA 64, 1969): what half the
clients share says little. Or their numbers differ in spelling alone: `K-012`, `k12`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from node.store import lookalikes, numbers, records
from node.store.database import Connection
from node.store.records import Traits

_SURE = ("birth_year", "residence", "gender")
_VALUES: Mapping[str, int] = {
    "birth_year": 40, "residence": 10, "gender": 2, "education": 3, "sector_before": 20,
    "occupation_before": 9, "labour_status_before": 4, "workplace_before": 10,
}  # fmt: skip
"""Traits of the start, and about how many different values people have in each."""
_OPEN = timedelta(days=365)  # how long guidance without an end is taken to have lasted
_MOST_ALIKE = 50  # when more share the three, the three say nothing, and pairs would have no end
_MOST_BY_CHANCE = 1.0  # pairs in the whole centre
_RUNS = re.compile(r"\d+|[^\W\d_]+")


def spelling(reference: str) -> str:
    """What all spellings of a number have in common: its letters and digits, in runs, without
    leading zeros."""
    return ".".join(run.lstrip("0") or "0" for run in _RUNS.findall(reference)) or reference


@dataclass
class _Client:
    """What is known of a client; a trait of which her records say two things is not known."""

    traits: dict[str, str | int] = field(default_factory=dict)
    spans: list[tuple[date, date]] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)

    def add(self, one: Traits) -> None:
        self.spans.append((one.started_on, one.ended_on or one.started_on + _OPEN))
        for name, value in one.values.items():
            if self.traits.setdefault(name, value) != value:
                self.unsure.add(name)

    def known(self, name: str) -> str | int | None:
        return None if name in self.unsure else self.traits.get(name)

    def overlaps(self, other: "_Client") -> bool:
        return any(a <= d and c <= b for a, b in self.spans for c, d in other.spans)


def find(connection: Connection) -> int:
    """Note who looks alike now. Returns how many clients wait until that is settled."""
    clients: dict[str, _Client] = defaultdict(_Client)
    for one in records.traits(connection, tuple(_VALUES)):
        clients[one.client].add(one)
    pairs = dict.fromkeys(_alike(clients), "traits")
    pairs |= {
        pair: "spelling"
        for alike in numbers.spelled_alike(connection)
        for pair in combinations([c for c in alike if c in clients], 2)
        if not _differ(clients[pair[0]], clients[pair[1]], ("birth_year", "gender"))
    }
    came = numbers.order(connection)
    first_come = {
        tuple(sorted(pair, key=lambda client: (came.get(client, 0), client))): why
        for pair, why in pairs.items()
    }
    lookalikes.found(connection, {(one, other): why for (one, other), why in first_come.items()})
    return len(lookalikes.waiting(connection))


def _alike(clients: Mapping[str, _Client]) -> Iterator[tuple[str, str]]:
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name, client in clients.items():
        key = tuple(client.known(trait) for trait in _SURE)
        if None not in key:
            groups[key].append(name)
    chance = _Chance(clients)
    for alike in groups.values():
        if len(alike) > _MOST_ALIKE:
            continue
        for one, other in combinations(alike, 2):
            if chance.likely_one(clients[one], clients[other]):
                yield one, other


def _differ(one: _Client, other: _Client, names: Iterable[str]) -> bool:
    return any(
        None not in (one.known(name), other.known(name)) and one.known(name) != other.known(name)
        for name in names
    )


class _Chance:
    """How many pairs would agree by chance, by what people of this centre are."""

    def __init__(self, clients: Mapping[str, _Client]) -> None:
        self._clients = len(clients)
        self._counts = {name: Counter(c.known(name) for c in clients.values()) for name in _VALUES}

    def likely_one(self, one: _Client, other: _Client) -> bool:
        """Whether two are guided at the same time, differ in nothing, and are too alike."""
        if not one.overlaps(other) or _differ(one, other, _VALUES):
            return False
        return self._of(one, other) * self._clients / 2 < _MOST_BY_CHANCE

    def _of(self, one: _Client, other: _Client) -> float:
        """Expected others who agree with one client as these two do, as if neither were here; one
        more of each value is taken to exist, so that small centres are not taken for all alike."""
        expected = float(self._clients - 1)
        for name, values in _VALUES.items():
            value = one.known(name)
            if value is not None and value == other.known(name):
                others = self._clients - 2
                expected *= (self._counts[name][value] - 2 + 1) / (others + values)
        return expected
