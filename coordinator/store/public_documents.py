"""Public documents by their SHA-256, for as long as requests may name them."""

from sqlalchemy import Connection, delete, insert, select, update

from coordinator.store.tables import document


def keep(connection: Connection, digest: bytes, body: bytes, at: int) -> None:
    """Keep a document that a request names now."""
    same = document.c.digest == digest
    changed = connection.execute(update(document).where(same).values(named_at=at))
    if changed.rowcount == 0:
        connection.execute(insert(document).values(digest=digest, body=body, named_at=at))


def body_of(connection: Connection, digest: bytes) -> bytes | None:
    """Return a document, or None."""
    body = connection.execute(select(document.c.body).where(document.c.digest == digest)).scalar()
    return None if body is None else bytes(body)


def forget(connection: Connection, before: int) -> None:
    """Delete what no request has named since."""
    connection.execute(delete(document).where(document.c.named_at < before))
