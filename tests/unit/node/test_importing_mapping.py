"""The mapping file: strict, complete, and refused by name when it is not."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from node.importing.fields import Rules
from node.importing.mapping import load_mapping
from node.importing.planning import fit, plan
from node.importing.refusal import WrongMapping
from schemas.questionnaire import built_in

RULES = Rules(date(2026, 11, 24), "2.1", built_in())
REQUIRED = {
    "K": {"field": "client_ref"},
    "D": {"field": "trajectory_ref"},
    "S": {"field": "started_on"},
    "T": {"field": "status"},
}


def written(folder: Path, columns: dict[str, Any], **more: Any) -> Path:
    """Write a mapping with the required columns and these."""
    path = folder / "m.json"
    whole = {"version": 1, "columns": {**REQUIRED, **columns}, **more}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return path


def test_the_centres_own_words_go_before_the_known_ones(tmp_path: Path) -> None:
    values = {"Gewonnen": "completed", "lopend": "stopped", "later": ""}
    path = written(tmp_path, {"T": {"field": "status", "values": values}})
    status = next(c for c in plan(load_mapping(path), RULES).columns if c.name == "T")
    assert status.read("gewonnen") == ((("status",), "completed"),)
    assert status.read(" LOPEND ") == ((("status",), "stopped"),)
    assert status.read("later") == ()
    assert status.read("afgerond") == ((("status",), "completed"),)


def test_values_of_a_sector_are_new_letters_even_when_the_file_uses_old_ones(
    tmp_path: Path,
) -> None:
    column = {"field": "sector_before", "values": {"zorg": "R"}}
    path = written(tmp_path, {"X": column}, file={"nace_revision": "2"})
    rules = Rules(RULES.today, "2", RULES.questionnaire)
    sector = next(c for c in plan(load_mapping(path), rules).columns if c.name == "X")
    assert sector.read("zorg") == ((("sector_before",), "R"),)
    assert sector.read("R") == ((("sector_before",), "S"),)


def test_a_division_is_kept_beside_the_section(tmp_path: Path) -> None:
    path = written(tmp_path, {"X": {"field": "sector_before"}})
    sector = next(c for c in plan(load_mapping(path), RULES).columns if c.name == "X")
    assert sector.read("87.30") == ((("sector_before",), "R"), (("division_before",), "87"))


def test_the_date_of_a_signature_is_consent_given_that_day(tmp_path: Path) -> None:
    path = written(tmp_path, {"X": {"field": "consent_statistics"}})
    consent = next(c for c in plan(load_mapping(path), RULES).columns if c.name == "X")
    assert consent.read("03/11/2025") == (
        (("consent", "statistics"), True),
        (("consent", "given_on"), date(2025, 11, 3)),
    )
    assert consent.read("neen") == ((("consent", "statistics"), False),)
    assert consent.read("?") == ()


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ({"field": "schoenmaat"}, "does not exist: schoenmaat"),
        ({"field": "wellbeing.intake.meaning.4"}, "no item of questionnaire"),
        ({"field": "wellbeing.later.meaning.1"}, "no item of questionnaire"),
        ({"field": "context_fit.intake.coffee"}, "does not exist"),
        ({"field": "gender", "values": {"V": "vrouw"}}, "does not have: vrouw"),
        ({"field": "sector_before", "values": {"zorg": "Z"}}, "does not have: Z"),
        ({"field": "client_ref"}, "several columns to client_ref"),
        ({"field": "target_group"}, "special personal data"),
    ],
)
def test_a_field_that_cannot_be_is_named(
    tmp_path: Path, column: dict[str, Any], reason: str
) -> None:
    with pytest.raises(WrongMapping, match=reason):
        plan(load_mapping(written(tmp_path, {"X": column})), RULES)


def test_target_groups_are_read_once_a_basis_is_recorded(tmp_path: Path) -> None:
    path = written(tmp_path, {"X": {"field": "target_group"}})
    rules = Rules(RULES.today, "2.1", RULES.questionnaire, special_category=True)
    group = next(c for c in plan(load_mapping(path), rules).columns if c.name == "X")
    assert group.read("55+; arbeidsbeperking") == ((("target_groups",), ("55plus", "disability")),)


def test_every_required_field_needs_a_column(tmp_path: Path) -> None:
    path = written(tmp_path, {"K": {"ignore": True}, "T": {"ignore": True}})
    with pytest.raises(WrongMapping, match="no column to client_ref, status"):
        plan(load_mapping(path), RULES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "JSON stops making sense on line 1"),
        ("[]", "not a valid mapping file"),
        ('{"version": 2, "columns": {"K": {"ignore": true}}}', "see version"),
        ('{"version": 1, "columns": {"K": {"ignore": true}}, "extra": 1}', "see extra"),
        ('{"version": 1, "columns": {"K": {}}}', "see columns.K"),
        ('{"version": 1, "columns": {"K": {"field": "status", "ignore": true}}}', "see columns.K"),
        ('{"version": 1, "columns": {"K": {"ignore": true}, "K": {"field": "status"}}}', "K twice"),
        ('{"version": 1, "file": {"sheet": "a", "sheets": ["b"]}, "columns": {}}', "see file"),
    ],
)
def test_a_mapping_file_that_is_not_one_says_where(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongMapping, match=reason):
        load_mapping(path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"version": ' + "9" * 5_000 + "}"])
def test_a_mapping_file_that_was_made_to_choke_us_is_no_mapping(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WrongMapping, match="not a valid mapping file"):
        load_mapping(path)


def test_a_mapping_in_another_encoding_is_not_one(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(b'{"version": 1, "columns": {"Caf\xe9": {"ignore": true}}}')
    with pytest.raises(WrongMapping, match="UTF-8"):
        load_mapping(path)


def test_mapping_and_file_speak_of_the_same_columns(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, {"  Nota  bene ": {"ignore": True}}))
    fit(mapping, ("K", "D", "S", "T", "Nota bene"))
    with pytest.raises(WrongMapping, match="does not mention: Extra"):
        fit(mapping, ("K", "D", "S", "T", "Nota bene", "Extra"))
    with pytest.raises(WrongMapping, match="does not have: Nota bene"):
        fit(mapping, ("K", "D", "S", "T"))
    with pytest.raises(WrongMapping, match="for another file"):
        fit(mapping, ("a", "b"))
