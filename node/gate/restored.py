"""What a restored node takes for granted: it does not know what it said after its backup.

Everything that could have been asked by then counts as charged. Who was counted by then is not
known either, so nobody of a cohort up to four quarters after the restore counts: for these the
node sends zeros and its noise, which say nothing about anybody.
"""

from datetime import UTC, datetime

from node.store import budget, papers
from node.store.database import Connection
from privacy.accounting.ledger import ChargeKey, Ledger
from privacy.accounting.register import QUARTERS_APART
from schemas.cohort import Cohort
from schemas.programme import Programme
from schemas.units import MicroRho

RESTORED_AT = "restored_at"
FORGOTTEN = "restored"
"""Stands for the unknown round of a charge that is taken for granted."""

_LATEST = 2**36  # in the year 4147: a date still


def restored_at(connection: Connection) -> int | None:
    """When this store was last restored, in Unix seconds; None if it never was."""
    found = papers.get(connection, RESTORED_AT)
    return None if found is None else int(found)


def mark(connection: Connection, at: int) -> None:
    """Note a restore, and charge what may have been asked by then. The latest moment stands."""
    at = min(max(at, restored_at(connection) or 0), _LATEST)
    papers.put(connection, RESTORED_AT, str(at).encode())
    charge_forgotten(connection)


def charge_forgotten(connection: Connection) -> None:
    """Charge every key of the programmes held here that could be asked before the restore."""
    at = restored_at(connection)
    if at is None:
        return
    for paper in papers.every(connection, "programme"):
        programme = paper.signed.peek(Programme)
        held = budget.ledger(connection, programme.budget)
        for key, price in _askable(programme, at).items():
            held = _charged(connection, held, key, price)


def _askable(programme: Programme, at: int) -> dict[ChargeKey, MicroRho]:
    return {
        ChargeKey(ask.statistic, ask.horizon, cohort): ask.price
        for period in programme.periods
        if period.not_before <= at
        for cohort in period.cohorts
        for ask in programme.asks
    }


def _charged(connection: Connection, held: Ledger, key: ChargeKey, price: MicroRho) -> Ledger:
    """The ledger with a key that stands, at its price or at all that is left."""
    if key in held.charges:
        return held
    prices = {key: MicroRho(max(0, min(price, held.left(key.cohort))))}
    if held.left(key.cohort) < 0:  # an older programme had a larger budget
        return held
    budget.add_charges(connection, prices, FORGOTTEN)
    return held.charge(prices, FORGOTTEN)


def last_gap(connection: Connection) -> Cohort | None:
    """The last cohort in which somebody may have been counted, or have been too near to it."""
    at = restored_at(connection)
    if at is None:
        return None
    return Cohort.of(datetime.fromtimestamp(at, UTC).date()).next(QUARTERS_APART)
