"""Clients who withdrew, or had their records erased: remembered by HMAC, so that an export made
before that day brings nothing back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, delete, insert, select

from node.store.tables import withdrawal


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The last day on which a client withdrew, and on which her records were erased."""

    withdrawn_on: date | None = None
    erased_on: date | None = None

    def and_also(self, other: "Withdrawal") -> "Withdrawal":
        """Both: of each, the later day."""
        return Withdrawal(
            _later(self.withdrawn_on, other.withdrawn_on), _later(self.erased_on, other.erased_on)
        )


NONE = Withdrawal()


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def of_clients(connection: Connection, clients: Iterable[str]) -> dict[str, Withdrawal]:
    """Withdrawals by client HMAC, of those who have any."""
    wanted, found = sorted(set(clients)), {}
    for start in range(0, len(wanted), 500):
        some = withdrawal.c.client.in_(wanted[start : start + 500])
        for row in connection.execute(select(withdrawal).where(some)):
            found[row.client] = Withdrawal(_day(row.withdrawn_on), _day(row.erased_on))
    return found


def note(connection: Connection, new: Mapping[str, Withdrawal]) -> None:
    """Remember these; what was remembered before stays, the later day of each."""
    known = of_clients(connection, new)
    for client, one in new.items():
        both = known.get(client, NONE).and_also(one)
        days = {"withdrawn_on": _text(both.withdrawn_on), "erased_on": _text(both.erased_on)}
        connection.execute(delete(withdrawal).where(withdrawal.c.client == client))
        connection.execute(insert(withdrawal).values(client=client, **days))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
