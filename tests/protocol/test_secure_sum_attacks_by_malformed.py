"""Attacks by false bytes: they cost their sender, or one pair; never the round of the others."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from adversary import channel_key, round_keys, secret_of
from cast import Play, make_cast, play
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from privacy.secure_sum.close import Summed, accept, sum_up
from privacy.secure_sum.contribute import slot_context
from privacy.secure_sum.refusal import BadContribution, Malformed, Stuck, SumRefusal
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.wire import SLOT, Contribution


def flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def with_body(round_: Play, node: int, **changes: object) -> Play:
    """The round in which this node sends a changed contribution, properly signed."""
    body = replace(round_.bodies[node], **changes)
    signature = round_.cast.players[node].identity.sign(body.header.digest(round_.view.rid))
    signed = replace(body, signature=signature)
    return replace(round_, bodies={**round_.bodies, node: accept_again(round_, signed)})


def accept_again(round_: Play, body: Contribution) -> Contribution:
    return accept(round_.view, body.to_bytes(), body.node)


def summed(round_: Play) -> Summed:
    """P2 to P4 with everybody's help."""
    closed = round_.close(round_.bodies)
    dg, marks = round_.sign(closed, round_.view.members)
    answers = [round_.respond(closed, dg, marks, member) for member in round_.view.members]
    return sum_up(round_.view, closed, dg, marks, answers)


def place_of_slot(round_: Play, member: int, other: int) -> int:
    return SLOT * (round_.view.seat[member] * len(round_.view.secrets) + round_.view.secrets[other])


@given(data=st.data())
def test_attack_malformed_one_byte_changed_on_the_way_is_refused(
    five: Play, data: st.DataObject
) -> None:
    raw = five.sent[2].message
    at = data.draw(st.integers(0, len(raw) - 1))
    with pytest.raises((Malformed, BadContribution)):
        accept(five.view, flipped(raw, at), 2)


@pytest.mark.parametrize("member", [1, 2, 3, 4, 5])
def test_attack_malformed_slots_that_do_not_open_at_one_member_change_nothing(
    five: Play, member: int
) -> None:
    for other in five.view.active:
        slots = flipped(five.bodies[2].slots, place_of_slot(five, member, other) + 7)
        result = summed(with_body(five, 2, slots=slots))
        assert np.array_equal(result.total, five.plain(five.view.active))


def test_attack_malformed_all_slots_of_all_but_a_threshold_of_members_change_nothing(
    five: Play,
) -> None:
    first_of_last_two = place_of_slot(five, 4, 1)
    slots = bytes(first_of_last_two) + five.bodies[2].slots[first_of_last_two:]
    result = summed(with_body(five, 2, slots=slots))
    assert np.array_equal(result.total, five.plain(five.view.active))


@pytest.mark.parametrize(("liar", "other", "out"), [(2, 4, 4), (4, 2, 4), (5, 1, 5)])
def test_attack_malformed_commitment_costs_one_pair_and_names_it(
    five: Play, liar: int, other: int, out: int
) -> None:
    commitments = flipped(five.bodies[liar].commitments, 32 * five.view.place[other])
    round_ = with_body(five, liar, commitments=commitments)
    closed = round_.close(round_.bodies)
    assert closed.disagreeing == (tuple(sorted((liar, other))),)
    left = tuple(node for node in five.view.active if node != out)
    assert closed.ids == left
    result = summed(round_)
    assert np.array_equal(result.total, five.plain(left))
    assert result.liars == {liar} - {out}


def test_attack_malformed_commitments_to_everybody_cost_their_sender_alone(five: Play) -> None:
    round_ = with_body(five, 1, commitments=bytes(len(five.bodies[1].commitments)))
    assert round_.close(round_.bodies).ids == (2, 3, 4, 5)


def test_attack_malformed_commitment_to_ones_own_mask_names_the_centre_and_stops_nothing(
    five: Play,
) -> None:
    """What all members' shares say stands against it."""
    commitments = flipped(five.bodies[2].commitments, 32 * five.view.place[2])
    result = summed(with_body(five, 2, commitments=commitments))
    assert np.array_equal(result.total, five.plain(five.view.active))
    assert (result.false_shares, result.false_commitments) == (frozenset(), {2})


def sealed_anew(round_: Play, dealer: int, member: int, change: Callable[[int], int]) -> Play:
    """The dealer seals another number, under the right key, for one member: its share of b."""
    seen, at = round_.view, place_of_slot(round_, member, dealer)
    link = round_.cast.players[dealer].links[member].at(1).key
    own = round_keys(round_.cast, dealer).channel
    box = ChaCha20Poly1305(channel_key(seen, own, (dealer, member), member, link))
    nonce, context = slot_context(seen, dealer, member, seen.place[dealer])
    share = int.from_bytes(box.decrypt(nonce, round_.bodies[dealer].slots[at : at + SLOT], context))
    sealed = box.encrypt(nonce, change(share).to_bytes(32, "big"), context)
    slots = round_.bodies[dealer].slots
    return with_body(round_, dealer, slots=slots[:at] + sealed + slots[at + SLOT :])


def test_attack_malformed_share_under_the_right_key_is_worked_around_and_its_pair_named(
    five: Play,
) -> None:
    result = summed(sealed_anew(five, 2, 1, lambda share: share ^ 1))
    assert np.array_equal(result.total, five.plain(five.view.active))
    assert result.liars
    assert result.liars <= {1, 2}


@pytest.mark.parametrize("share", [PRIME, 2**256 - 1])
def test_attack_malformed_share_outside_the_field_counts_as_missing(five: Play, share: int) -> None:
    result = summed(sealed_anew(five, 2, 1, lambda _: share))
    assert np.array_equal(result.total, five.plain(five.view.active))
    assert result.liars == frozenset()


def test_a_dealer_that_lies_to_several_members_is_named_instead_of_them() -> None:
    round_ = play(make_cast(7))
    for member in (1, 3):
        round_ = sealed_anew(round_, 2, member, lambda share: share ^ 1)
    result = summed(round_)
    assert np.array_equal(result.total, round_.plain(round_.view.active))
    assert result.liars == frozenset({2})


def test_a_dealer_whose_shares_belong_to_no_secret_ends_the_round_and_is_named() -> None:
    """n = 7, t = 3: seven shares of which any three others lie on no common curve."""
    round_ = play(make_cast(7))
    for member in (1, 3, 4, 5, 6):
        round_ = sealed_anew(round_, 2, member, lambda share, m=member: share ^ 5**m)
    with pytest.raises(Stuck) as refusal:
        summed(round_)
    assert refusal.value.dealers == {2}


@pytest.mark.parametrize(("lies", "named"), [((1, 2), {1, 2}), ((2, 5), {2, 5}), ((4, 5), set())])
def test_as_many_liars_as_the_round_tolerates_do_not_stop_it_and_are_named_when_they_matter(
    lies: tuple[int, int], named: set[int]
) -> None:
    """n = 7: f = 2, t = 3. Shares of 4 and 5 are not looked at when 1, 2 and 3 are right."""
    round_ = play(make_cast(7))
    closed = round_.close(round_.view.active)
    dg, marks = round_.sign(closed, round_.view.members)
    answers = [round_.respond(closed, dg, marks, member) for member in round_.view.members]
    false = [
        replace(a, shares=tuple(7 + k for k in range(len(a.shares)))) if a.member in lies else a
        for a in answers
    ]
    result = sum_up(round_.view, closed, dg, marks, false)
    assert np.array_equal(result.total, round_.plain(round_.view.active))
    assert result.liars == named


@pytest.mark.parametrize("width", [32, 64])
def test_attack_wrap_around_the_largest_vectors_that_fit_sum_exactly(width: int) -> None:
    most = (2 ** (width - 1) - 100) // 5
    vectors = {n: np.array([most, -most, 0, most * (-1) ** n] * 2) for n in range(1, 6)}
    cast = make_cast(5)
    round_ = play(cast, length=8, width=width, vectors=vectors)
    assert np.array_equal(summed(round_).total, round_.plain(vectors))


def test_attack_values_out_of_range_stay_one_centres_lie_about_its_own_entries(five: Play) -> None:
    """A modified node may send anything; the entries of the sum move by that alone."""
    vector = five.bodies[2].vector.copy()
    vector[3] ^= np.uint32(2**31)
    result = summed(with_body(five, 2, vector=vector))
    difference = (result.total - five.plain(five.view.active)) % 2**32
    assert difference.tolist() == [0, 0, 0, 2**31, 0, 0, 0, 0, 0]


def test_a_vector_of_another_length_is_refused_before_anything_is_drawn(five: Play) -> None:
    for shape in ((8,), (10,), (9, 1)):
        with pytest.raises(BadContribution, match="as long"):
            five.cast.contribute(five.view, 1, np.zeros(shape, np.int64))


def test_attack_side_channel_sizes_do_not_depend_on_what_is_inside(five: Play) -> None:
    empty = play(make_cast(5), vectors={n: np.zeros(9, np.int64) for n in range(1, 6)})
    sizes = {len(round_.sent[n].message) for round_ in (five, empty) for n in round_.sent}
    assert len(sizes) == 1


def test_attack_side_channel_no_secret_shows_when_an_object_is_printed(five: Play) -> None:
    player, sent = five.cast.players[1], five.sent[1]
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    answer = five.respond(closed, dg, marks, 2)
    secrets = [player.identity.seed, player.kem.seed, player.links[2].key]
    secrets += [round_keys(five.cast, 1).mask, *sent.channel.keys.values()]
    secrets += [secret_of(five, 1, 1, (1, 2)), five.bodies[1].vector.tobytes()]
    things = (
        player.identity, player.kem, player.keys, player.links[2], sent, sent.channel,
        five.bodies[1], closed, answer, summed(five),
    )  # fmt: skip
    shown = " ".join(map(repr, things))
    for secret in secrets:
        assert repr(secret)[2:-1] not in shown
        assert secret.hex() not in shown
    assert not any(str(share) in shown for share in answer.shares)
    assert str(five.vectors[1].tolist()) not in shown


def test_every_refusal_of_the_sum_has_its_own_code_and_carries_no_bytes() -> None:
    kinds = SumRefusal.__subclasses__()
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(kinds)
    assert all(code.replace("-", "").isalpha() and len(code) <= 40 for code in codes)
