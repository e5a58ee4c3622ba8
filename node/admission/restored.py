"""What a restored node takes for granted: it does not know what it said after its backup.

Everything that could have been asked by then counts as charged. Who was counted by then is not
known either, so nobody of a cohort up to four quarters after the restore counts: for these the
node sends zeros and its noise, which say nothing about anybody.
"""

from datetime import UTC, datetime

from chassis.store import settings
from node.store import budget, signed_documents
from node.store.database import Connection
from privacy.accounting.ledger import Charge, ChargeKey, Ledger
from privacy.accounting.register import QUARTERS_APART
from schemas.cohort import Cohort
from schemas.programme import Programme
from schemas.units import MicroRho

RESTORED_AT, FORGOTTEN_UNTIL = "restored_at", "forgotten_until"
FORGOTTEN = "restored"
"""Stands for the unknown round of a charge that is taken for granted."""

_LATEST = 2**36  # in the year 4147: a date still


def restored_at(connection: Connection) -> int | None:
    """When this store was last restored, in Unix seconds; None if it never was."""
    found = settings.get(connection, RESTORED_AT)
    return None if found is None else int(found)


def mark(connection: Connection, at: int) -> None:
    """Note a restore, and charge what may have been asked by then. The latest moment stands."""
    at = min(max(at, restored_at(connection) or 0), _LATEST)
    settings.put(connection, RESTORED_AT, str(at).encode())
    forgot_until(connection, at)
    charge_forgotten(connection)


def forgot_until(connection: Connection, at: int) -> None:
    """Note that what was said before this moment may be forgotten; the latest stands.

    It is the moment of the first round after a restore: the clock may have stood wrong at the
    restore, or another store may have answered between. It moves the gap, and charges nothing:
    zeros cost nobody anything, and a round that charged itself could never be answered.
    """
    before = int(settings.get(connection, FORGOTTEN_UNTIL) or 0)
    settings.put(connection, FORGOTTEN_UNTIL, str(min(max(at, before), _LATEST)).encode())


def charge_forgotten(connection: Connection) -> None:
    """Charge every key of the programmes held here that could be asked before the restore."""
    at = restored_at(connection)
    if at is None:
        return
    for document in signed_documents.every(connection, "programme"):
        programme = document.signed.peek(Programme)
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
    new = {key: Charge(FORGOTTEN, MicroRho(max(0, min(price, held.left(key.cohort)))))}
    if held.left(key.cohort) < 0:  # an older programme had a larger budget
        return held
    budget.add_charges(connection, new)
    return held.charge(new)


def last_gap(connection: Connection) -> Cohort | None:
    """The last cohort in which somebody may have been counted, or have been too near to it."""
    at = int(settings.get(connection, FORGOTTEN_UNTIL) or 0)
    at = max(at, restored_at(connection) or 0)
    if not at:
        return None
    return Cohort.of(datetime.fromtimestamp(at, UTC).date()).next(QUARTERS_APART)
