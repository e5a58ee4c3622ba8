"""Files as centres have them, brought through `wegwijs-node import`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from node.cli import app
from node.store import NodeStore, records
from schemas.cohort import Cohort
from schemas.record import Trajectory

CASES = Path(__file__).parents[2] / "fixtures" / "intake"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A centre's store with nothing in it."""
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    assert CliRunner().invoke(app, ["init", "--dir", str(where)]).exit_code == 0
    return where


def imported(folder: Path, case: str, *more: str, **changes: Any) -> Result:
    """Import the file of a case with its mapping, of which some parts are changed.

    `columns` adds to the mapping's columns; other names replace a part of it.
    """
    file = CASES / case / next(n for n in ("klanten.csv", "export.csv", "wb.csv")
                               if (CASES / case / n).exists())  # fmt: skip
    plain = json.loads((CASES / case / "mapping.json").read_text(encoding="utf-8"))
    plain["columns"] |= changes.pop("columns", {})
    mapping = folder.parent / "mapping.json"
    mapping.write_text(json.dumps(plain | changes), encoding="utf-8")
    words = ["import", str(file), "--mapping", str(mapping), "--dir", str(folder), *more]
    return CliRunner().invoke(app, words)


def stored(folder: Path, year: int = 2024) -> list[Trajectory]:
    """All records that started in a year, oldest first."""
    with NodeStore.open(folder).begin() as connection:
        cohorts = [Cohort.parse(f"{year}Q{quarter}") for quarter in (1, 2, 3, 4)]
        found = [one for cohort in cohorts for one in records.of_cohort(connection, cohort)]
    return sorted(found, key=lambda one: one.started_on)


def refused(folder: Path, result: Result) -> str:
    """Assert a refusal that stored nothing; return its words."""
    assert (result.exit_code, stored(folder)) == (2, [])
    assert "Nothing was stored" in result.stderr
    return result.stderr


def column(name: str, **said: Any) -> Mapping[str, Any]:
    """One column of a mapping file."""
    return {name: said}
