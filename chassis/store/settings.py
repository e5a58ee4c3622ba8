"""Settings of a store: one value under each key."""

from sqlalchemy import Connection, delete, insert, select

from chassis.store.tables import setting


def get(connection: Connection, key: str) -> bytes | None:
    """Return a setting, or None."""
    return connection.execute(select(setting.c.value).where(setting.c.key == key)).scalar()


def text(connection: Connection, key: str) -> str | None:
    """Return a setting that is a text, or None."""
    value = get(connection, key)
    return None if value is None else value.decode()


def put(connection: Connection, key: str, value: bytes | str) -> None:
    """Set a setting."""
    raw = value.encode() if isinstance(value, str) else value
    connection.execute(delete(setting).where(setting.c.key == key))
    connection.execute(insert(setting).values(key=key, value=raw))
