"""Witnesses over more than one round: stuck, given up late, restored, and one that leaves."""

from pathlib import Path

import pytest
from lives import SECOND, Lives, make_lives
from region import DAY

from coordinator.store import centres
from coordinator.store import rounds as coordinator_rounds
from node.rounds.answer import Participant
from node.rounds.context import Context
from node.store import rounds
from schemas.message import Frame, Kind
from schemas.roster import Roster
from schemas.signed import Signed

CENTRES, WITNESSES = range(1, 8), range(101, 109)
"""Of eight witnesses three may lie, four open and six certify."""


@pytest.fixture
def lives(tmp_path: Path) -> Lives:
    """Seven centres before eight witnesses."""
    return make_lives(tmp_path, witnesses=8)


def end(lives: Lives, number: int) -> str:
    lives.region.ask("close", number)
    lives.region.ticks(6)
    return str(lives.region.status(number)["state"])


def asked(lives: Lives, node: int) -> list[Kind]:
    """What this one was asked, in order."""
    return [Frame.from_bytes(body).kind for to, body, _ in lives.carrier.heard if to == node]


def test_a_set_that_too_few_witnesses_sign_is_stuck_and_what_it_cost_stays_spent(
    lives: Lives,
) -> None:
    number = lives.opened()
    for node in (106, 107, 108):
        lives.carrier.kill(node)
    assert end(lives, number) == "CLOSING"
    lives.region.clock.now += 30 * DAY + 1
    lives.region.ticks(1)
    assert lives.region.status(number)["state"] == "STUCK"
    for node in CENTRES:
        assert set(lives.charges(node).values())
    for node in (101, 105):
        store = lives.region.nodes[node]
        Participant(store, Context(lives.region.clock, bytes)).tidy()
        with store.begin() as connection:
            assert rounds.all_rounds(connection)[-1].channel is None
            own = rounds.own_prekey(connection, number)
            assert own is not None
            assert own.secret is None


def test_witnesses_that_come_back_after_a_month_give_up_a_round_that_was_never_closed(
    lives: Lives,
) -> None:
    number = lives.opened()
    for node in WITNESSES:
        lives.carrier.kill(node)
    lives.region.ask("abandon", number)
    lives.region.ticks(2)
    lives.region.clock.now += 30 * DAY + 1
    lives.region.ticks(1)
    assert lives.region.status(number)["state"] == "STUCK"
    for node in list(WITNESSES)[:6]:
        lives.carrier.revive(node)
    lives.region.ticks(6)
    assert lives.region.status(number)["state"] == "ABANDONED"
    for node in CENTRES:
        assert lives.charges(node) == {}


def test_a_witness_restored_in_a_round_signs_nothing_of_it_and_certifies_the_next(
    lives: Lives,
) -> None:
    backup = lives.backup(103, "witness")
    first = lives.opened()
    lives.install(103, lives.restored(backup, "again"))
    assert end(lives, first) == "PUBLISHED"
    with lives.region.store.begin() as connection:
        signed = coordinator_rounds.who_answered(connection, first, "set_signature")
    assert signed == (101, 102, 104, 105, 106, 107, 108)
    assert lives.region.status(first)["refused_by"] == {103: "not-active"}
    before = lives.card(104).generation
    second = lives.published((SECOND,))
    with lives.region.store.begin() as connection:
        assert 103 in coordinator_rounds.who_answered(connection, second, "set_signature")
    assert lives.card(103).generation > before


def test_a_restored_witness_states_nothing_about_a_round_that_it_may_have_signed(
    lives: Lives,
) -> None:
    backup = lives.backup(103, "witness")
    number = lives.opened()
    lives.install(103, lives.restored(backup, "again"))
    lives.region.ask("abandon", number)
    lives.region.ticks(6)
    assert lives.region.status(number)["state"] == "ABANDONED"
    with lives.region.store.begin() as connection:
        assert 103 not in coordinator_rounds.who_answered(connection, number, "abandonment")


def test_a_witness_that_left_the_roster_is_asked_nothing_and_the_others_certify(
    lives: Lives,
) -> None:
    lives.published()
    before = lives.rosters[-1]
    roster = Roster(
        **{
            **dict(before), "epoch": 2, "previous": before.digest(), "seed": "02" * 32,
            "witnesses": before.witnesses[1:],
        }
    )  # fmt: skip
    signed = Signed.seal(roster, lives.region.authority.private)
    with lives.region.store.begin() as connection:
        centres.keep_paper(connection, "roster", 2, roster.digest(), signed)
    lives.region.clock.now += 60
    lives.carrier.heard.clear()
    lives.published((SECOND,))
    certificate = lives.region.release().certificate
    assert {s.member for s in certificate.signatures} <= set(range(102, 109))
    assert asked(lives, 101) == []
    assert asked(lives, 102).count(Kind.UNMASK) == 1
