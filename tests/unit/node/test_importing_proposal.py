"""A proposed mapping: right where headers are known, silent about nothing."""

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from node.cli import app
from node.importing.checking import read_file
from node.importing.fields import Rules
from node.importing.headers import guess
from node.importing.mapping import load_mapping
from node.importing.proposal import propose
from schemas.questionnaire import built_in

FIXTURES = Path(__file__).parents[2] / "fixtures" / "intake"
RULES = Rules(date(2026, 11, 24), "2.1", built_in())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Klantnr", "client_ref"),
        ("KLANTNR.", "client_ref"),
        ("Postcode + gemeente", "residence"),
        ("Geslacht (M/V/X)", "gender"),
        ("WG1", "wellbeing.intake.meaning.1"),
        ("WG18", "wellbeing.intake.balance.3"),
        ("WG4 einde", "wellbeing.end.autonomy.1"),
        ("WG7 na 12 maanden", "wellbeing.12m.competence.1"),
        ("Zingeving 2 (6 maanden)", "wellbeing.6m.meaning.2"),
        ("bal3_12", "wellbeing.12m.balance.3"),
        ("WG19", None),
        ("WG1 ooit", None),
        ("Opmerking", None),
    ],
)
def test_a_header_is_recognised_in_its_usual_spellings(header: str, field: str | None) -> None:
    found = guess(header, built_in())
    assert (found.field if found else None) == field


def test_a_proposal_reads_the_file_it_was_made_from(tmp_path: Path) -> None:
    proposal = propose(FIXTURES / "klanten.csv", RULES)
    reading = read_file(FIXTURES / "klanten.csv", proposal.mapping, RULES)
    assert (len(reading.trajectories), reading.wrong) == (2, ())
    assert proposal.ignored == ("Opmerking",)
    assert proposal.mapping.columns["Status traject"].values == {
        "afgerond": "completed",
        "lopend": "running",
    }


def test_titles_and_totals_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "Overzicht\n\nKlantnr;Dossiernummer;Start;Status\n1;a;1/2/25;lopend\nTotaal;1;;\n",
        encoding="utf-8",
    )
    layout = propose(path, RULES).mapping.file
    assert (layout.header_row, layout.skip_last_rows) == (3, 1)


def test_words_without_a_code_are_listed_for_the_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    fases = ["Gewonnen", "lopend", "Gewonnen", "Jan belt"]
    lines = [f"{number};1/2/25;{fase}" for number, fase in enumerate(fases)]
    path.write_text("\n".join(["Klantnr;Start;Fase", *lines]), encoding="utf-8")
    (fase,) = (one for one in propose(path, RULES).columns if one.name == "Fase")
    assert (fase.unknown, fase.rare) == (("Gewonnen",), 1)


def test_old_letters_of_sectors_are_noticed_when_only_they_make_sense(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Klantnr;Start;Sector\n1;1/2/25;Q\n2;1/2/25;J62\n", encoding="utf-8")
    proposal = propose(path, RULES)
    assert proposal.mapping.file.nace_revision == "2"


def test_the_command_writes_a_mapping_and_never_over_one(tmp_path: Path) -> None:
    out = tmp_path / "m.json"
    words = ["suggest-mapping", str(FIXTURES / "klanten.csv"), "--out", str(out), "--json"]
    words += ["--dir", str(tmp_path / "none")]
    first = CliRunner().invoke(app, words)
    assert json.loads(first.stdout)["ignored"] == ["Opmerking"]
    assert load_mapping(out).columns["WG1"].field == "wellbeing.intake.meaning.1"
    out.write_text("corrected by hand", encoding="utf-8")
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 4
    assert out.read_text(encoding="utf-8") == "corrected by hand"
