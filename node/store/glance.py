"""What is in the store, at a glance: without SQLAlchemy, which takes half a second to load."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from node.store import cipher


@dataclass(frozen=True, slots=True)
class LastImport:
    """The file that was read last; `at` in Unix seconds."""

    file: str
    at: int
    rows: int


@dataclass(frozen=True, slots=True)
class Glance:
    """How many trajectories there are and how many files were read."""

    records: int
    imports: int
    last_import: LastImport | None


def glance(folder: Path) -> Glance:
    """Look into the store of a folder. Raises a StoreError."""
    key = cipher.key_of(folder)
    with cipher.opening(), closing(cipher.connect(folder / cipher.DATABASE, key)) as connection:
        (records,) = connection.execute("SELECT count(*) FROM record").fetchone()
        (imports,) = connection.execute("SELECT count(*) FROM batch").fetchone()
        last = connection.execute(
            "SELECT file, imported_at, rows FROM batch ORDER BY id DESC LIMIT 1"
        ).fetchone()
    return Glance(records, imports, LastImport(*last) if last else None)
