"""Exports of survey tools and of programs in three languages: a proposal, then data.

What a proposal leaves open is filled in as an owner would; each record is what a person reads
in the file.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from centre_exports import READ, Export
from centre_files import CASES, folder, stored
from click.testing import Result
from typer.testing import CliRunner

from node.cli import app
from schemas.record import Trajectory

__all__ = ["folder"]

EXPORTS = CASES / "exports"


def suggested(folder: Path, name: str) -> tuple[dict[str, Any], str]:
    """Propose a mapping for an export; return it, and all that was printed."""
    target = folder.parent / f"{name}.json"
    words = ["suggest-mapping", str(EXPORTS / name), "--out", str(target), "--dir", str(folder)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    plain: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return plain, result.output


def imported(folder: Path, name: str, mapping: dict[str, Any]) -> Result:
    """Import an export with a mapping."""
    path = folder.parent / "mapping.json"
    path.write_text(json.dumps(mapping), encoding="utf-8")
    words = ["import", str(EXPORTS / name), "--mapping", str(path), "--dir", str(folder)]
    return CliRunner().invoke(app, words)


def said(one: Trajectory) -> dict[str, Any]:
    """A record as the lists above write it."""
    return {**dict(one), "counts": one.consent.counts}


@pytest.mark.parametrize("export", READ, ids=lambda export: export.name)
def test_an_export_is_proposed_and_read_as_a_person_reads_it(folder: Path, export: Export) -> None:
    mapping, shown = suggested(folder, export.name)
    assert (f"export of {export.tool}" in shown) is (export.tool is not None)
    result = imported(folder, export.name, mapping | {"constants": export.constants})
    assert result.exit_code == 0, result.output
    found = [said(one) for one in stored(folder)]
    assert len(found) == len(export.records)
    for record, expected in zip(found, export.records, strict=True):
        assert {name: record[name] for name in expected} == expected


@pytest.mark.parametrize("name", sorted(path.name for path in EXPORTS.iterdir()))
def test_a_proposal_shows_no_client(folder: Path, name: str) -> None:
    mapping, shown = suggested(folder, name)
    told = shown + json.dumps(mapping, ensure_ascii=False)
    for value in ("Jan", "Peeters", "Mia", "Claes", "example.org", "Jean", "81.0.0.1", "0470"):
        assert value not in told
    for value in ("K1", "2,760.", "1984", "42 jaar", "9000", "Drongen", "5000 Namur"):
        assert value not in told


@pytest.mark.parametrize("name", ["invoices.csv", "no-header.csv"])
def test_a_file_in_which_nothing_is_known_is_said_to_lack_everything(
    folder: Path, name: str
) -> None:
    mapping, shown = suggested(folder, name)
    assert "NO COLUMN SAYS CONSENT" in shown
    assert "Nothing in this file gives client_ref, trajectory_ref, started_on, status" in shown
    assert all(column == {"ignore": True} for column in mapping["columns"].values())
    assert "no column to client_ref" in imported(folder, name, mapping).stderr


def test_a_file_without_a_header_is_read_once_its_places_have_fields(folder: Path) -> None:
    mapping, shown = suggested(folder, "no-header.csv")
    assert "columns are called by their place" in shown
    mapping["columns"] |= {
        "kolom 2": {"fields": ["client_ref", "trajectory_ref"]},
        "kolom 3": {"field": "started_on"},
        "kolom 4": {"field": "status"},
    }
    assert imported(folder, "no-header.csv", mapping).exit_code == 0
    assert [one.status for one in stored(folder)] == ["completed", "running"]


def test_scores_on_another_scale_wait_for_the_owner_to_say_it(folder: Path) -> None:
    mapping, shown = suggested(folder, "zero-to-ten.csv")
    assert "not on the questionnaire's scale" in shown
    assert 'WG1: "10"; expected: a score' in imported(folder, "zero-to-ten.csv", mapping).stderr
    scaled = mapping | {"answers": {"scale": [0, 10]}}
    assert imported(folder, "zero-to-ten.csv", scaled).exit_code == 0
    (one,) = stored(folder)
    assert one.wellbeing["intake"] == {
        "meaning": (5, None, None), "autonomy": (4, None, None), "competence": (1, None, None),
    }  # fmt: skip


def test_letters_that_moved_in_2025_wait_for_the_owner_to_say_of_which_revision(
    folder: Path,
) -> None:
    mapping, shown = suggested(folder, "old-letters.csv")
    assert '"nace_revision": "2" where Q is care' in shown
    refused = imported(folder, "old-letters.csv", mapping)
    assert refused.stderr.count("of a known revision") == 2
    mapping["file"]["nace_revision"] = "2"
    assert imported(folder, "old-letters.csv", mapping).exit_code == 0
    assert sorted(str(one.sector_before) for one in stored(folder)) == ["Q", "R"]


def test_a_consent_for_photographs_is_no_consent_to_be_counted(folder: Path) -> None:
    mapping, shown = suggested(folder, "consents.csv")
    fields = {name: column.get("field") for name, column in mapping["columns"].items()}
    assert fields["Toestemming foto's"] is None
    assert fields["Toestemming nieuwsbrief"] is None
    assert fields["GDPR"] == "consent_statistics"
    assert "GDPR is proposed as the client's consent" in shown


def test_words_that_one_row_alone_has_are_counted_and_not_shown(
    folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "klanten.csv"
    rows = ["1;1/9/2024;gewonnen", "2;1/9/2024;gewonnen", "3;1/9/2024;Jan belt maandag"]
    file.write_text("\n".join(["Klantnr;Startdatum;Status", *rows]), encoding="utf-8")
    shown = CliRunner().invoke(app, ["suggest-mapping", str(file), "--dir", str(folder)]).output
    assert "Status: say under values what these words mean: gewonnen." in shown
    assert "1 more words stand in one row each" in shown
    assert "Jan belt" not in shown + (tmp_path / "klanten.mapping.json").read_text()


def test_the_next_file_of_a_source_starts_from_what_its_owner_chose(
    folder: Path, tmp_path: Path
) -> None:
    header = "Klantnr;Startdatum;Fase;Notities;loon?"
    file = tmp_path / "januari.csv"
    file.write_text(f"{header}\n1;1/9/2024;gewonnen;x;2760\n", encoding="utf-8")
    chosen = {
        "version": 1,
        "constants": {"consent_basis": "legal"},
        "columns": {
            "Klantnr": {"fields": ["client_ref", "trajectory_ref"]},
            "Startdatum": {"field": "started_on"},
            "Fase": {"field": "status", "values": {"gewonnen": "completed"}},
            "Notities": {"ignore": True},
            "loon?": {"field": "wage_before"},
        },
        "file": {"last_seen_on": "2025-01-31"},
    }
    mapping = tmp_path / "m.json"
    mapping.write_text(json.dumps(chosen), encoding="utf-8")
    words = ["import", str(file), "--mapping", str(mapping), "--dir", str(folder)]
    assert CliRunner().invoke(app, [*words, "--dry-run"]).exit_code == 0
    later = tmp_path / "februari.csv"
    later.write_text(f"{header};Geslacht\n2;1/9/2024;gewonnen;y;2500;V\n", encoding="utf-8")
    suggest = ["suggest-mapping", str(later), "--dir", str(folder), "--out"]
    first = CliRunner().invoke(app, [*suggest, str(tmp_path / "first.json")]).output
    assert "as you chose" not in first  # a rehearsal is remembered by nobody
    assert CliRunner().invoke(app, words).exit_code == 0
    second = CliRunner().invoke(app, [*suggest, str(tmp_path / "second.json")]).output
    assert "5 columns are as you chose for this source" in second
    plain = json.loads((tmp_path / "second.json").read_text(encoding="utf-8"))
    assert plain["columns"] == chosen["columns"] | {
        "Geslacht": {"field": "gender", "values": {"V": "f"}}
    }
    assert plain["constants"] == {"consent_basis": "legal"}
    assert "last_seen_on" not in plain["file"]  # the day of another export
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert b"gewonnen" not in raw
    other = tmp_path / "anders.csv"
    other.write_text("Naam;Klantnr;Sector;Uren\nx;1;zorg;3\n", encoding="utf-8")
    third = CliRunner().invoke(app, ["suggest-mapping", str(other), "--dir", str(folder)]).output
    assert "as you chose" not in third
