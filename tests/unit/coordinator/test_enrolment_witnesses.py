"""Witnesses: invited, enrolled, put on the roster, and never in two roles."""

import json
from pathlib import Path

import pytest
from region_home import FakeClock, Region, request_of
from test_authority_commands import FIFTEEN, authority, candidate, digest, sign
from test_enrolment_commands import run

from chassis.errors import WrongInput
from coordinator.authority.signing import ReusedId, review_roster, sign_roster
from coordinator.authority.signing_history import SigningHistory
from coordinator.enrolment import approval
from coordinator.enrolment.approval import WrongDocument
from schemas.enrolment import Invitation, RosterCandidate
from schemas.roster import Roster, Witness
from schemas.signed import Signed

__all__ = ["authority"]

NOW = 1_760_000_000
HOUSES = ("Ombudsdienst", "Universiteit A", "Vakbond B", "Sociaal fonds", "Huis 5", "Huis 6",
          "Huis 7")  # fmt: skip


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path / "region", FakeClock(NOW))


def enrolled(region: Region, houses: tuple[str, ...]) -> list[Invitation]:
    """One centre and these witnesses, all approved; the seed of each is 1 + its place."""
    invited = [region.invite(), *(region.invite_witness(house) for house in houses)]
    region.enrol(*(request_of(one, seed) for seed, one in enumerate(invited, 1)))
    region.approve()
    return invited


def test_an_invitation_says_whether_it_is_for_a_witness(region: Region) -> None:
    assert region.invite().role == "centre"
    invitation = region.invite_witness("Ombudsdienst")
    assert Invitation.from_text(invitation.to_text()).role == "witness"
    assert invitation.centre == 2  # one row of ids


def test_seven_witnesses_come_on_the_roster_apart_from_the_centres(region: Region) -> None:
    invited = enrolled(region, HOUSES)
    with region.store.begin() as connection:
        approval.name_operator(connection, "Departement X")
    roster = region.sign_roster()
    region.install(roster)
    body = roster.peek(Roster)
    assert (body.ids, body.witness_ids, body.operator) == (
        (1,), (2, 3, 4, 5, 6, 7, 8), "Departement X",
    )  # fmt: skip
    for one in invited:
        status = region.client.get(
            f"/api/v1/enrol/{one.centre}", headers={"Authorization": f"Bearer {one.token}"}
        )
        assert status.json()["state"] == "on_roster", status.text


@pytest.mark.parametrize(
    ("houses", "operator", "words"),
    [
        (HOUSES, None, "says who runs the coordinator"),
        (HOUSES, "ombudsdienst.", "witness 2 is of an organisation that runs a centre or the"),
        ((*HOUSES[:6], "ORG Centrum  A"), "X", "witness 8 is of an organisation"),
        ((*HOUSES[:6], "vakbond-b"), "X", "witness 8 is of an organisation"),
    ],
)
def test_no_candidate_is_made_with_a_witness_that_has_another_part(
    region: Region, houses: tuple[str, ...], operator: str | None, words: str
) -> None:
    enrolled(region, houses)
    with region.store.begin() as connection:
        if operator:
            approval.name_operator(connection, operator)
        with pytest.raises(WrongInput) as refusal:
            approval.candidate(connection, NOW)
    assert words in refusal.value.values["why"]


def test_a_roster_that_makes_a_centre_a_witness_is_not_installed(region: Region) -> None:
    enrolled(region, HOUSES)
    with region.store.begin() as connection:
        approval.name_operator(connection, "X")
    body = region.sign_roster().peek(Roster)
    centre = body.centres[0]
    turned = {
        "centres": (centre.model_copy(update={"id": 8, "key": body.witnesses[-1].key}),),
        "witnesses": (
            Witness(id=1, name="c", key=centre.key, organisation="c"), *body.witnesses[:-1],
        ),
    }  # fmt: skip
    forged = Signed.seal(body.model_copy(update=turned), region.authority.private)
    with pytest.raises(WrongDocument, match="not approved"):
        region.install(forged)


# -- the authority


def witnesses(*, first: int = 101) -> tuple[Witness, ...]:
    return tuple(
        Witness(id=k, name=f"Getuige {k}", key=f"{k:064x}", organisation=f"Getuigenhuis {k}")
        for k in range(first, first + 7)
    )


def test_the_authority_reads_whom_one_trusts_by_name_before_it_signs(authority: Path) -> None:
    """Seven witnesses: f = 3, so any four with the coordinator."""
    document = candidate(authority.parent, FIFTEEN, witnesses=witnesses(), operator="Departement X")
    said = sign(authority, document, "--digest", digest(document))
    assert said.code == 0, said.err
    for one in witnesses():
        assert f"  new witness {one.id}: {one.name}, organisation {one.organisation}" in said.out
        assert f"{one.name} ({one.organisation})" in said.out
    assert "the coordinator (Departement X) and any 4 of these 7 witnesses together" in said.out
    assert len(Signed.from_canonical((authority.parent / "signed.json").read_bytes())
               .peek(Roster).sitting) == 7  # fmt: skip


def test_with_centres_on_the_committee_the_authority_reads_how_many_open(authority: Path) -> None:
    """Fifteen centres: f = 4, so any five; and three witnesses do not sit yet."""
    document = candidate(authority.parent, FIFTEEN, witnesses=witnesses()[:3], operator="X")
    said = sign(authority, document)
    assert "the coordinator and any 5 of the 15 centres on the committee together" in said.out
    assert "There are 3 witnesses on the roster; from 7 on they are the committee." in said.out


def test_an_id_of_a_witness_never_becomes_a_centres(tmp_path: Path) -> None:
    memory = SigningHistory.create(tmp_path / "authority", lambda size: b"\x07" * size)
    key = memory.key(None)
    first = RosterCandidate.model_validate_json(
        candidate(tmp_path, FIFTEEN, witnesses=witnesses(), operator="X").read_bytes()
    )
    signed = sign_roster(memory, key, first, lambda size: b"\x33" * size).roster
    taken = [*FIFTEEN, FIFTEEN[0].model_copy(update={"id": 101, "key": "ee" * 32})]
    second = RosterCandidate.model_validate_json(
        candidate(tmp_path, taken, epoch=2, previous=signed.digest()).read_bytes()
    )
    with pytest.raises(ReusedId):
        review_roster(memory, key, second)


def test_a_witness_is_invited_by_a_command(tmp_path: Path, region: Region) -> None:
    words = ("--name", "Getuige", "--organisation", "Ombudsdienst", "--json")
    said = run("invite-witness", "--dir", region.folder, *words)
    assert said.code == 0, said.err
    facts = json.loads(said.out)
    assert Invitation.from_text(facts["invitation"]).role == "witness"
    plain = run("invite-witness", "--dir", region.folder, *words[:-1])
    assert "is invited as witness 2" in plain.out
    assert "From seven witnesses on" in plain.out
