"""An authority that signs anything, with the coordinator: what a centre's owner did not read counts
as colluding, and a node speaks in no round where more may collude than it allows."""

from pathlib import Path

import pytest
from lives import SECOND, Lives, make_lives, two_years
from region import NOW, make_region, sample_records

from coordinator.rounds.refusal import TooFew
from node.store import budget, papers, rounds
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
        papers.keep(connection, papers.Paper("roster", roster.epoch, roster.digest(), signed, NOW))


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


def test_as_many_new_centres_as_may_collude_need_no_reading(lives: Lives) -> None:
    lives.sign(joining=[8])
    number = lives.published()
    assert prekeys(lives, number) == set(range(1, 9))


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
    from coordinator.store import centres

    roster = lives.rosters[-1]
    signed = Signed.seal(roster, lives.region.authority.private)
    with lives.region.store.begin() as connection:
        centres.keep_paper(connection, "roster", roster.epoch, roster.digest(), signed)
