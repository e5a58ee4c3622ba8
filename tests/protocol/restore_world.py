"""What surrounds the centre of the restore machine: documents, backups, an onlooker, a memory."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cast import tape
from lives import PASSPHRASE, two_years

from chassis.store import settings
from node.admission import charging
from node.admission.check import Standing
from node.admission.pinned_authority import take_roster
from node.importing.choices import reference
from node.store import backup, records
from privacy.accounting.ledger import ChargeKey
from privacy.accounting.register import QUARTERS_APART
from privacy.encode.layout import Layout
from privacy.secure_sum.keys import Identity
from schemas.cohort import Cohort
from schemas.programme import Period, Programme
from schemas.roster import Centre, Roster
from schemas.round import Announcement
from schemas.signed import Signed
from schemas.units import UnixSeconds

START = date(2024, 1, 1)
ASKS = ("trajectories@start", "durable_match@6m")
PRICES = {1: (20_000, 17_000), 2: (15_000, 20_000), 3: (30_000, 9_000)}
BUDGET = 40_000
AUTHORITY, COORDINATOR, ME = (Identity.new(tape(n)) for n in ("authority", "coordinator", "me"))

Seen = list[tuple[Cohort, list[int]]]
"""Per cohort that was counted: the people in it."""


def moment(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def programme(version: int) -> Programme:
    """Ten years of quarters, alone and by the year; each version has other prices in one budget."""
    first = Cohort.of(START)
    quarters = [
        Period(id=f"q{k}", cohorts=(str(first.next(k)),), not_before=_after(first.next(k)))
        for k in range(40)
    ]
    years = [
        Period(
            id=f"y{k}", cohorts=tuple(str(first.next(4 * k + q)) for q in range(4)),
            not_before=_after(first.next(4 * k + 3)),
        )
        for k in range(10)
    ]  # fmt: skip
    made = two_years()
    asks = tuple(
        ask.model_copy(update={"price": price})
        for ask, price in zip(made.asks, PRICES[version], strict=True)
    )
    return Programme(
        **{
            **dict(made), "version": version, "periods": (*quarters, *years), "asks": asks,
            "budget": BUDGET, "valid_from": 0, "valid_until": 2**39,
        }
    )  # fmt: skip


def _after(cohort: Cohort) -> UnixSeconds:
    later = cohort.next()
    return UnixSeconds(moment(date(later.index // 4, 3 * (later.index % 4) + 1, 1)))


def roster(epoch: int, members: int, previous: str | None) -> Roster:
    centres = tuple(
        Centre(
            id=k, name=f"c{k}", organisation=f"o{k}", recognised_number=str(k),
            key=ME.public_hex if k == 1 else hashlib.sha256(b"%d" % k).hexdigest(),
        )
        for k in range(1, members + 1)
    )  # fmt: skip
    return Roster(
        epoch=epoch, previous=previous, seed="33" * 32, coordinator=COORDINATOR.public_hex,
        valid_from=0, valid_until=2**39, centres=centres,
    )  # fmt: skip


def announcement(
    number: int, here: Standing, period: Period, layout: Layout, asks: tuple[str, ...], today: date
) -> Announcement:
    """A round of a region whose clock is right."""
    now = moment(today)
    return Announcement(
        round=number, roster=here.roster.digest(), programme=here.programme.digest(),
        period=period.id, cohorts=period.cohorts, asks=asks, length=layout.length, width=64,
        announced_at=now, prekeys_until=now + 10, deadline_latest=now + 20,
    )  # fmt: skip


def spellings(person: int) -> tuple[str, str, str]:
    """What Excel makes of one centre's number for a client."""
    return f"K{person}", f" k{person} ", f"k{person}"


def write_backup(folder: Path, file: Path, now: UnixSeconds) -> None:
    with patch.object(backup, "backup_key", _quick):
        backup.write(folder, file, PASSPHRASE, now)


def put_back(file: Path, folder: Path, now: UnixSeconds) -> None:
    with patch.object(backup, "backup_key", _quick):
        backup.restore(file, folder, PASSPHRASE, now)


def _quick(passphrase: str, salt: bytes) -> bytes:
    """In place of scrypt, which is slow on purpose."""
    return hashlib.sha256(passphrase.encode() + salt).digest()


def person_of_each_pseudonym() -> dict[str, int]:
    """Whom the store's pseudonyms stand for, in whichever spelling they came."""
    return {
        records.pseudonym(bytes(32), "client", reference(spelling)): person
        for person in (1, 2)
        for spelling in spellings(person)
    }


def enrol(connection, first: Roster) -> None:  # type: ignore[no-untyped-def]
    """What a centre's store holds before it approves a programme."""
    for key, value in {
        "node": b"1", "identity": ME.seed, "kem": bytes(64), "reference_key": bytes(32),
        "authority": AUTHORITY.public_hex.encode(),
    }.items():  # fmt: skip
        settings.put(connection, key, value)
    take_roster(connection, Signed.seal(first, AUTHORITY.private))


def watched(seen: Seen, person_of: dict[str, int]) -> Callable[..., Any]:
    """The people whose values enter a cohort's vector, as they are handed to the encoder."""
    real = charging._present

    def present(c, register, cohort, held):  # type: ignore[no-untyped-def]
        found = real(c, register, cohort, held)
        seen.append((cohort, [person_of[t.client_ref] for t in found]))
        return found

    return present


@dataclass
class Paid:
    """A round that this centre answered: what it cost, as the world remembers it."""

    prices: dict[ChargeKey, int]
    given_up: bool = False


@dataclass
class Memory:
    """Whose values were ever sent, and what was paid; no crash or restore takes it back."""

    sent: dict[int, set[Cohort]] = field(default_factory=dict)
    paid: dict[bytes, Paid] = field(default_factory=dict)

    def answered(self, rid: bytes, prices: dict[ChargeKey, int], seen: Seen) -> None:
        """Nobody was counted twice, nor in two cohorts that are near each other."""
        self.paid[rid] = Paid(prices)
        for cohort, people in seen:
            for person in people:
                before = self.sent.setdefault(person, set())
                near = {
                    other for other in before
                    if other != cohort and abs(other.index - cohort.index) < QUARTERS_APART
                }  # fmt: skip
                assert not near, (person, cohort, near)
                before.add(cohort)
            assert len(people) == len(set(people)), "one client counts once in a cohort"

    def check_budget(self) -> None:
        """Of the rounds that may still be opened, no cohort's cost more than its budget."""
        spent: dict[str, int] = {}
        keys: set[ChargeKey] = set()
        for paid in self.paid.values():
            for key, price in {} if paid.given_up else paid.prices.items():
                assert key not in keys, "the same statistic of the same cohort twice"
                keys.add(key)
                spent[key.cohort] = spent.get(key.cohort, 0) + price
        assert all(total <= BUDGET for total in spent.values()), spent
