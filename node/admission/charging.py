"""Charging a round and deciding who counts in it, inside one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from node.admission import restored
from node.admission.check import Standing, check_ledger
from node.store import budget, lookalikes, numbers, records, restrictions
from node.store.database import Connection
from privacy.accounting.ledger import Charge, ChargeKey
from privacy.accounting.register import Candidate, Entry, apart, enter_all
from privacy.encode.layout import Layout
from privacy.encode.vector import encode
from privacy.noise.sampler import RandomBytes
from schemas.cohort import Cohort
from schemas.record import Trajectory


def charge(connection: Connection, here: Standing, new: Mapping[ChargeKey, Charge]) -> None:
    """Write the charges of a round. Raises as `check_ledger` does; then nothing was written."""
    check_ledger(connection, here, new)
    budget.add_charges(connection, new)


def count(
    connection: Connection,
    here: Standing,
    layout: Layout,
    cohorts: tuple[str, ...],
    random_bytes: RandomBytes,
) -> NDArray[np.int64]:
    """Enter who counts and return the vector before noise, shape (layout.length,).

    `random_bytes` round sums of fractions up or down.
    """
    turnout = who_counts(connection, map(Cohort.parse, cohorts))
    budget.enter(connection, turnout.new)
    total = np.zeros(layout.length, dtype=np.int64)
    for present in turnout.people.values():
        total += encode(present, layout, here.programme, random_bytes)
    return total


@dataclass(frozen=True, slots=True)
class Turnout:
    """Who counts in some cohorts: the entries that are new, and by cohort who gives values."""

    new: tuple[Entry, ...]
    people: Mapping[Cohort, list[Trajectory]] = field(repr=False)


def who_counts(
    connection: Connection, cohorts: Iterable[Cohort], closed: frozenset[Cohort] = frozenset()
) -> Turnout:
    """Say who counts in these cohorts. Of those that are `closed` nobody is entered any more.

    After a restore the register may have gaps: of cohorts that these touch, nobody counts.
    """
    gap, held = restored.last_gap(connection), held_back(connection)
    wanted = [cohort for cohort in cohorts if gap is None or cohort > gap]
    person = numbers.persons(connection)
    known = [
        Entry(e.cohort, person.get(e.client, e.client), e.trajectory)
        for e in budget.register(connection)
    ]
    open_ones = [cohort for cohort in wanted if cohort not in closed]
    new = enter_all(known, {cohort: _candidates(connection, cohort, held) for cohort in open_ones})
    register = apart([*known, *new])
    people = {c: _present(connection, register, c, held) for c in sorted(set(wanted))}
    return Turnout(new, people)


def held_back(connection: Connection) -> frozenset[str]:
    """Clients who do not count today whatever they agreed to: their records may not be used, or
    it is not settled whether they are somebody else who counts."""
    return restrictions.restricted(connection) | lookalikes.waiting(connection)


def _candidates(connection: Connection, cohort: Cohort, held: frozenset[str]) -> list[Candidate]:
    return [
        Candidate(t.client_ref, t.trajectory_ref, t.started_on)
        for t in records.of_cohort(connection, cohort)
        if t.consent.counts and t.client_ref not in held
    ]


def _present(
    connection: Connection, register: Sequence[Entry], cohort: Cohort, held: frozenset[str]
) -> list[Trajectory]:
    """Whoever is entered counts with present values; a withdrawn record counts no values."""
    counted = [entry.trajectory for entry in register if entry.cohort == cohort]
    found = records.of_trajectories(connection, counted)
    return [t for t in found if t.consent.counts and t.client_ref not in held]
