"""Links on their way from the lower end, which made them, to the higher one: each travels once."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from coordinator.store.tables import link
from schemas.round import Link, link_tag
from schemas.signed import Signed


def keep(connection: Connection, lo: int, made: Mapping[int, Signed]) -> None:
    """Keep the newest links of a lower end, by higher end, until that has taken them."""
    known = held(connection, lo)
    rows = [
        {
            "lo": lo, "hi": hi, "tag": link_tag(signed), "base": signed.peek(Link).base,
            "taken": False, "body": signed.canonical().decode(),
        }
        for hi, signed in made.items()
        if known.get(hi) != link_tag(signed)
    ]  # fmt: skip
    if rows:
        changed = [row["hi"] for row in rows]
        connection.execute(delete(link).where((link.c.lo == lo) & link.c.hi.in_(changed)))
        connection.execute(insert(link), rows)


def held(connection: Connection, lo: int) -> dict[int, bytes]:
    """Tags of the links that are kept of a lower end, by higher end."""
    rows = connection.execute(select(link.c.hi, link.c.tag).where(link.c.lo == lo))
    return {hi: bytes(tag) for hi, tag in rows}


def of(connection: Connection, lo: int, hi: int) -> Signed | None:
    """The newest link of a pair, or None."""
    same = (link.c.lo == lo) & (link.c.hi == hi)
    body = connection.execute(select(link.c.body).where(same)).scalar()
    return None if body is None else Signed.from_canonical(body.encode())


def waiting_for(
    connection: Connection, hi: int, lacking: Collection[int]
) -> dict[int, tuple[bytes, bytes]]:
    """(tag, signed link) of what a higher end has not taken yet, or lacks again, by lower end."""
    wanted = (link.c.hi == hi) & (link.c.taken.is_(False) | link.c.lo.in_(list(lacking)))
    rows = connection.execute(select(link.c.lo, link.c.tag, link.c.body).where(wanted))
    return {lo: (bytes(tag), body.encode()) for lo, tag, body in sorted(rows)}


def took(connection: Connection, hi: int, tags: Mapping[int, bytes]) -> None:
    """Note that a higher end holds the links with these tags, by lower end."""
    same = (link.c.hi == hi) & (link.c.lo == bindparam("lower")) & (link.c.tag == bindparam("its"))
    if tags:
        rows = [{"lower": lo, "its": tag} for lo, tag in tags.items()]
        connection.execute(update(link).where(same).values(taken=True), rows)


def made_for(connection: Connection, number: int, ends: Iterable[int]) -> set[tuple[int, int]]:
    """Pairs (lower, higher) with a link made for this round, of these higher ends."""
    there = link.c.hi.in_(list(ends)) & (link.c.base >= number)
    return {
        (row.lo, row.hi) for row in connection.execute(select(link.c.lo, link.c.hi).where(there))
    }
