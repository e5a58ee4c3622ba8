"""All that a store says, table by table, to compare before and after."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from node.store import NodeStore


def content_of(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table, in their order by all columns."""
    with NodeStore.open(folder).begin() as connection:
        tables = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).scalars()
        return {
            table: sorted(
                (tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))),  # noqa: S608
                key=repr,
            )
            for table in list(tables)
        }
