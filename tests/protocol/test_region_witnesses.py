"""A round before witnesses, through the real engine, stores and nodes; and what a node refuses."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from region import DAY, FakeClock, Region, make_region, sample_records, tape
from typer.testing import CliRunner

from chassis.store import settings
from coordinator.rounds.refusal import TooFew
from coordinator.rounds.transcripts import export
from deploy.cli import app
from node.admission.committee_demands import demand, demanded
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.store import NodeStore, budget, rounds
from node.store.summary import summary
from privacy.secure_sum.parameters import Policy
from privacy.transcript import audit
from privacy.verify import verify_release
from schemas.message import Frame, Kind

CENTRES, WITNESSES = range(1, 9), range(101, 108)


@pytest.fixture
def region(tmp_path: Path) -> Region:
    """Eight centres; seven witnesses, of whom six certify and four open."""
    people = {n: sample_records(n, 5) for n in CENTRES}
    return make_region(tmp_path, people, witnesses=7)


def opened(region: Region, *, away: tuple[int, ...] = ()) -> int:
    """A round to which the centres that are here have contributed."""
    for node in away:
        region.carrier.kill(node)
    number = region.announce()
    region.ticks(4)
    if away:
        region.clock.now += 1_900  # past half of the time for prekeys
        region.ticks(3)
    region.ask("open", number)
    region.ticks(2)
    return number


def test_a_round_before_witnesses_is_published_and_anyone_can_check_it(region: Region) -> None:
    number = opened(region)
    facts = region.status(number)
    assert (facts["prekeys"], facts["active"], facts["contributions"]) == (15, 8, 8)
    region.ask("close", number)
    region.ticks(6)
    facts = region.status(number)
    assert (facts["state"], facts["faults"], facts["refused_by"]) == ("PUBLISHED", [], {})
    assert 6 <= facts["signatures"] <= 7
    signed = region.signed_release()
    found = verify_release(signed, region.authority.public_hex)
    assert (found.centres, found.on_roster, found.signatures) == (8, 8, facts["signatures"])
    file = region.folder / "release.json"
    file.write_bytes(signed.canonical())
    said = CliRunner().invoke(
        app, ["verify", str(file), "--authority", region.authority.public_hex]
    )
    assert f"certified by {facts['signatures']} of 7 witnesses, and" in said.stdout
    seen = summary(region.nodes[101].folder)
    assert (seen.records, seen.committee) == (0, {"ANSWERED": 1})
    with region.store.begin() as connection:
        transcript = io.BytesIO(b"".join(export(connection, number)))
    total = audit(transcript.read, region.authority.public_hex).total
    assert base64.b64encode(total.astype("<i8").tobytes()).decode() == region.release().sum
    signers = {s.member for s in region.release().certificate.signatures}
    assert signers <= set(WITNESSES)


def test_centres_sleep_after_they_spoke_and_the_sum_is_opened_without_them(region: Region) -> None:
    number = opened(region)
    for node in CENTRES:
        region.carrier.kill(node)
    region.ask("close", number)
    region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"
    assert region.release().in_sum == tuple(CENTRES)
    total = np.frombuffer(base64.b64decode(region.release().sum), dtype="<i8")
    assert total.any()


def test_one_centre_and_one_witness_away_cost_their_places_and_no_more(region: Region) -> None:
    number = opened(region, away=(3, 104))
    region.ask("close", number)
    region.ticks(6)
    facts = region.status(number)
    assert (facts["state"], facts["signatures"]) == ("PUBLISHED", 6)
    assert region.release().in_sum == (1, 2, 4, 5, 6, 7, 8)


def test_too_few_witnesses_open_no_round_and_cost_nobody_anything(region: Region) -> None:
    with pytest.raises(TooFew, match="witnesses"):
        opened(region, away=(101, 107))
    for node in CENTRES:
        with region.nodes[node].begin() as connection:
            assert not budget.ledger(connection, region.programme.budget).charges


def test_witnesses_that_slept_while_the_set_was_signed_open_it_when_the_signers_fall_silent(
    region: Region,
) -> None:
    """Six of seven have signed; three of these never answer again, and the seventh wakes up."""
    number = opened(region)
    region.carrier.kill(107)
    region.ask("close", number)
    region.ticks(2)
    assert region.status(number)["signatures"] == 6
    for node in (101, 102, 103):
        region.carrier.kill(node)
    region.ticks(3)
    assert region.status(number)["state"] == "CERTIFIED"
    region.carrier.revive(107)
    region.ticks(4)
    assert region.status(number)["state"] == "PUBLISHED"
    assert region.release().in_sum == tuple(CENTRES)


def test_witnesses_give_a_round_up_and_every_centre_gets_its_budget_back(region: Region) -> None:
    number = opened(region)
    region.ask("abandon", number)
    region.ticks(6)
    assert region.status(number)["state"] == "ABANDONED"
    for node in CENTRES:
        with region.nodes[node].begin() as connection:
            assert not budget.ledger(connection, region.programme.budget).charges
            assert rounds.last_burnt(connection) == number
    for node in WITNESSES:
        with region.nodes[node].begin() as connection:
            own = rounds.own_prekey(connection, number)
            assert own is not None
            assert own.secret is None


def test_witnesses_serve_round_after_round_with_links_that_step_on(region: Region) -> None:
    first = opened(region)
    region.ask("abandon", first)
    region.ticks(6)
    second = opened(region)
    region.ask("close", second)
    region.ticks(6)
    assert region.status(second)["state"] == "PUBLISHED"
    assert region.release().in_sum == tuple(CENTRES)
    with region.nodes[101].begin() as connection:
        assert {
            peer: link.round for peer, link in rounds.links(connection).items()
        } == dict.fromkeys(CENTRES, second + 1)


def test_witnesses_hold_no_links_with_each_other_and_no_records_or_charges(region: Region) -> None:
    opened(region)
    for node in WITNESSES:
        with region.nodes[node].begin() as connection:
            assert set(rounds.links(connection)) == set(CENTRES)
            assert not budget.ledger(connection, region.programme.budget).charges
            assert all(found.message is None for found in rounds.all_rounds(connection))
    with region.nodes[1].begin() as connection:
        assert set(rounds.links(connection)) == {*CENTRES, *WITNESSES} - {1}


def test_a_coordinator_killed_between_signatures_goes_on_where_it_was(region: Region) -> None:
    number = opened(region)
    region.ask("close", number)
    for _ in range(8):
        region.restart_coordinator()
        region.engine.tick()
    assert region.status(number)["state"] == "PUBLISHED"


@pytest.mark.parametrize(("committee", "least"), [("centres", None), (None, 8)])
def test_a_centre_whose_policy_refuses_the_witnesses_sends_no_prekey(
    region: Region, committee: str | None, least: int | None
) -> None:
    with region.nodes[2].begin() as connection:
        demand(connection, committee, least)  # type: ignore[arg-type]
        assert demanded(connection, Policy()) != Policy()
    number = region.announce()
    region.ticks(3)
    region.clock.now += 1_900
    region.ticks(3)
    assert region.status(number)["refused_by"] == {2: "below-policy"}
    region.ask("open", number)
    region.ticks(2)
    assert region.status(number)["active"] == 7


def test_a_centre_that_takes_witnesses_only_refuses_a_committee_of_centres(tmp_path: Path) -> None:
    region = make_region(tmp_path, {n: sample_records(n, 3) for n in CENTRES})
    with region.nodes[2].begin() as connection:
        demand(connection, "witnesses")
    number = region.announce()
    region.ticks(3)
    assert region.status(number)["refused_by"] == {2: "below-policy"}


def test_a_centre_that_changed_its_mind_after_its_prekey_does_not_contribute(
    region: Region,
) -> None:
    number = region.announce()
    region.ticks(3)
    with region.nodes[2].begin() as connection:
        demand(connection, "centres")
    region.ask("open", number)
    region.ticks(2)
    facts = region.status(number)
    assert facts["refused_by"] == {2: "below-policy"}
    assert facts["contributions"] == 7


def test_a_witness_contributes_nothing_whoever_asks(region: Region) -> None:
    number = region.announce()
    region.ticks(3)
    asked: list[bytes] = []
    handlers = dict(region.carrier._handlers)
    plain = handlers[1]

    def heard(raw: bytes) -> bytes:
        asked.append(raw)
        return plain(raw)

    region.carrier._handlers = {**handlers, 1: heard}
    region.ask("open", number)
    region.ticks(2)
    request = next(raw for raw in asked if raw[4] == Kind.CONTRIBUTE)
    answer = Frame.from_bytes(handlers[101](request))
    assert (answer.kind, answer.parts) == (Kind.REFUSED, (b"not-active",))


def test_a_witness_is_ready_without_records_and_answers_after_a_restart(region: Region) -> None:
    number = opened(region)
    region.ask("close", number)
    region.ticks(1)
    again = dict(region.carrier._handlers)
    for node in WITNESSES:
        store = NodeStore.open(region.nodes[node].folder)
        clock, noise = FakeClock(region.clock.now), tape(str(node))
        around = Context(clock, noise, fetch=region.documents.fetch)
        participant = Participant(store, around)
        assert participant.ready()
        again[node] = participant.answer
    region.carrier._handlers = again
    region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"
    with region.nodes[101].begin() as connection:
        assert settings.get(connection, "node") == b"101"
    assert region.clock.now < region.roster.valid_until - DAY
