"""The counted register: which client counts in which cohort, decided once.

A client counts in at most one cohort of any four. What was counted is state, not a query: an
entry survives correction, withdrawal, undo, re-import and erasure, as a bare HMAC.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from schemas.cohort import Cohort

QUARTERS_APART = 4


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A client counts in a cohort, with one trajectory. Both are HMACs."""

    cohort: Cohort
    client: str = field(repr=False)
    trajectory: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trajectory of a consenting client that started in the cohort."""

    client: str = field(repr=False)
    trajectory: str = field(repr=False)
    started_on: date = field(repr=False)


def enter(
    register: Iterable[Entry], candidates: Iterable[Candidate], cohort: Cohort
) -> tuple[Entry, ...]:
    """Return the new entries for one cohort.

    A client with an entry within three cohorts before or after gets none; among several
    trajectories the earliest counts (tie: the smaller HMAC).
    """
    taken = {e.client for e in register if abs(e.cohort.index - cohort.index) < QUARTERS_APART}
    first: dict[str, Candidate] = {}
    for candidate in candidates:
        best = first.get(candidate.client)
        if candidate.client in taken or Cohort.of(candidate.started_on) != cohort:
            continue
        if best is None or _rank(candidate) < _rank(best):
            first[candidate.client] = candidate
    return tuple(Entry(cohort, c.client, c.trajectory) for _, c in sorted(first.items()))


def _rank(candidate: Candidate) -> tuple[date, str]:
    return candidate.started_on, candidate.trajectory


def enter_all(
    register: Iterable[Entry], candidates: Mapping[Cohort, Iterable[Candidate]]
) -> tuple[Entry, ...]:
    """Return the new entries for the cohorts of a round, in their order."""
    known = list(register)
    new: list[Entry] = []
    for cohort in sorted(candidates):
        entries = enter(known, candidates[cohort], cohort)
        known += entries
        new += entries
    return tuple(new)


def apart(register: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries that give values: of each client those that lie four cohorts apart, oldest first.

    All do, unless two clients of whom both were counted turn out to be one person.
    """
    last: dict[str, int] = {}
    found: list[Entry] = []
    for entry in sorted(register):
        if entry.cohort.index - last.get(entry.client, -QUARTERS_APART) >= QUARTERS_APART:
            last[entry.client] = entry.cohort.index
            found.append(entry)
    return tuple(found)
