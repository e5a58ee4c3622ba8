"""A new store is what the migrations make, column for column."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from chassis.store.errors import StoreError
from node.store import NodeStore
from node.store.cipher import DATABASE, KEY
from node.store.database import HEAD, MIGRATIONS, _engine
from node.store.keys import write_key

Shape = dict[str, object]


def shape(store: NodeStore) -> Shape:
    """Every table with its columns, keys and indexes."""
    seen = inspect(store._engine)
    found: Shape = {}
    for table in seen.get_table_names():
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)]
        indexes = sorted((i["name"] or "", i["column_names"], i["unique"])
                         for i in seen.get_indexes(table))  # fmt: skip
        keys = seen.get_pk_constraint(table)["constrained_columns"]
        found[table] = (columns, indexes, keys if table != "alembic_version" else None)
    return found


def migrated(folder: Path) -> NodeStore:
    """A store that was made by running every migration on an empty file."""
    folder.mkdir()
    key = bytes(range(32))
    write_key(folder / KEY, key, None)
    MIGRATIONS.run(_engine(folder / DATABASE, key))
    return NodeStore.open(folder)


def test_a_new_store_has_the_tables_that_the_migrations_make(tmp_path: Path) -> None:
    made, grown = NodeStore.create(tmp_path / "made"), migrated(tmp_path / "grown")
    assert shape(made) == shape(grown)
    assert len(shape(made)) > 10


def test_a_new_store_says_that_it_is_at_the_last_migration(tmp_path: Path) -> None:
    for store in (NodeStore.create(tmp_path / "made"), migrated(tmp_path / "grown")):
        with store.begin() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
            assert list(found) == [HEAD]


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    store = NodeStore.create(tmp_path / "made")
    with store.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer version"):
        NodeStore.open(tmp_path / "made")
