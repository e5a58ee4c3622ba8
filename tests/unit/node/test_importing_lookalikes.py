"""Clients who may be one person under two numbers: shown by row, settled, and counted once."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from demo_release import people
from small_region import ASK, small_programme
from typer.testing import CliRunner

from node.admission import charging
from node.admission.check import Standing
from node.cli import app
from node.importing import lookalikes
from node.store import NodeStore, budget, records
from privacy.encode.layout import make_layout
from schemas.cohort import Cohort

FIELDS = {
    "klant": "client_ref", "dossier": "trajectory_ref", "start": "started_on",
    "einde": "ended_on", "status": "status", "jaar": "birth_year", "plaats": "residence",
    "m/v": "gender", "diploma": "education", "ok": "consent_statistics",
}  # fmt: skip
ANN = "1;d1;1/2/2024;1/4/2024;afgerond;1985;9000;V;;ja"
AGAIN = "77;d2;1/3/2024;1/5/2024;afgerond;1985;9000;V;;ja"
OTHER = "3;d3;1/2/2024;1/4/2024;afgerond;1970;2000;M;;ja"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    run(where, "init")
    return where


def run(folder: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [*words, "--dir", str(folder)], input=typed)


def read(folder: Path, *rows: str) -> dict[str, Any]:
    file, mapping = folder.parent / "file.csv", folder.parent / "mapping.json"
    file.write_text("\n".join((";".join(FIELDS), *rows)) + "\n", encoding="utf-8")
    columns = {name: {"field": field} for name, field in FIELDS.items()}
    mapping.write_text(json.dumps({"version": 1, "columns": columns}), encoding="utf-8")
    said = run(folder, "import", str(file), "--mapping", str(mapping), "--json")
    assert said.exit_code == 0, said.output
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def counted(folder: Path, *cohorts: str) -> int:
    """How many people give values in a round over these quarters."""
    programme = small_programme()
    here = Standing(1, None, programme)  # type: ignore[arg-type] # the programme alone is looked at
    with NodeStore.open(folder).begin() as connection:
        charging.count(connection, here, make_layout(programme, [ASK]), cohorts, bytes)
        turnout = charging.who_counts(connection, map(Cohort.parse, cohorts))
    return sum(map(len, turnout.people.values()))


def pairs(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(folder, "duplicates", "--json").stdout)["pairs"]
    return found


def test_the_same_traits_at_the_same_time_wait_and_are_shown_by_row_alone(folder: Path) -> None:
    assert read(folder, ANN, AGAIN, OTHER)["waiting"] == 1
    said = run(folder, "duplicates").stdout
    assert "1. file.csv, row 2 and file.csv, row 3: the same year of birth" in said
    assert "1 who may be another client" in said
    for value in ("1985", "9000", "Gent", "77", "d2"):
        assert value not in said.replace("file.csv", "")
    assert counted(folder, "2024Q1") == 2


def test_two_people_both_count_once_that_is_said_and_are_not_asked_about_again(
    folder: Path,
) -> None:
    read(folder, ANN, AGAIN, OTHER)
    assert run(folder, "duplicates", "different", "1").exit_code == 0
    assert counted(folder, "2024Q1") == 3
    assert read(folder, ANN, AGAIN, OTHER)["waiting"] == 0


def test_one_person_counts_once_also_when_a_later_file_uses_her_other_number(
    folder: Path,
) -> None:
    read(folder, ANN, AGAIN, OTHER)
    assert run(folder, "duplicates", "same", "1").exit_code == 0
    assert (pairs(folder), counted(folder, "2024Q1")) == ([], 2)
    later = AGAIN.replace("d2;1/3/2024;1/5/2024", "d9;1/5/2024;1/6/2024")
    assert read(folder, later)["eligible"]["clients"] == 2
    assert counted(folder, "2024Q1", "2024Q2") == 2


def test_one_person_who_was_counted_under_both_numbers_gives_values_once(folder: Path) -> None:
    read(folder, ANN, AGAIN, OTHER)
    run(folder, "duplicates", "different", "1")
    assert counted(folder, "2024Q1") == 3
    with NodeStore.open(folder).begin() as connection:
        entered = budget.register(connection)
        connection.exec_driver_sql("UPDATE lookalike SET different = 0")
    run(folder, "duplicates", "same", "1")
    assert counted(folder, "2024Q1") == 2
    with NodeStore.open(folder).begin() as connection:
        assert budget.register(connection) == entered


@pytest.mark.parametrize(
    "second",
    [
        "77;d2;1/9/2024;1/10/2024;afgerond;1985;9000;V;;ja",  # not at the same time
        "77;d2;1/3/2024;1/5/2024;afgerond;1986;9000;V;;ja",
        "77;d2;1/3/2024;1/5/2024;afgerond;1985;2000;V;;ja",
        "77;d2;1/3/2024;1/5/2024;afgerond;1985;9000;M;;ja",
        "77;d2;1/3/2024;1/5/2024;afgerond;;9000;V;;ja",
    ],
)
def test_who_differs_in_one_of_these_does_not_wait(folder: Path, second: str) -> None:
    assert read(folder, ANN, second, OTHER)["waiting"] == 0


def test_something_else_that_differs_makes_them_two_people(folder: Path) -> None:
    first, second = ANN.replace(";;ja", ";low;ja"), AGAIN.replace(";;ja", ";high;ja")
    assert read(folder, first, second, OTHER)["waiting"] == 0


def test_numbers_that_differ_in_spelling_only_wait(folder: Path) -> None:
    rows = ("K-012;d1;1/2/2023;;lopend;;;;;ja", "k 12;d2;1/2/2024;;lopend;;;;;ja",
            "K-13;d3;1/2/2024;;lopend;;;;;ja")  # fmt: skip
    assert read(folder, *rows)["waiting"] == 1
    assert pairs(folder)[0]["why"] == "spelling"


def test_what_many_clients_share_says_nothing(folder: Path) -> None:
    """Forty at once of one year, place and gender: chance would make such pairs by the dozen."""
    rows = [f"{n};d{n};1/2/2024;1/4/2024;afgerond;1985;9000;V;;ja" for n in range(40)]
    assert read(folder, *rows)["waiting"] == 0


@pytest.mark.heavy
def test_thousands_of_different_people_hardly_wait_for_each_other(tmp_path: Path) -> None:
    """Each pair apart may be rare, and a centre of thousands still hold a hundred of them."""
    different = people(20_000)[1]
    with NodeStore.create(tmp_path / "large").begin() as connection:
        records.keep(connection, different, 1)
        assert len({one.client_ref for one in different}) > 3_000
        assert lookalikes.find(connection) <= 3


def test_a_withdrawal_under_one_number_holds_for_the_person(folder: Path) -> None:
    read(folder, ANN, AGAIN, OTHER)
    run(folder, "withdraw", typed="77\n")
    run(folder, "duplicates", "same", "1")
    assert counted(folder, "2024Q1") == 1
    assert run(folder, "erase", typed="77\n").exit_code == 0
    assert read(folder, ANN, AGAIN, OTHER)["erased"] == 2


def test_undo_leaves_one_person_one(folder: Path) -> None:
    read(folder, ANN, AGAIN, OTHER)
    read(folder, AGAIN.replace("V;;", "V;low;"))
    run(folder, "duplicates", "same", "1")
    assert run(folder, "undo-import").exit_code == 0
    assert counted(folder, "2024Q1") == 2


def test_a_pair_that_does_not_wait_is_refused_and_nothing_changes(folder: Path) -> None:
    read(folder, ANN, AGAIN, OTHER)
    said = run(folder, "duplicates", "same", "1", "9")
    assert said.exit_code == 4
    assert "No pair with number 9 waits" in said.stderr
    assert len(pairs(folder)) == 1
