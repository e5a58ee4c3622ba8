"""A coordinator in a folder of its own: on SQLite, and on a PostgreSQL server of this session."""

import os
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest

from coordinator.store import CoordinatorStore

sys.path.insert(0, str(Path(__file__).parents[1] / "node"))  # where the small region is made
from small_stages import _given, _opened, given, opened

__all__ = ["_given", "_opened", "given", "opened"]

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_USER = "postgres"


def _as_server_user(*words: str | Path) -> None:
    """PostgreSQL refuses to run as root."""
    drop = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*drop, *map(str, words)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="session")
def postgres(
    tmp_path_factory: pytest.TempPathFactory, wanting: Callable[[str], NoReturn]
) -> Iterator[str]:
    """URL of a real server, started for this session on a free port of 127.0.0.1."""
    if not _INSTALLED:
        wanting("postgresql")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(f"/tmp/wegwijs-postgres-{uuid.uuid4().hex[:8]}")  # noqa: S108 - short for its socket
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(folder, _USER)
    tools, data = _INSTALLED[-1], folder / "data"
    _as_server_user(tools / "initdb", "-D", data, "-U", _USER, "-A", "trust", "--no-sync")
    settings = f"-p {port} -k {folder} -h 127.0.0.1 -F"
    _as_server_user(
        tools / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", settings, "start"
    )
    yield f"postgresql+psycopg://{_USER}@127.0.0.1:{port}/postgres"
    _as_server_user(tools / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_schema(postgres: str) -> Callable[[], str]:
    """Makes a new schema on the server each time; returns its URL."""
    return lambda: _new_schema(postgres)


def _new_schema(url: str) -> str:
    """A new schema, so that tests share one server without meeting."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{url}?options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> CoordinatorStore:
    url = None
    if request.param == "postgres":
        url = _new_schema(request.getfixturevalue("postgres"))
    return CoordinatorStore.create(tmp_path / "coordinator", url)
