"""Attacks on who is in the sum: two sets, both shares, made-up and hand-picked centres."""

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from cast import SMALL, Play, make_cast, play
from member import Member, make_member
from stage import make_stage

from privacy.secure_sum.certificate import check_certificate, make_certificate
from privacy.secure_sum.certify import sign_set
from privacy.secure_sum.close import accept, unmask_request
from privacy.secure_sum.contribute import ChannelKeys
from privacy.secure_sum.parameters import Policy, committee_of, parameters_of
from privacy.secure_sum.prekeys import usable_prekeys
from privacy.secure_sum.refusal import (
    AlreadySigned,
    BadContribution,
    BadDescriptor,
    BadPrekeys,
    BadRoster,
    BadSet,
    BelowPolicy,
    NotCertified,
    SumRefusal,
)
from privacy.secure_sum.unmask import open_shares, wanted
from privacy.secure_sum.wire import Mark, UnmaskRequest
from schemas.roster import Centre, Roster

NewMember = Callable[[int], Member]


@pytest.fixture
def member(five: Play, tmp_path: Path) -> NewMember:
    return lambda node: make_member(tmp_path / f"node-{node}", five, node)


def answered(round_: Play, node: int, signed: tuple[bytes, tuple[int, ...]], request):  # type: ignore[no-untyped-def]
    """What a member gives for a crafted request."""
    channel: ChannelKeys = round_.sent[node].channel
    identity = round_.cast.players[node].identity
    return open_shares(round_.view, identity, node, channel, signed, request).shares


def test_attack_both_shares_of_one_node_are_never_called_for_whatever_the_set(five: Play) -> None:
    for size in (4, 5):
        for inside in combinations(five.view.active, size):
            opened = set(wanted(five.view, inside))
            assert {i for i, j in opened if i == j} == set(inside)
            assert all(i in inside and (j == i or j not in inside) for i, j in opened)


def test_attack_both_shares_a_slot_in_the_place_of_another_does_not_open(five: Play) -> None:
    """The coordinator puts the share of a pair secret where a share of b is due."""
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    honest = unmask_request(five.view, closed, marks, 3)
    secrets = wanted(five.view, closed.ids)
    for sender, other in ((1, 2), (1, 5), (4, 5)):
        slots = list(honest.slots)
        slots[secrets.index((sender, sender))] = five.bodies[sender].slot(five.view, 3, other)
        crafted = UnmaskRequest(five.view.rid, honest.marks, tuple(slots))
        shares = answered(five, 3, (dg, closed.ids), crafted)
        assert [secrets[k] for k, share in enumerate(shares) if share is None] == [(sender, sender)]


def test_attack_both_shares_a_slot_for_another_member_does_not_open(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    meant_for_four = unmask_request(five.view, closed, marks, 4)
    assert set(answered(five, 3, (dg, closed.ids), meant_for_four)) == {None}


def test_attack_two_survivor_sets_a_node_signs_the_first_one_only(
    five: Play, member: NewMember
) -> None:
    node = member(2)
    first, second = five.close((1, 2, 3, 4)), five.close((1, 2, 3, 5))
    mark = node.once(node.certify(first))
    with pytest.raises(AlreadySigned):
        node.once(node.certify(second))
    node.restart()
    with pytest.raises(AlreadySigned):
        node.once(node.certify(second))
    assert node.once(node.certify(first)) == mark


def test_attack_two_survivor_sets_shares_are_given_for_ones_own_set_only(
    five: Play, member: NewMember
) -> None:
    node = member(2)
    first, second = five.close((1, 2, 3, 4)), five.close((1, 2, 3, 5))
    node.once(node.certify(first))
    _, marks = five.sign(second, five.view.active)  # even if everybody else lied
    with pytest.raises(NotCertified, match="on another set"):
        node.once(node.unmask(second, marks))
    _, marks = five.sign(first, five.view.active)
    crafted = unmask_request(five.view, second, marks, 2).to_bytes()
    kind, parts = node.unmask(first, marks)
    node.once((kind, (parts[0], crafted)))  # as many slots, of the other set: those do not open
    shares = five.respond(first, five.sign(first, (1,))[0], marks, 2).shares
    assert None not in shares
    secrets = wanted(five.view, first.ids)
    others = wanted(five.view, second.ids)
    stored = node.stored().answer or b""
    opened = [stored[34 + 33 * k] == 1 for k in range(len(secrets))]
    assert [s for s, yes in zip(secrets, opened, strict=True) if yes] == [
        s for s, o in zip(secrets, others, strict=True) if s == o
    ]


def test_attack_two_survivor_sets_a_node_answers_once_and_then_repeats_itself(
    five: Play, member: NewMember
) -> None:
    node = member(2)
    closed = five.close((1, 2, 3, 4))
    node.once(node.certify(closed))
    _, marks = five.sign(closed, five.view.active)
    answer = node.once(node.unmask(closed, marks))
    node.restart()
    assert node.stored().channel is None
    _, others = five.sign(five.close((1, 2, 3, 5)), five.view.active)
    assert node.once(node.unmask(five.close((1, 2, 3, 5)), others)) == answer


def test_attack_two_survivor_sets_abandoned_and_certified_exclude_each_other(
    five: Play, member: NewMember
) -> None:
    closed = five.close(five.view.active)
    signer, leaver = member(2), member(3)
    signer.once(signer.certify(closed))
    with pytest.raises(AlreadySigned):
        signer.once(signer.abandon())
    leaver.once(leaver.abandon())
    leaver.restart()
    with pytest.raises(AlreadySigned):
        leaver.once(leaver.certify(closed))
    assert leaver.stored().channel is None


@pytest.mark.parametrize("signers", [(), (1,), (2, 3, 5)])
def test_attack_fewer_signatures_than_a_quorum_open_nothing(
    five: Play, member: NewMember, signers: tuple[int, ...]
) -> None:
    node = member(2)
    closed = five.close((1, 2, 3, 4))
    node.once(node.certify(closed))
    _, marks = five.sign(closed, signers)
    with pytest.raises(NotCertified, match="fewer signatures than a quorum"):
        node.once(node.unmask(closed, marks))
    assert node.stored().committee == "SIGNED"


def test_attack_sybils_made_up_by_the_coordinator_neither_contribute_nor_certify(
    five: Play,
) -> None:
    crowd = make_cast(7)
    announcement = crowd.announce(1, 9)
    prekeys = crowd.prekeys(announcement)
    stranger = crowd.players[7]
    stage = make_stage()
    stage.prekeys = [*stage.prekeys, prekeys[6]]
    stage.describe()
    with pytest.raises(BadPrekeys, match="another centre's id"):
        stage.prepare()
    usable = usable_prekeys(stage.prekeys, stage.roster, stage.announcement)
    assert list(usable) == stage.prekeys[:5]
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, (1, 2, 3))
    extra = Mark(7, five.view.rid, stranger.identity.sign(b"wegwijs-sum/1 set " + dg))
    with pytest.raises(NotCertified, match="may not certify"):
        five.respond(closed, dg, [*marks, extra], 1)


def test_attack_a_contribution_under_another_centres_name_is_refused(five: Play) -> None:
    with pytest.raises(BadContribution, match="another centre's name"):
        accept(five.view, five.sent[3].message, 2)


def test_attack_many_nodes_of_one_firm_count_as_one_that_may_collude() -> None:
    """Thirty centres of thirty firms; then eleven of them are one firm's."""
    spread = roster_of(30, lambda node: f"firm {node}")
    assert parameters_of(spread, 30, Policy()).honest == 24 - 6
    with pytest.raises(BadRoster, match="organisations"):
        parameters_of(roster_of(30, lambda node: f"firm {max(node, 11)}"), 30, Policy())


def roster_of(n: int, firm: Callable[[int], str]) -> Roster:
    """A roster without anybody behind it."""
    return make_cast(1).roster.model_copy(
        update={
            "centres": tuple(
                Centre(
                    id=node,
                    name=f"c{node}",
                    key=f"{node:064x}",
                    organisation=firm(node),
                    recognised_number=str(node),
                )
                for node in range(1, n + 1)
            )
        }
    )


@pytest.mark.parametrize("shown", [(1, 2), (1, 2, 3), (1, 4, 5)])
def test_attack_hand_picked_small_group_is_refused_by_the_victim(shown: tuple[int, ...]) -> None:
    """The coordinator withholds prekeys until node 1 is alone with its friends."""
    stage = make_stage()
    stage.only(shown)
    for changes in ({}, {"parameters": stage.limits(floor=len(shown), honest=len(shown))}):
        stage.describe(**changes)
        with pytest.raises((BadDescriptor, BelowPolicy)):
            stage.prepare(1)


@pytest.mark.parametrize("size", [0, 1, 3])
def test_attack_hand_picked_small_set_is_not_signed(five: Play, size: int) -> None:
    headers = [five.bodies[node].header for node in five.view.active[:size]]
    with pytest.raises(BadSet, match="smaller than the floor"):
        sign_set(five.view, five.cast.players[1].identity, 1, headers)


def test_attack_isolation_everybody_would_see_that_a_centre_was_left_out(five: Play) -> None:
    closed = five.close((1, 2, 3, 4))
    _, marks = five.sign(closed, five.view.active)
    certificate = make_certificate(five.view, five.descriptor, five.prekeys, closed, marks)
    assert 5 not in check_certificate(certificate, five.cast.roster, SMALL).in_sum


def test_attack_committee_grinding_the_committee_is_the_rosters_whoever_is_active() -> None:
    roster = roster_of(120, lambda node: f"firm {node}")
    drawn = {number: committee_of(roster, number) for number in range(1, 9)}
    assert all(len(set(ids)) == 100 and list(ids) == sorted(ids) for ids in drawn.values())
    assert len(set(drawn.values())) == 8
    assert drawn[1] == committee_of(roster.model_copy(update={"epoch": 9, "previous": "0"}), 1)
    other_seed = roster.model_copy(update={"seed": "99" * 32})
    assert committee_of(other_seed, 1) != drawn[1]
    round_ = play(make_cast(13), awake=[node for node in range(1, 14) if node not in (2, 13)])
    assert round_.view.committee == tuple(range(1, 14))
    assert 2 not in round_.view.members
    assert [round_.view.point(member) for member in (1, 3, 12)] == [1, 3, 12]


def test_attack_padding_the_set_with_a_signed_header_of_another_round_is_refused() -> None:
    cast = make_cast(5)
    old = play(cast)
    for node, player in cast.players.items():
        player.links = {state.peer: state for state in old.sent[node].links}
    new = play(cast, number=2)
    headers = [new.bodies[node].header for node in (1, 2, 3)]
    padded = {"did not sign for this round": old.bodies[4].header, "sorted list": headers[2]}
    for refusal, header in padded.items():
        with pytest.raises(BadSet, match=refusal):
            sign_set(new.view, cast.players[1].identity, 1, [*headers, header])


def test_attack_padding_the_set_of_a_certificate_is_found_out_by_anyone(five: Play) -> None:
    closed = five.close((1, 2, 3, 4))
    _, marks = five.sign(closed, five.view.active)
    certificate = make_certificate(five.view, five.descriptor, five.prekeys, closed, marks)
    for update in (
        {"headers": certificate.headers[:3]},
        {"signatures": certificate.signatures[:3]},
        {"signatures": (*certificate.signatures[:3], certificate.signatures[0])},
    ):
        with pytest.raises(SumRefusal):
            check_certificate(certificate.model_copy(update=update), five.cast.roster, SMALL)
