"""Contributions in their parts, so that each step reads no more than it needs.

A header says what the parts have to hash to. `commitments` are read to close, `slots` by range
to unmask, `vector` one at a time to sum.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from sqlalchemy import Connection, LargeBinary, delete, func, insert, select

from coordinator.store.tables import answer

Part = Literal["header", "commitments", "slots", "vector"]
PARTS: tuple[Part, ...] = get_args(Part)


def keep(
    connection: Connection, number: int, node: int, parts: Mapping[Part, bytes], at: int
) -> None:
    """Store the parts of a contribution, in the place of what is left of a damaged one."""
    drop(connection, number, node)
    rows = [
        {"round": number, "kind": kind, "centre": node, "body": body, "accepted_at": at}
        for kind, body in parts.items()
    ]
    connection.execute(insert(answer), rows)


def drop(connection: Connection, number: int, node: int) -> None:
    """Delete what is stored of a contribution; its centre may send it again."""
    same = (answer.c.round == number) & (answer.c.centre == node) & answer.c.kind.in_(PARTS)
    connection.execute(delete(answer).where(same))


def cut(
    connection: Connection, number: int, part: Part, piece: slice
) -> Iterator[tuple[int, bytes]]:
    """The same piece of this part of every contribution, with its centre; shorter at the end."""
    start, size = piece.start + 1, piece.stop - piece.start  # SQL counts from one
    body = func.substr(answer.c.body, start, size, type_=LargeBinary)
    same = (answer.c.round == number) & (answer.c.kind == part)
    for node, raw in connection.execute(select(answer.c.centre, body).where(same)):
        yield node, bytes(raw)
