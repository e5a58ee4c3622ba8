"""Whom the owner trusts: said before agreeing, and set by a command of its own."""

import json
from pathlib import Path

import pytest
from home_stub import PEM, Home, home, run
from region import Region, make_region, sample_records
from small_region import small_programme

from chassis.store import settings
from schemas.signed import Signed

__all__ = ["home"]


@pytest.fixture
def region(tmp_path: Path, home: Home) -> Region:
    """Seven centres and nine witnesses, whose documents the office gives."""
    people = {n: sample_records(n, 2) for n in range(1, 8)}
    made = make_region(tmp_path, people, programme=small_programme(), witnesses=9)
    for node in (1, 101):
        with made.nodes[node].begin() as connection:
            connection.exec_driver_sql("DELETE FROM signed_document")
            settings.put(connection, "url", b"https://wegwijs.example:8443")
            settings.put(connection, "ca", PEM.encode())
            settings.put(connection, "role", b"witness" if node == 101 else b"centre")
    home.programme_paper = Signed.seal(made.programme, made.authority.private)
    home.roster_paper = Signed.seal(made.roster, made.authority.private)
    return made


def test_the_owner_reads_whom_one_trusts_before_agreeing(region: Region) -> None:
    """Nine witnesses: f = 4, so any five with the coordinator."""
    said = run(region.nodes[1].folder, "approve").stdout
    assert "the coordinator (region) and any 5 of these 9 witnesses together" in said
    assert all(f"Witness {k} (house {k})" in said for k in range(101, 110))
    assert "Your policy: a committee of centres, or of at least 7 witnesses." in said
    assert "takes part in no round" not in said
    assert "This computer is a witness" not in said


def test_the_owner_reads_it_in_dutch(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEGWIJS_LANG", "nl")
    said = run(region.nodes[1].folder, "approve").stdout
    assert "de coördinator (region) en om het even welke 5 van deze 9 getuigen" in said
    assert "Uw keuze: een comité van centra, of van minstens 7 getuigen." in said


def test_in_json_the_committee_is_named(region: Region) -> None:
    facts = json.loads(run(region.nodes[1].folder, "approve", "--yes", "--json").stdout)
    assert (facts["committee"], facts["opening"], facts["centres"]) == ("witnesses", 5, 7)
    assert facts["witnesses"] == [f"Witness {k}" for k in range(101, 110)]


@pytest.mark.parametrize("words", [("--take", "centres"), ("--least", "10")])
def test_a_policy_that_the_roster_does_not_meet_is_said_at_approval(
    region: Region, words: tuple[str, ...]
) -> None:
    folder = region.nodes[1].folder
    assert run(folder, "committee", *words).exit_code == 0
    assert "With this roster this computer takes part in no round" in run(folder, "approve").stdout


def test_the_policy_is_kept_and_each_part_changed_alone(region: Region) -> None:
    folder = region.nodes[1].folder
    run(folder, "committee", "--take", "witnesses")
    run(folder, "committee", "--least", "9")
    facts = json.loads(run(folder, "committee", "--json").stdout)
    assert facts == {"take": "witnesses", "least": 9}
    said = run(folder, "committee").stdout
    assert said == "Your policy: a committee of at least 9 witnesses, and never of centres.\n"


@pytest.mark.parametrize("least", ["6", "26"])
def test_fewer_than_seven_witnesses_can_not_be_asked_for(region: Region, least: str) -> None:
    assert run(region.nodes[1].folder, "committee", "--least", least).exit_code == 2


def test_a_witness_agrees_like_a_centre_and_reads_what_it_does(region: Region) -> None:
    result = run(region.nodes[101].folder, "approve", "--yes")
    assert result.exit_code == 0, result.stderr
    assert "This computer is a witness: it gives no numbers of its own" in result.stdout
