"""`approve`: what is asked and what changed; nothing is agreed to by accident."""

import json
from pathlib import Path
from typing import Any

import pytest
from home_stub import PEM, Home, home, run
from region import NOW
from small_region import ASK, OTHER, Small, small_programme

from chassis.store import audit_log, settings
from node.admission.pinned_authority import take_programme
from node.store import NodeStore, signed_documents
from schemas.programme import Ask, Programme
from schemas.roster import Roster
from schemas.signed import Signed

__all__ = ["home"]


@pytest.fixture
def folder(opened: Small, home: Home) -> Path:
    """A centre on the roster that has not agreed to any programme yet."""
    with opened.region.nodes[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM signed_document")
        settings.put(connection, "url", b"https://wegwijs.example:8443")
        settings.put(connection, "ca", PEM.encode())
    publish(opened, home)
    return opened.region.nodes[1].folder


def publish(
    small: Small,
    home: Home,
    programme: Programme | None = None,
    roster: Roster | None = None,
) -> None:
    key = small.region.authority.private
    home.programme_paper = Signed.seal(programme or small.region.programme, key)
    home.roster_paper = Signed.seal(roster or small.region.roster, key)


def approved(folder: Path) -> tuple[int, int | None]:
    """(version, when it was approved) of the programme held; (0, None) without one."""
    with NodeStore.open(folder).begin() as connection:
        document = signed_documents.latest(connection, "programme")
    return (document.version, document.approved_at) if document else (0, None)


def test_approving_shows_what_is_asked_of_whom_and_at_what_price(folder: Path) -> None:
    result = run(folder, "approve", "--yes")
    said = result.stdout
    assert result.exit_code == 0, result.stderr
    assert "Programme werkgeluk-en-loopbaan, version 1, for Vlaanderen, valid until" in said
    assert "Asked of 7 centres of 7 organisations (roster 1):" in said
    assert "  Trajectories (at the start), for policymakers" in said
    assert ", licence " in said
    assert "(6 months later)" in said
    assert "Of clients who started in 2024Q1 to 2024Q4." in said
    assert "All this uses 20% of the yearly budget of each client." in said
    assert "no single centre's numbers" in said
    assert "may be spread over rounds" in said
    assert "Changed since" not in said
    assert said.endswith("Approved. This centre takes part from the next round on.\n")
    assert approved(folder) == (1, NOW)


def test_without_an_answer_nothing_is_approved(folder: Path) -> None:
    result = run(folder, "approve")
    assert result.exit_code == 3
    assert "Not approved. Nothing was changed; nothing is sent." in result.stdout
    assert approved(folder) == (0, None)


@pytest.mark.parametrize(("answer", "code", "held"), [(True, 0, (1, NOW)), (False, 3, (0, None))])
def test_the_owner_is_asked_and_decides(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, code: int,
    held: tuple[int, int | None],
) -> None:  # fmt: skip
    questions = []

    def confirm(question: str, *, default: bool) -> bool:
        questions.append((question, default))
        return answer

    monkeypatch.setattr("node.commands.enrolment.sys", type("Sys", (), {"stdin": Terminal()}))
    monkeypatch.setattr("node.commands.enrolment.typer.confirm", confirm)
    assert run(folder, "approve").exit_code == code
    assert questions == [("Do you agree?", False)]
    assert approved(folder) == held


class Terminal:
    """Somebody sits at it."""

    def isatty(self) -> bool:
        return True


def test_in_json_a_refusal_is_said_too(folder: Path) -> None:
    result = run(folder, "approve", "--json")
    facts = json.loads(result.stdout)
    assert (result.exit_code, facts["approved"]) == (3, False)


def test_in_json_the_facts_of_the_programme_are_given(folder: Path) -> None:
    facts = json.loads(run(folder, "approve", "--yes", "--json").stdout)
    assert facts["asks"] == [OTHER, ASK] or facts["asks"] == [ASK, OTHER]
    assert (facts["approved"], facts["version"], facts["epoch"], facts["centres"]) == (
        True, 1, 1, 7,
    )  # fmt: skip
    assert 50 < facts["odds"] < 100


def test_approving_again_asks_nothing_and_notes_nothing(folder: Path) -> None:
    run(folder, "approve", "--yes")
    again = run(folder, "approve")
    assert again.exit_code == 0
    assert "You agreed to this version before." in again.stdout
    with NodeStore.open(folder).begin() as connection:
        notes = connection.exec_driver_sql("SELECT count(*) FROM audit WHERE event = 'approved'")
        assert notes.scalar() == 1
        audit_log.check(connection)


def test_another_roster_is_asked_about_though_the_programme_is_the_same(
    folder: Path, opened: Small, home: Home
) -> None:
    run(folder, "approve", "--yes")
    before = opened.region.roster
    after = before.model_copy(
        update={"epoch": 2, "previous": before.digest(), "centres": before.centres[:-1]}
    )
    publish(opened, home, opened.region.programme, after)
    assert run(folder, "approve").exit_code == 3
    with NodeStore.open(folder).begin() as connection:
        agreed = signed_documents.last_approved(connection, "roster")
        assert agreed is not None
        assert agreed.version == 1
    assert run(folder, "approve", "--yes").exit_code == 0
    assert run(folder, "approve").exit_code == 0


def newer(**changes: Any) -> Programme:
    """Version 2: one ask less, another price, a new ask, a larger budget."""
    made = small_programme(version=2)
    kept = next(ask for ask in made.asks if ask.key == ASK)
    asks = (
        kept.model_copy(update={"price": 30_000}),
        Ask(statistic="durable_match", horizon="12m", price=17_000),  # type: ignore[arg-type]
    )
    return made.model_copy(update={"asks": asks, "budget": 200_000, **changes})


def test_a_new_version_shows_what_changed_before_it_is_approved(
    folder: Path, opened: Small, home: Home
) -> None:
    run(folder, "approve", "--yes")
    publish(opened, home, newer())
    result = run(folder, "approve")
    lines = result.stdout.splitlines()
    start = lines.index("Changed since version 1:")
    assert lines[start + 1 :][:5] == [
        "  version: from 1 to 2",
        "  yearly budget: from 185055 to 200000",
        f"  {ASK}: price from 20000 to 30000",
        "  new: durable_match@12m, price 17000, noise skellam",
        f"  no longer asked: {OTHER}",
    ]
    assert result.exit_code == 3
    assert approved(folder) == (1, NOW)
    assert run(folder, "approve", "--yes").exit_code == 0
    assert approved(folder) == (2, NOW)


def reworded(programme: Programme) -> Programme:
    """Another delta, population, wording of an item, date and bound: nothing that costs more."""
    plain = programme.model_dump(mode="json")
    plain["version"], plain["delta_exponent"], plain["valid_until"] = 2, 4, NOW + 5_000_000
    asked = next(s for s in plain["statistics"] if s["id"] == "trajectories")
    asked["population"] = "ended"
    plain["questionnaires"][0]["items"][0]["text"]["nl"] = "Ik ben ziek."
    plain["questionnaires"][0]["licence"] = "geheim"
    return Programme.model_validate_json(json.dumps(plain))


def test_what_costs_nothing_is_shown_as_well_before_it_is_approved(
    folder: Path, opened: Small, home: Home
) -> None:
    run(folder, "approve", "--yes")
    publish(opened, home, reworded(opened.region.programme))
    said = run(folder, "approve").stdout
    assert "  delta: from 10^-6 to 10^-4" in said
    assert '  trajectories: of which people, from "all" to "ended"' in said
    assert "to “Ik ben ziek.”" in said
    assert "  valid until: from " in said
    assert 'questionnaires[werkgeluk-1].licence: from "' in said
    assert 'to "geheim"' in said
    facts = json.loads(run(folder, "approve", "--json").stdout)
    assert {"path": "delta_exponent", "old": 6, "new": 4} in facts["changes"]


def test_a_version_that_came_with_a_round_and_was_not_read_is_compared_all_the_same(
    folder: Path, opened: Small, home: Home
) -> None:
    run(folder, "approve", "--yes")
    publish(opened, home, newer())
    with NodeStore.open(folder).begin() as connection:
        take_programme(connection, home.programme_paper)
    said = run(folder, "approve").stdout
    assert "Changed since version 1:" in said
    assert "  yearly budget: from 185055 to 200000" in said


def test_a_firm_that_is_spread_over_names_on_the_next_roster_is_shown(
    folder: Path, opened: Small, home: Home
) -> None:
    run(folder, "approve", "--yes")
    held = opened.region.roster
    centres = (
        held.centres[0].model_copy(update={"organisation": "Heel anders"}),
        *held.centres[1:-1],
        held.centres[-1].model_copy(update={"organisation": held.centres[-2].organisation + "."}),
    )
    changes = {"epoch": 2, "previous": held.digest(), "centres": centres}
    publish(opened, home, roster=held.model_copy(update=changes))
    said = run(folder, "approve").stdout
    assert "Changed since roster 1:" in said
    assert "organisation from “" in said
    assert "to “Heel anders”" in said
    assert "organisations: from 7 to 6; the largest runs 1, and now 2" in said
    assert "look alike." in said
    run(folder, "approve", "--yes")
    assert "Changed since" not in run(folder, "approve").stdout


def test_both_papers_can_be_read_whole(folder: Path) -> None:
    said = run(folder, "approve", "--whole").stdout
    assert "  noise_variance: " in said
    assert "  statistics[trajectories]: new, {" in said
    assert "  new centre 1: " in said


def test_an_expired_programme_cannot_be_approved(folder: Path, opened: Small, home: Home) -> None:
    publish(opened, home, newer(valid_until=NOW))
    result = run(folder, "approve", "--yes")
    assert result.exit_code == 3
    assert "The programme has expired. Nothing was approved." in result.stderr
    assert approved(folder) == (0, None)


def test_a_paper_of_another_authority_is_not_approved(
    folder: Path, opened: Small, home: Home
) -> None:
    home.programme_paper = Signed.seal(opened.region.programme, opened.region.coordinator.private)
    result = run(folder, "approve", "--yes")
    assert result.exit_code == 3
    assert "not signed by the authority of your invitation" in result.stderr
    assert approved(folder) == (0, None)


def test_an_older_programme_than_the_one_held_is_not_approved(
    folder: Path, opened: Small, home: Home
) -> None:
    publish(opened, home, newer())
    run(folder, "approve", "--yes")
    publish(opened, home)
    result = run(folder, "approve", "--yes")
    assert result.exit_code == 3
    assert "older than the one this centre holds" in result.stderr
    assert approved(folder) == (2, NOW)


def test_a_centre_that_is_not_on_the_roster_waits(folder: Path, opened: Small, home: Home) -> None:
    others = opened.region.roster.model_copy(update={"centres": opened.region.roster.centres[1:]})
    publish(opened, home, roster=others)
    result = run(folder, "approve", "--yes")
    assert result.exit_code == 4
    assert "not put this centre on the roster yet" in result.stderr


def test_before_joining_there_is_nothing_to_approve(tmp_path: Path, home: Home) -> None:
    NodeStore.create(tmp_path / "new")
    result = run(tmp_path / "new", "approve", "--yes")
    assert result.exit_code == 4
    assert "First: join INVITATION" in result.stderr
    assert home.requests == ()


def test_approval_is_asked_in_dutch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEGWIJS_LANG")
    said = run(folder, "approve", "--yes").stdout
    assert "Trajecten" in said
    assert "Programme" not in said
    assert "Approved" not in said
