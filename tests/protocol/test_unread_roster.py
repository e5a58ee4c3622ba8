"""An authority that signs anything, with the coordinator: what a centre's owner did not read counts
as colluding, and a node speaks in no round where more may collude than it allows."""

import json
from pathlib import Path

import pytest
from lives import SECOND, Lives, make_lives, two_years
from region import NOW, make_region, sample_records
from typer.testing import CliRunner

from chassis.store import settings
from coordinator.rounds.refusal import TooFew
from coordinator.store import centres
from node.cli import app
from node.store import budget, rounds, signed_documents
from privacy.secure_sum.keys import Identity
from schemas.roster import Centre, Roster, Witness
from schemas.signed import Signed


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    """Seven centres whose owners read the first roster and agreed."""
    made = make_lives(tmp_path)
    for node in made.region.nodes:
        agree(made, node)
    return made


def agree(lives: Lives, node: int) -> None:
    """The owner reads the newest roster and agrees, as `approve` stores it."""
    roster = lives.rosters[-1]
    signed = Signed.seal(roster, lives.region.authority.private)
    with lives.region.nodes[node].begin() as connection:
        signed_documents.keep(
            connection,
            signed_documents.SignedDocument("roster", roster.epoch, roster.digest(), signed, NOW),
        )


def prekeys(lives: Lives, number: int) -> set[int]:
    """Who got ready for a round."""
    found = set()
    for node, store in lives.region.nodes.items():
        with store.begin() as connection:
            if rounds.own_prekey(connection, number) is not None:
                found.add(node)
    return found


def charged(lives: Lives, node: int) -> bool:
    with lives.region.nodes[node].begin() as connection:
        return bool(budget.ledger(connection, lives.region.programme.budget).charges)


def said(lives: Lives, node: int) -> tuple[str, dict[str, object] | None]:
    """What `status` says to the owner, and its facts about a roster that was not read."""
    store = lives.region.nodes[node]
    with store.begin() as connection:
        settings.put(connection, "url", b"https://region.example:8443")
    told, facts = (
        CliRunner().invoke(
            app, ["status", *words, "--dir", str(store.folder)], env={"WEGWIJS_LANG": "en"}
        )
        for words in ((), ("--json",))
    )
    assert told.exit_code == facts.exit_code == 0, told.output
    return told.stdout, json.loads(facts.stdout)["unread_roster"]


def test_as_many_new_centres_as_may_collude_need_no_reading(lives: Lives) -> None:
    lives.sign(joining=[8])
    number = lives.published()
    assert prekeys(lives, number) == set(range(1, 9))


def test_status_says_that_a_newer_roster_came_while_rounds_go_on(lives: Lives) -> None:
    assert said(lives, 1)[1] is None
    lives.sign(joining=[8])
    lives.announced()
    told, unread = said(lives, 1)
    assert unread == {"epoch": 2, "why": None}
    assert "A newer roster (epoch 2) came since you agreed; rounds go on meanwhile." in told
    assert "To read what changed: approve." in told
    assert "Takes part at https://region.example:8443." in told
    agree(lives, 1)
    assert said(lives, 1)[1] is None
    assert "newer roster" not in said(lives, 1)[0]


def test_status_says_why_no_round_is_answered_before_the_roster_is_read_and_what_to_do(
    lives: Lives,
) -> None:
    lives.sign(joining=[8, 9, 10])
    number = lives.announced()
    assert lives.region.status(number)["refused_by"][1] == "unread-roster"
    told, unread = said(lives, 1)
    assert unread is not None
    assert unread["epoch"] == 2
    assert "No new round is answered, and nothing is spent, before you have read" in told
    assert "more centres are new to you than may collude. Next: approve." in told
    assert "Takes part" not in told
    agree(lives, 1)
    assert "Takes part" in said(lives, 1)[0]


def test_a_centre_among_made_up_ones_sends_nothing_and_pays_nothing(lives: Lives) -> None:
    """Centre 1 stays; the authority puts ten of its own in the place of the six others."""
    lives.sign(without=range(2, 8), joining=range(11, 21))
    number = lives.announced()
    assert 1 not in prekeys(lives, number)
    assert lives.region.status(number)["refused_by"] == {1: "unread-roster"}
    with pytest.raises(TooFew):
        lives.region.ask("open", number)
    assert not charged(lives, 1)


def test_made_up_centres_a_few_at_a_time_are_counted_from_what_the_owner_read(
    lives: Lives,
) -> None:
    lives.sign(joining=[8])
    lives.published()
    lives.sign(joining=[9])
    lives.region.clock.now += 60
    number = lives.announced((SECOND,))
    assert set(lives.region.status(number)["refused_by"].values()) == {"unread-roster"}
    assert not prekeys(lives, number) & set(range(1, 8))


def test_a_firm_that_is_spread_over_names_unread_counts_as_new(lives: Lives) -> None:
    """Else its centres would be counted one by one among those who may collude."""
    before = lives.rosters[-1]
    renamed = tuple(
        one.model_copy(update={"organisation": f"house {one.id}"}) if one.id < 4 else one
        for one in before.centres
    )
    lives.rosters.append(next_roster(before, (), renamed))
    _publish(lives)
    assert prekeys(lives, lives.announced()) == set()


def test_who_reads_the_new_roster_takes_part(lives: Lives) -> None:
    lives.sign(joining=[8, 9, 10])
    for node in range(1, 8):
        agree(lives, node)
    lives.published()
    assert all(charged(lives, node) for node in range(1, 11))


def test_status_says_that_a_newer_programme_came_with_a_round_and_is_not_agreed_to(
    lives: Lives,
) -> None:
    newer = lives.region.programme.model_copy(update={"version": 2})
    signed = Signed.seal(newer, lives.region.authority.private)
    with lives.region.store.begin() as connection:
        centres.keep_paper(connection, "programme", 2, newer.digest(), signed)
    assert "Takes part" in said(lives, 1)[0]
    number = lives.announced()
    assert lives.region.status(number)["refused_by"][1] == "not-approved"
    told = said(lives, 1)[0]
    assert "It takes part in nothing before you agree to the newest programme." in told
    assert "Takes part" not in told


def test_no_witness_sits_whom_the_owner_did_not_read_of(tmp_path: Path) -> None:
    people = {n: sample_records(n, 4) for n in range(1, 8)}
    region = make_region(tmp_path, people, programme=two_years(), witnesses=7)
    lives = Lives(region, [region.roster])
    for node in region.nodes:
        agree(lives, node)
    other = Witness(
        id=200, name="Witness 200", key=Identity.new(lambda n: b"\7" * n).public_hex,
        organisation="house 200",
    )  # fmt: skip
    sitting = (*region.roster.witnesses[:6], other)
    lives.rosters.append(next_roster(region.roster, sitting))
    _publish(lives)
    number = region.announce()
    region.ticks(4)
    assert prekeys(lives, number) == set()
    assert "a witness sits of whom you did not read. Next: approve." in said(lives, 1)[0]
    with pytest.raises(TooFew):
        region.ask("open", number)


def test_witnesses_do_not_take_the_place_of_centres_unread(lives: Lives) -> None:
    witnesses = tuple(
        Witness(
            id=200 + k, name=f"Witness {k}", organisation=f"house {k}",
            key=Identity.new(lambda n, k=k: bytes([k + 1]) * n).public_hex,
        )
        for k in range(7)
    )  # fmt: skip
    lives.rosters.append(next_roster(lives.rosters[-1], witnesses))
    _publish(lives)
    assert prekeys(lives, lives.announced()) == set()
    assert "others certify and open the sums than those you agreed to" in said(lives, 1)[0]


def next_roster(
    before: Roster, witnesses: tuple[Witness, ...], centres: tuple[Centre, ...] | None = None
) -> Roster:
    return Roster(
        **{
            **dict(before), "epoch": before.epoch + 1, "previous": before.digest(),
            "operator": "region", "witnesses": witnesses, "centres": centres or before.centres,
        }
    )  # fmt: skip


def _publish(lives: Lives) -> None:
    roster = lives.rosters[-1]
    signed = Signed.seal(roster, lives.region.authority.private)
    with lives.region.store.begin() as connection:
        centres.keep_paper(connection, "roster", roster.epoch, roster.digest(), signed)
