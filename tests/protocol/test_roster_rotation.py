"""Centres come and go over three epochs; whoever stays keeps its links and its rounds."""

from pathlib import Path

import pytest
from lives import FIRST, LATER, NEXT_YEAR, SECOND, Lives, identity_of, make_lives

from coordinator.store import rounds as coordinator_rounds
from node.admission.check import standing
from node.admission.pinned_authority import OldDocument, ReusedId, take_roster
from node.admission.refusal import NotEnrolled
from node.store import rounds, signed_documents
from privacy.secure_sum.abandon import check_statement, sign_abandonment
from privacy.secure_sum.certificate import check_certificate
from privacy.secure_sum.parameters import committee_of
from privacy.secure_sum.refusal import BadAbandonment, BadPrekeys, BadSet
from privacy.secure_sum.view import open_prekeys, view
from schemas.message import Frame, Kind, unpack
from schemas.roster import Roster
from schemas.round import Announcement, Prekey
from schemas.signed import Signed

SLEEPER = 4


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    """Epoch 1: centres 1-7. Epoch 2: 7 left, 8 came; 4 sleeps. Epoch 3: 1 left, 9 and 10 came."""
    lives = make_lives(tmp_path_factory.mktemp("lives"))
    lives.published()
    lives.sign(without=[7], joining=[8])
    lives.carrier.kill(SLEEPER)
    lives.region.clock.now += 60
    number = lives.announced((SECOND,))
    lives.region.clock.now += 1900  # half of the window: who is away is not waited for
    lives.region.ticks(1)
    lives.region.ask("open", number)
    lives.region.ticks(2)
    lives.region.ask("close", number)
    lives.region.ticks(6)
    assert lives.region.status(number)["state"] == "PUBLISHED"
    lives.sign(without=[1], joining=[9, 10])
    lives.carrier.revive(SLEEPER)
    lives.region.clock.now = NEXT_YEAR + 10
    lives.published(period=1)
    return lives


def links(lives: Lives, node: int) -> dict[int, rounds.LinkState]:
    with lives.region.nodes[node].begin() as connection:
        return rounds.links(connection)


def held(lives: Lives, node: int) -> list[int]:
    """Epochs of the rosters that a centre holds."""
    with lives.region.nodes[node].begin() as connection:
        return [document.version for document in signed_documents.every(connection, "roster")]


def test_each_round_is_of_the_roster_of_its_epoch(lives: Lives) -> None:
    sums = []
    with lives.region.store.begin() as connection:
        for number, roster in zip((1, 2, 3), lives.rosters, strict=True):
            stored = coordinator_rounds.of(connection, number)
            assert stored is not None
            assert stored.certificate is not None
            checked = check_certificate(stored.certificate, roster)
            sums.append(checked.in_sum)
            members = committee_of(roster, number)
            assert checked.view.committee == members == roster.ids
            assert checked.view.parameters.committee == len(roster.ids)
    assert sums == [(1, 2, 3, 4, 5, 6, 7), (1, 2, 3, 5, 6, 8), (2, 3, 4, 5, 6, 8, 9, 10)]


def test_who_slept_through_an_epoch_is_given_the_rosters_between(lives: Lives) -> None:
    """So the chain it pinned at the start has no gap."""
    assert held(lives, SLEEPER) == held(lives, 2) == [1, 2, 3]
    assert held(lives, 8) == [2, 3]
    assert held(lives, 7) == [1]
    with lives.region.nodes[SLEEPER].begin() as connection:
        chain = [p.signed.peek(Roster) for p in signed_documents.every(connection, "roster")]
    assert [r.previous for r in chain[1:]] == [r.digest() for r in chain[:-1]]


def test_new_members_have_a_link_with_everybody_and_nobody_else_is_re_keyed(lives: Lives) -> None:
    """A pair that stayed has the ratchet of its first link, stepped on once a round."""
    for node in (2, 3, 4, 5, 6, 8, 9, 10):
        assert set(lives.rosters[2].ids) - {node} <= links(lives, node).keys()
    made = []
    for node in (2, 3, 5):
        with lives.region.nodes[node].begin() as connection:
            made += [
                (link["lo"], link["hi"], link["base"])
                for link in (signed_body(s) for s in rounds.made_links(connection))
            ]
    assert {base for lo, hi, base in made if hi <= 7} == {1}
    assert {base for lo, hi, base in made if hi == 8} == {2}
    assert {base for lo, hi, base in made if hi in (9, 10)} == {3}


def signed_body(signed: Signed) -> dict:  # type: ignore[type-arg]
    from schemas.round import Link

    return dict(signed.peek(Link))


def test_a_removed_member_has_no_part_in_a_round_of_the_new_roster(lives: Lives) -> None:
    """Neither a prekey, nor a signature on a set, nor an abandonment of centre 1 counts."""
    with lives.region.store.begin() as connection:
        stored = coordinator_rounds.of(connection, 3)
    assert stored is not None
    assert stored.certificate is not None
    seen = view(stored.certificate.descriptor, stored.certificate.prekeys, lives.rosters[2])
    gone = identity_of(lives.region.nodes[1])
    prekey = Prekey(
        id=1, round=3, announcement=stored.announced.digest(), mask_public="11" * 32,
        channel_public="22" * 32, links=(),
    )  # fmt: skip
    with pytest.raises(BadPrekeys):
        open_prekeys(
            [Signed.seal(prekey, gone.private)], lives.rosters[2], stored.announced.digest(), 3
        )
    with pytest.raises(BadAbandonment):
        sign_abandonment(seen, gone, 1)
    from privacy.secure_sum.certify import sign_set
    from privacy.secure_sum.wire import Mark

    with pytest.raises(BadSet):
        sign_set(seen, gone, 1, [])
    with pytest.raises(BadAbandonment):
        check_statement(seen, Mark(1, seen.rid, gone.sign(b"wegwijs-sum/1 abandon " + seen.rid)))


def test_a_removed_member_that_hears_of_the_new_roster_refuses_by_itself(lives: Lives) -> None:
    announce = next(
        frame
        for to, raw, _ in reversed(lives.carrier.heard)
        if to == 2 and (frame := Frame.from_bytes(raw)).kind is Kind.ANNOUNCE
    )
    parts = [*announce.parts[:5], announce.parts[5][:0] + b"\0\0", *announce.parts[6:]]
    assert lives.ask(1, Kind.ANNOUNCE, *parts) == Frame(Kind.REFUSED, (b"not-enrolled",))
    with lives.region.nodes[1].begin() as connection:
        take_roster(connection, Signed.from_canonical(announce.parts[0]))
        with pytest.raises(NotEnrolled):
            standing(connection)


def test_a_removed_member_still_ends_the_rounds_of_its_own_roster(lives: Lives) -> None:
    """Centre 7 left after round 1; asked to abandon or certify that round it answers as before."""
    asked = [(Frame.from_bytes(raw), answer) for to, raw, answer in lives.carrier.heard if to == 7]
    for kind in (Kind.CERTIFY, Kind.UNMASK):
        frame, answer = next((f, a) for f, a in asked if f.kind is kind)
        assert lives.ask(7, frame.kind, *frame.parts).to_bytes() == answer


def test_an_older_roster_and_a_reused_id_are_refused(lives: Lives) -> None:
    region = lives.region
    old = Signed.seal(lives.rosters[1], region.authority.private)
    taken = region.nodes[9]
    reused = Roster(
        **{
            **dict(lives.rosters[2]), "epoch": 5, "previous": "00" * 32,
            "centres": (
                lives.rosters[0].centre(1).model_copy(update={"key": "ab" * 32}),
                *lives.rosters[2].centres,
            ),
        }
    )  # fmt: skip
    with region.nodes[2].begin() as connection, pytest.raises(OldDocument):
        take_roster(connection, old)
    with region.nodes[2].begin() as connection, pytest.raises(ReusedId):
        take_roster(connection, Signed.seal(reused, region.authority.private))
    forked = Roster(**{**dict(lives.rosters[2]), "epoch": 4, "previous": "00" * 32})
    with taken.begin() as connection, pytest.raises(OldDocument):
        take_roster(connection, Signed.seal(forked, region.authority.private))


def test_a_round_under_the_older_roster_is_given_up_after_the_new_one_came(
    tmp_path: Path,
) -> None:
    """Everybody who paid gets the budget back, the centre that left among them."""
    lives = make_lives(tmp_path)
    number = lives.opened((SECOND,))
    assert lives.charges(7)
    signed = lives.sign(without=[7], joining=[8])
    for node in (1, 2, 3):
        with lives.region.nodes[node].begin() as connection:
            take_roster(connection, signed)
    lives.region.ask("abandon", number)
    lives.region.ticks(6)
    assert lives.region.status(number)["state"] == "ABANDONED"
    assert [lives.charges(node) for node in range(1, 8)] == [{}] * 7
    assert lives.region.status(lives.published((SECOND,)))["active"] == 7


def test_the_coordinator_relays_only_the_rosters_that_were_missed(lives: Lives) -> None:
    sent = {}
    for to, raw, _ in lives.carrier.heard:
        frame = Frame.from_bytes(raw)
        if frame.kind is Kind.ANNOUNCE:
            announced = Signed.from_canonical(frame.parts[2]).peek(Announcement)
            if announced.period == LATER and announced.asks == (FIRST,):
                sent[to] = [Signed.from_canonical(r).peek(Roster).epoch
                            for r in unpack(frame.parts[6])]  # fmt: skip
    assert sent == {2: [], 3: [], 4: [2], 5: [], 6: [], 8: [], 9: [], 10: []}
