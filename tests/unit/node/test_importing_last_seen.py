"""Until when a file looks: from its cells into the store, and from there into what is published."""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from lifelines import KaplanMeierFitter
from typer.testing import CliRunner

from node.cli import app
from node.store import NodeStore, records
from privacy.encode.layout import make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from schemas.catalogue.default import FULL, programme_of_year
from schemas.cohort import Cohort
from schemas.record import Trajectory
from schemas.units import UnixSeconds

COLUMNS = {
    "Klantnr": "client_ref", "Dossier": "trajectory_ref", "Start": "started_on",
    "Einde": "ended_on", "Status": "status", "Statuut na 6m": "labour_status_6m",
    "Statuut na 12m": "labour_status_12m", "Job vanaf": "job_started_on", "Job tot": "job_ended_on",
    "Akkoord": "consent_statistics",
}  # fmt: skip
SEEN = {"Laatste contact": "last_seen_on"}
Row = Mapping[str, str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEGWIJS_LANG", "en")
    where = tmp_path / "centre"
    assert run(where, "init").exit_code == 0
    return where


def run(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, words), "--dir", str(folder)])


def hundred(**more: str) -> list[dict[str, str]]:
    """All start a job on the last day, at work at 6 and 12 months; 10 end it after 18 months."""
    return [
        {
            "Klantnr": f"{k}", "Dossier": f"2023-{k}", "Start": "02/01/2023", "Einde": "31/03/2023",
            "Status": "afgerond", "Statuut na 6m": "bediende", "Statuut na 12m": "bediende",
            "Job vanaf": "31/03/2023", "Job tot": "30/09/2024" if k < 10 else "", "Akkoord": "ja",
            **more,
        }
        for k in range(100)
    ]  # fmt: skip


def imported(folder: Path, rows: Sequence[Row], fields: Mapping[str, str], **file: Any) -> Result:
    """Write rows and a mapping as an owner would, and import them."""
    path, mapping = folder.parent / "file.csv", folder.parent / "file.mapping.json"
    with path.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, list(fields), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    columns = {header: {"field": field} for header, field in fields.items()}
    whole = {"version": 1, "file": file, "columns": columns}
    mapping.write_text(json.dumps(whole), encoding="utf-8")
    return run(folder, "import", path, "--mapping", mapping)


def stored(folder: Path) -> list[Trajectory]:
    with NodeStore.open(folder).begin() as connection:
        return records.of_cohort(connection, Cohort.parse("2023Q1"))


def retention(people: Sequence[Trajectory]) -> dict[str, float | None]:
    """The national figures of the shipped programme, of a thousand such centres without noise."""
    programme = programme_of_year(2023, "Test", UnixSeconds(0), UnixSeconds(2**33), FULL)
    layout = make_layout(programme, ["job_retention@12m"])
    total = 1_000 * encode(people, layout, programme)
    figures = estimate(total, layout, contributors=1_000, honest=1_000)
    national = [f for f in figures if not f.cell]
    found = {f.variable or f.measure: f.unadjusted for f in national if f.measure == "survival"}
    counted = next(f.unadjusted for f in national if f.measure == "answered")
    assert counted is not None
    return {**found, "answered": counted / 1_000}


def test_a_column_says_until_when_each_client_was_followed(folder: Path) -> None:
    rows = hundred(**{"Laatste contact": "31/03/2025"})
    assert imported(folder, rows, COLUMNS | SEEN).exit_code == 0
    assert {t.last_seen_on for t in stored(folder)} == {date(2025, 3, 31)}
    assert exact(folder)["24m"] == pytest.approx(0.9)
    assert exact(folder)["12m"] == 1


def test_the_day_of_the_export_may_stand_for_the_whole_file(folder: Path) -> None:
    assert imported(folder, hundred(), COLUMNS, last_seen_on="2025-03-31").exit_code == 0
    assert exact(folder)["24m"] == pytest.approx(0.9)


def test_a_cell_goes_before_the_day_of_the_file(folder: Path) -> None:
    rows = hundred()
    for row in rows[:50]:
        row["Laatste contact"] = "01/02/2025"
    assert imported(folder, rows, COLUMNS | SEEN, last_seen_on="2025-03-31").exit_code == 0
    days = [t.last_seen_on for t in stored(folder)]
    assert sorted(set(days), key=str) == [date(2025, 2, 1), date(2025, 3, 31)]
    assert days.count(date(2025, 2, 1)) == 50


def test_without_such_a_day_the_last_answered_follow_up_is_the_end(folder: Path) -> None:
    assert imported(folder, hundred(), COLUMNS).exit_code == 0
    assert {t.last_seen_on for t in stored(folder)} == {None}
    assert exact(folder) == {"12m": 1, "24m": None, "6m": 1, "answered": pytest.approx(100)}


def test_a_file_that_never_says_tells_of_no_job(folder: Path) -> None:
    """Also not of the ten that ended: counting only these would say that all jobs end."""
    rows = hundred(**{"Statuut na 6m": "", "Statuut na 12m": ""})
    assert imported(folder, rows, COLUMNS).exit_code == 0
    assert exact(folder)["answered"] == pytest.approx(0)


def exact(folder: Path) -> dict[str, float | None]:
    return retention(stored(folder))


def test_the_sample_file_gives_the_survival_of_lifelines(folder: Path) -> None:
    sample = Path(__file__).parents[3] / "deploy" / "sample"
    done = run(
        folder, "import", sample / "klanten-200.csv", "--mapping",
        sample / "klanten-200.mapping.json",
    )  # fmt: skip
    assert done.exit_code == 0
    with NodeStore.open(folder).begin() as connection:
        people = [
            t
            for quarter in range(1, 5)
            for t in records.of_cohort(connection, Cohort.parse(f"2024Q{quarter}"))
        ]
    days = [
        ((min(t.job_ended_on or date.max, t.last_seen_on) - t.job_started_on).days,
         (t.job_ended_on or date.max) <= t.last_seen_on)
        for t in people
        if t.status == "completed" and t.job_started_on and t.last_seen_on
    ]  # fmt: skip
    curve = KaplanMeierFitter().fit(*zip(*days, strict=True))
    found = retention(people)
    assert len(days) >= 40
    assert found["answered"] == pytest.approx(len(days))
    assert found["6m"] == pytest.approx(float(curve.predict(182.5)), abs=0.02)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2023-01-01", "expected: a date up to 01/01/2023, the last_seen_on of the mapping file"),
        ("2999-01-01", "looks further than today"),
        ("31/12/2024", "not a valid mapping file: see file.last_seen_on"),
    ],
)
def test_a_day_that_cannot_be_is_refused(folder: Path, day: str, sentence: str) -> None:
    done = imported(folder, hundred(), COLUMNS, last_seen_on=day)
    assert done.exit_code == 2
    assert sentence in done.stderr
    assert "Nothing was stored" in done.stderr
    assert stored(folder) == []


def test_nobody_is_last_seen_before_her_start(folder: Path) -> None:
    rows = hundred(**{"Laatste contact": "01/12/2022"})
    done = imported(folder, rows, COLUMNS | SEEN)
    assert done.exit_code == 2
    assert "expected: a date that is not before Start" in done.stderr


@pytest.mark.parametrize(
    "header",
    ["Laatste contact", "Datum laatste contact", "laatst_gezien", "Laatste opvolging",
     "Exportdatum", "Gekend tot"],
)  # fmt: skip
def test_suggest_mapping_knows_what_centres_call_it(folder: Path, header: str) -> None:
    path = folder.parent / "klanten.csv"
    path.write_text(
        f"Klantnr;Dossiernr;Startdatum;Status;{header}\n1;1;02/01/2023;lopend;31/03/2025\n",
        encoding="utf-8",
    )
    assert run(folder, "suggest-mapping", path).exit_code == 0
    columns = json.loads(path.with_name("klanten.mapping.json").read_text())["columns"]
    assert columns[header] == {"field": "last_seen_on"}
