"""A new store is what the migrations make, column for column, on both databases."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from chassis.store.errors import StoreTooNew
from coordinator.store import CoordinatorStore
from coordinator.store.database import HEAD, MIGRATIONS, _postgres, _sqlite
from coordinator.store.rounds import StoredRound

Shape = dict[str, object]


def shape(store: CoordinatorStore) -> Shape:
    """Every table with its columns, keys and indexes."""
    seen = inspect(store._engine)
    found: Shape = {}
    for table in seen.get_table_names():
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)]
        indexes = sorted(
            (i["name"] or "", i["column_names"], i["unique"]) for i in seen.get_indexes(table)
        )
        foreign = sorted(
            (k["constrained_columns"], k["referred_table"]) for k in seen.get_foreign_keys(table)
        )
        keys = seen.get_pk_constraint(table)["constrained_columns"]
        found[table] = (columns, indexes, foreign, keys if table != "alembic_version" else None)
    return found


@pytest.fixture
def grown(request: pytest.FixtureRequest, store: CoordinatorStore, tmp_path: Path) -> Shape:
    """The tables that every migration makes on an empty database of the same kind."""
    folder = tmp_path / "grown"
    folder.mkdir()
    if (store.folder / "database.url").exists():
        url = request.getfixturevalue("new_schema")()
        (folder / "database.url").write_text(url)
        MIGRATIONS.run(_postgres(url))
    else:
        MIGRATIONS.run(_sqlite(folder / "coordinator.db"))
    opened = CoordinatorStore.open(folder)
    with opened.begin() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        assert list(found) == [HEAD]
    return shape(opened)


def test_a_new_store_has_the_tables_that_the_migrations_make(
    store: CoordinatorStore, grown: Shape
) -> None:
    assert shape(store) == grown
    assert len(grown) > 9


def test_a_store_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    CoordinatorStore.create(tmp_path / "made")
    with sqlite3.connect(tmp_path / "made" / "coordinator.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreTooNew, match="newer version"):
        CoordinatorStore.open(tmp_path / "made")


def test_the_sum_of_a_round_does_not_print() -> None:
    fields = StoredRound.__dataclass_fields__
    assert not fields["total"].repr
    assert not fields["certified"].repr
