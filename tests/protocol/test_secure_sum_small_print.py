"""Checks that are rarely met, one sentence each."""

from dataclasses import replace

import numpy as np
import pytest
from cast import Play, make_cast, play, tape

from privacy.secure_sum import contribute as p1
from privacy.secure_sum.abandon import check_abandonment, check_statement, sign_abandonment
from privacy.secure_sum.certify import check_mark, sign_set
from privacy.secure_sum.close import accept, accept_response, unmask_request
from privacy.secure_sum.keys import Identity
from privacy.secure_sum.labels import derive
from privacy.secure_sum.refusal import (
    BadAbandonment,
    BadContribution,
    BadSet,
    Malformed,
    NotCertified,
)
from privacy.secure_sum.shamir import PRIME
from privacy.secure_sum.unmask import open_shares
from privacy.secure_sum.wire import UnmaskRequest
from schemas.signed import verify


def test_an_outsider_states_nothing(five: Play) -> None:
    stranger = Identity.new(tape("stranger"))
    with pytest.raises(BadAbandonment, match="not on the committee"):
        sign_abandonment(five.view, stranger, 9)
    mark = sign_abandonment(five.view, five.cast.players[1].identity, 1)
    with pytest.raises(BadAbandonment, match="outsider"):
        check_statement(five.view, replace(mark, member=9))


def test_a_statement_about_another_round_or_of_another_member_does_not_count(five: Play) -> None:
    mark = sign_abandonment(five.view, five.cast.players[1].identity, 1)
    with pytest.raises(BadAbandonment, match="another round"):
        check_statement(five.view, replace(mark, rid=bytes(32)))
    with pytest.raises(BadAbandonment, match="did not sign"):
        check_abandonment(five.view, [replace(mark, member=2)])


def test_what_is_signed_names_the_protocol_what_is_said_and_the_round(five: Play) -> None:
    """A known answer, like the transcript: another text would be another protocol."""
    key = five.cast.players[1].identity.public_hex
    statement = sign_abandonment(five.view, five.cast.players[1].identity, 1)
    verify(key, statement.signature.hex(), b"wegwijs-sum/1 abandon " + five.view.rid)
    dg, marks = five.sign(five.close(five.view.active), (1,))
    verify(key, marks[0].signature.hex(), b"wegwijs-sum/1 set " + dg)


def test_increments_of_noise_have_a_label_of_their_own_and_are_bound_to_the_round(
    five: Play,
) -> None:
    seed = bytes(range(32))
    key = p1.excess_key(five.view, seed)
    assert key == derive(seed, "excess-noise", salt=five.view.rid)
    other = replace(five.view, rid=bytes(32))
    assert len({key, p1.excess_key(other, seed), p1.self_mask(five.view, seed)}) == 3


def test_a_signature_on_a_set_is_no_statement_and_the_reverse(five: Play) -> None:
    dg, marks = five.sign(five.close(five.view.active), (1,))
    with pytest.raises(BadAbandonment, match="did not sign"):
        check_statement(five.view, marks[0])
    with pytest.raises(NotCertified, match="another set"):
        check_mark(five.view, dg, sign_abandonment(five.view, five.cast.players[1].identity, 1))


def test_a_signature_about_another_round_certifies_nothing(five: Play) -> None:
    dg, marks = five.sign(five.close(five.view.active), (1,))
    with pytest.raises(NotCertified, match="another round"):
        check_mark(five.view, dg, replace(marks[0], rid=bytes(32)))


def test_an_unmask_request_about_another_round_or_with_other_slots_is_refused(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    honest = unmask_request(five.view, closed, marks, 2)
    crafted = (
        UnmaskRequest(bytes(32), honest.marks, honest.slots),
        UnmaskRequest(honest.rid, honest.marks, honest.slots[:-1]),
    )
    for request in crafted:
        with pytest.raises(NotCertified, match=r"another round|other slots"):
            open_shares(
                five.view, five.cast.players[2].identity, 2, five.sent[2].channel,
                (dg, closed.ids), request,
            )  # fmt: skip


def test_a_member_without_a_senders_key_answers_missing(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    fewer = p1.ChannelKeys({1: five.sent[2].channel.keys[1]})
    answer = open_shares(
        five.view, five.cast.players[2].identity, 2, fewer, (dg, closed.ids),
        unmask_request(five.view, closed, marks, 2),
    )  # fmt: skip
    assert [share is not None for share in answer.shares] == [True, True] + [False] * 8


def test_shares_under_another_name_or_signature_are_not_taken(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    raw = five.respond(closed, dg, marks, 2).to_bytes()
    with pytest.raises(Malformed, match="another name"):
        accept_response(five.view, closed.ids, raw, 3)
    with pytest.raises(Malformed, match="did not sign"):
        accept_response(five.view, closed.ids, raw[:-1] + bytes([raw[-1] ^ 1]), 2)


def test_a_members_own_answer_to_another_round_is_not_taken(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    old = replace(five.respond(closed, dg, marks, 2), rid=bytes(32), signature=b"")
    signed = replace(old, signature=five.cast.players[2].identity.sign(old.digest()))
    with pytest.raises(Malformed, match="another round"):
        accept_response(five.view, closed.ids, signed.to_bytes(), 2)


def test_who_sent_no_prekey_or_is_no_member_certifies_nothing() -> None:
    round_ = play(make_cast(5), awake=(1, 2, 3, 4))
    closed = round_.close((1, 2, 3, 4))
    dg, marks = round_.sign(closed, (1,))
    for member in (5, 9):
        with pytest.raises(BadSet, match="is not on the committee of the round, or sent no pre"):
            sign_set(round_.view, round_.cast.players[1].identity, member, round_.headers(closed))
        with pytest.raises(NotCertified, match="somebody who may not certify"):
            check_mark(round_.view, dg, replace(marks[0], member=member))


def test_a_set_with_a_centre_that_is_not_active_is_not_signed(five: Play) -> None:
    headers = five.headers(five.close(five.view.active))
    headers[-1] = replace(headers[-1], node=9)
    with pytest.raises(BadSet, match="not a sorted list of active centres"):
        sign_set(five.view, five.cast.players[1].identity, 1, headers)


def test_an_identity_that_is_not_active_contributes_nothing(five: Play) -> None:
    stranger = replace(five.cast.players[1], identity=Identity.new(tape("stranger")))
    cast = replace(five.cast, players={**five.cast.players, 1: stranger})
    with pytest.raises(BadContribution, match="not active"):
        cast.contribute(five.view, 1, np.zeros(9, np.int64))


def test_who_is_not_on_the_committee_keeps_no_keys_to_shares_and_gets_none(five: Play) -> None:
    seen = replace(five.view)
    vars(seen)["committee"] = (1, 2, 3, 4)  # as it may be drawn where there are over a hundred
    assert five.cast.contribute(seen, 5, five.vectors[5]).channel.keys == {}
    assert set(five.cast.contribute(seen, 4, five.vectors[4]).channel.keys) == set(seen.active)


@pytest.mark.parametrize("outside", [PRIME, 2**256 - 1])
def test_a_seed_of_ones_own_outside_the_field_is_drawn_again(outside: int) -> None:
    cast = make_cast(4)
    announcement = cast.announce(1, 9)
    prekeys = cast.prekeys(announcement)
    seen = cast.prepare(1, cast.describe(announcement, prekeys), prekeys)
    draws, sizes, rest = [outside.to_bytes(32, "big")], [], cast.players[1].random

    def random(size: int) -> bytes:
        sizes.append(size)
        return draws.pop() if draws else rest(size)

    cast.players[1].random = random
    cast.contribute(seen, 1, np.zeros(9, np.int64))
    assert sizes[:3] == [32, 32, 32]  # b, b again, the key to itself


@pytest.mark.parametrize("outside", [PRIME, 2**256 - 1])
def test_a_pair_seed_outside_the_field_asks_for_another_round(
    monkeypatch: pytest.MonkeyPatch, outside: int
) -> None:
    """It happens once in 2^248 pairs."""
    cast = make_cast(4)
    monkeypatch.setattr(p1, "_pair_seed", lambda *_: outside.to_bytes(32, "big"))
    with pytest.raises(BadContribution, match="start the round again"):
        play(cast)


def test_a_contribution_with_another_signature_is_not_accepted(five: Play) -> None:
    raw = five.sent[2].message
    assert accept(five.view, raw, 2).node == 2
    with pytest.raises(BadContribution, match="its centre did not sign"):
        accept(five.view, raw[:-1] + bytes([raw[-1] ^ 1]), 2)
    with pytest.raises(BadContribution, match="another centre's name"):
        accept(five.view, raw, 3)
