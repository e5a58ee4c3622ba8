"""`withdraw` and `erase`: what a client asks is done, and no older file undoes it."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from region import sample_records
from small_region import ASK, small_programme
from typer.testing import CliRunner

from node.admission import charging
from node.admission.check import Standing
from node.cli import app
from node.importing.commit import Source, commit
from node.store import NodeStore, budget, cipher, records
from privacy.encode.layout import make_layout
from schemas.cohort import Cohort

PROGRAMME = small_programme()
LAYOUT = make_layout(PROGRAMME, [ASK])
HERE = Standing(1, None, PROGRAMME)  # type: ignore[arg-type] # counting looks at the programme only
YEAR = ("2024Q1", "2024Q2", "2024Q3", "2024Q4")
PEOPLE = [
    one.model_copy(update={"client_ref": f"k{n}", "trajectory_ref": f"t{n}"})
    for n, one in enumerate(sample_records(1, 8))
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    NodeStore.create(where)
    read_in(where)
    return where


def read_in(folder: Path) -> tuple[int, int, int, int]:
    """Read the same export: (new, changed, same, left out)."""
    with NodeStore.open(folder).begin() as connection:
        done = commit(connection, PEOPLE, Source("klanten.csv", "ab" * 32), 1, bytes)
    return done.new, done.changed, done.same, done.erased


def run(folder: Path, command: str, typed: str) -> Result:
    return CliRunner().invoke(app, [command, "--json", "--dir", str(folder)], input=typed)


def people_in_next_round(folder: Path) -> int:
    """How many clients give values in a round over the year."""
    with NodeStore.open(folder).begin() as connection:
        charging.count(connection, HERE, LAYOUT, YEAR, bytes)
        entries = budget.register(connection)
        found = records.of_trajectories(connection, [entry.trajectory for entry in entries])
        return sum(one.consent.counts for one in found)


def test_who_withdraws_gives_no_values_and_an_older_export_does_not_sign_her_up(
    folder: Path,
) -> None:
    assert people_in_next_round(folder) == len(PEOPLE)
    said = run(folder, "withdraw", "K0\n")
    assert json.loads(said.stdout) == {"clients": 1, "trajectories": 1}
    assert people_in_next_round(folder) == len(PEOPLE) - 1
    assert read_in(folder) == (0, 0, len(PEOPLE), 0)
    assert people_in_next_round(folder) == len(PEOPLE) - 1


def test_who_is_erased_leaves_nothing_but_keyed_codes_and_does_not_come_back(folder: Path) -> None:
    people_in_next_round(folder)
    assert run(folder, "erase", "k0\n k1 \n").exit_code == 0
    assert read_in(folder) == (0, 0, len(PEOPLE) - 2, 2)
    assert people_in_next_round(folder) == len(PEOPLE) - 2
    with NodeStore.open(folder).begin() as connection:
        assert records.count(connection) == len(PEOPLE) - 2
        assert len({entry.client for entry in budget.register(connection)}) == len(PEOPLE)
        assert connection.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
    assert sorted(path.name for path in folder.iterdir()) == [cipher.DATABASE, cipher.KEY]


def test_an_erased_client_is_in_no_backup_made_afterwards_and_stays_erased_when_it_is_restored(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEGWIJS_BACKUP_PASSPHRASE", "vier losse woorden samen")
    run(folder, "erase", "k0\n")
    file, new = tmp_path / "b.backup", tmp_path / "new"
    assert CliRunner().invoke(app, ["backup", str(file), "--dir", str(folder)]).exit_code == 0
    assert CliRunner().invoke(app, ["restore", str(file), "--dir", str(new)]).exit_code == 0
    with NodeStore.open(new).begin() as connection:
        assert records.count(connection) == len(PEOPLE) - 1
    assert read_in(new) == (0, 0, len(PEOPLE) - 1, 1)


def test_who_agrees_anew_after_an_erasure_is_a_client_again(folder: Path) -> None:
    run(folder, "erase", "k0\n")
    day = PEOPLE[0].started_on.replace(year=2199)
    consent = PEOPLE[0].consent.model_copy(update={"given_on": day})
    anew = PEOPLE[0].model_copy(update={"consent": consent})
    with NodeStore.open(folder).begin() as connection:
        done = commit(connection, [anew], Source("later.csv", "cd" * 32), 2, bytes)
        cohort = records.of_cohort(connection, Cohort.of(anew.started_on))
    assert (done.new, done.erased) == (1, 0)
    assert sum(one.consent.given_on == day and one.consent.counts for one in cohort) == 1


@pytest.mark.parametrize("command", ["withdraw", "erase"])
def test_an_unknown_client_is_refused_and_nobody_else_is_touched(
    folder: Path, command: str
) -> None:
    said = run(folder, command, "k0\nnobody\n")
    assert said.exit_code == 4
    assert "1 of these client numbers" in said.output
    assert "nobody" not in said.output
    assert people_in_next_round(folder) == len(PEOPLE)


def test_a_restricted_client_gives_no_values_until_that_is_lifted(folder: Path) -> None:
    assert json.loads(run(folder, "restrict", "K0\n").stdout) == {"clients": 1}
    assert values_in_next_round(folder) == len(PEOPLE) - 1
    assert read_in(folder)[2] == len(PEOPLE)
    assert values_in_next_round(folder) == len(PEOPLE) - 1
    assert run(folder, "lift-restriction", "k0\n").exit_code == 0
    assert values_in_next_round(folder) == len(PEOPLE)


def values_in_next_round(folder: Path) -> int:
    """The sum of what a round over the year gets of this centre, in clients."""
    with NodeStore.open(folder).begin() as connection:
        turnout = charging.who_counts(connection, map(Cohort.parse, YEAR))
    return sum(map(len, turnout.people.values()))


def test_a_copy_holds_what_she_told_and_no_code_of_hers(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.json"
    people_in_next_round(folder)
    run(folder, "withdraw", "k0\n")
    words = ["copy", "--out", str(out), "--dir", str(folder)]
    assert CliRunner().invoke(app, words, input="k0\n").exit_code == 0
    held = json.loads(out.read_text(encoding="utf-8"))
    (one,) = held["trajectories"]
    assert one["started_on"] == PEOPLE[0].started_on.isoformat()
    assert (one["status"], one["residence"]) == (PEOPLE[0].status, PEOPLE[0].residence)
    assert "client_ref" not in one
    assert held["withdrawn_on"] == one["consent"]["withdrawn_on"]
    assert held["counted_in_quarters"] == [str(Cohort.of(PEOPLE[0].started_on))]
    assert out.stat().st_mode & 0o777 == 0o600
    assert CliRunner().invoke(app, words, input="k0\n").exit_code == 4  # never over a file


@pytest.mark.parametrize("command", ["restrict", "lift-restriction"])
def test_restricting_is_for_clients_who_are_here(folder: Path, command: str) -> None:
    assert run(folder, command, "nobody\n").exit_code == 4
