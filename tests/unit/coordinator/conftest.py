"""A coordinator in a folder of its own, on SQLite and, when a URL is given, on PostgreSQL."""

import os
import uuid
from pathlib import Path

import pytest

from coordinator.store import CoordinatorStore

POSTGRES = "WEGWIJS_TEST_POSTGRES"


def _schema_url() -> str:
    """A new schema, so that tests share one server without meeting."""
    import psycopg

    url = os.environ[POSTGRES]
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{url}?options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> CoordinatorStore:
    if request.param == "postgres" and POSTGRES not in os.environ:
        pytest.skip(f"{POSTGRES} is not set")
    url = _schema_url() if request.param == "postgres" else None
    return CoordinatorStore.create(tmp_path / "coordinator", url)
