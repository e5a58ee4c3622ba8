"""Which rounds have a transcript, and until when; its parts are among the answers."""

from collections.abc import Collection

from sqlalchemy import Connection, insert, select
from sqlalchemy import delete as _delete

from coordinator.store.tables import answer, round_, transcript

_SEALED = ("slots",)
_KEPT = ("vector", "commitments", "shares")


def begin(connection: Connection, number: int, in_sum: Collection[int], until: int) -> None:
    """Note until when it is kept. Sealed shares are deleted now, and vectors outside the sum."""
    connection.execute(insert(transcript).values(round=number, until=until))
    _drop(connection, number, _SEALED)
    vectors = (answer.c.round == number) & (answer.c.kind == "vector")
    outside = answer.c.centre.not_in(list(in_sum))
    connection.execute(_delete(answer).where(vectors & outside))


def held(connection: Connection, number: int) -> bool:
    """Whether a round has one."""
    query = select(transcript.c.round).where(transcript.c.round == number)
    return connection.execute(query).first() is not None


def overdue(connection: Connection, now: int) -> list[int]:
    """Rounds whose transcript has had its time."""
    query = select(transcript.c.round).where(transcript.c.until < now)
    return list(connection.execute(query).scalars())


def delete(connection: Connection, number: int) -> None:
    """Delete one."""
    _drop(connection, number, _KEPT)
    connection.execute(_delete(transcript).where(transcript.c.round == number))


def delete_given_up(connection: Connection, before: int) -> None:
    """Delete what centres sent in rounds that were given up, or are stuck since `before`."""
    given_up = round_.c.state == "ABANDONED"
    stuck = (round_.c.state == "STUCK") & (round_.c.updated_at < before)
    numbers = select(round_.c.number).where(given_up | stuck)
    sent = answer.c.kind.in_((*_SEALED, *_KEPT)) & answer.c.round.in_(numbers)
    connection.execute(_delete(answer).where(sent))


def _drop(connection: Connection, number: int, kinds: tuple[str, ...]) -> None:
    those = (answer.c.round == number) & answer.c.kind.in_(kinds)
    connection.execute(_delete(answer).where(those))
