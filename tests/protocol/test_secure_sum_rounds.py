"""The secure sum as a whole: every legal pattern of dropouts gives the exact sum."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from cast import Play, make_cast, play

from privacy.secure_sum.abandon import check_abandonment, sign_abandonment
from privacy.secure_sum.certificate import check_certificate, make_certificate
from privacy.secure_sum.certify import set_digest
from privacy.secure_sum.close import sum_up
from privacy.secure_sum.refusal import (
    BadAbandonment,
    BelowFloor,
    NotCertified,
    Stuck,
)


def subsets(ids: tuple[int, ...], least: int = 0) -> Iterator[tuple[int, ...]]:
    for size in range(least, len(ids) + 1):
        yield from combinations(ids, size)


@pytest.mark.slow
def test_every_pattern_of_survivors_signers_and_responders_sums_exactly_or_aborts(
    five: Play,
) -> None:
    ids, limits = five.view.active, five.view.parameters
    assert (limits.threshold, limits.quorum, limits.floor) == (2, 4, 4)
    outcomes = {"sum": 0, "abort": 0}
    for survivors in subsets(ids):
        if len(survivors) < limits.floor:
            with pytest.raises(BelowFloor):
                five.close(survivors)
            outcomes["abort"] += 1
            continue
        closed = five.close(survivors)
        for signers in subsets(ids):
            dg, marks = five.sign(closed, signers)
            if len(signers) < limits.quorum:
                with pytest.raises(NotCertified):
                    five.respond(closed, dg, marks, ids[0])
                outcomes["abort"] += 1
                continue
            answers = {member: five.respond(closed, dg, marks, member) for member in ids}
            for responders in subsets(ids):
                chosen = [answers[member] for member in responders]
                if len(responders) < limits.threshold:
                    with pytest.raises(Stuck):
                        sum_up(five.view, closed, dg, marks, chosen)
                    outcomes["abort"] += 1
                else:
                    total = sum_up(five.view, closed, dg, marks, chosen).total
                    assert np.array_equal(total, five.plain(survivors))
                    outcomes["sum"] += 1
    assert outcomes == {"sum": 6 * 6 * 26, "abort": 26 + 6 * 26 + 6 * 6 * 6}


def test_fewer_centres_than_the_floor_give_no_set_and_the_coordinator_is_told(five: Play) -> None:
    with pytest.raises(BelowFloor, match="3 centres answered and 4 are needed; nothing was rev"):
        five.close((1, 2, 5))


@pytest.mark.parametrize("width", [32, 64])
def test_a_second_round_with_ratcheted_links_sums_exactly(width: int) -> None:
    cast = make_cast(4)
    first = play(cast, width=width)
    for node, player in cast.players.items():
        player.links = {state.peer: state for state in first.sent[node].links}
    second = play(cast, number=7, length=70_000, width=width)
    assert np.array_equal(second.total((1, 2, 4), (1, 2, 4), (2, 4)), second.plain((1, 2, 4)))


def test_a_tampered_link_costs_one_pair_and_names_it_never_the_round() -> None:
    cast = make_cast(5)
    wrong = cast.players[2].links[5]
    cast.players[2].links[5] = replace(wrong, key=bytes(32))
    round_ = play(cast)
    closed = round_.close(round_.view.active)
    assert closed.disagreeing == ((2, 5),)
    assert closed.ids == (1, 2, 3, 4)
    everybody = (1, 2, 3, 4)
    assert np.array_equal(
        round_.total((1, 2, 3, 4, 5), everybody, everybody), round_.plain(everybody)
    )


def test_false_shares_are_found_out_and_their_sender_named(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    answers = [five.respond(closed, dg, marks, member) for member in five.view.active]
    liar = answers[0]
    answers[0] = type(liar)(liar.member, liar.rid, tuple(7 for _ in liar.shares), liar.signature)
    summed = sum_up(five.view, closed, dg, marks, answers)
    assert summed.liars == frozenset({1})
    assert np.array_equal(summed.total, five.plain(five.view.active))


def test_a_quorum_of_statements_abandons_and_one_fewer_does_not(five: Play) -> None:
    marks = [sign_abandonment(five.view, five.cast.players[m].identity, m) for m in (1, 2, 3, 5)]
    check_abandonment(five.view, marks)
    with pytest.raises(BadAbandonment, match="fewer statements than a quorum"):
        check_abandonment(five.view, [*marks[:3], marks[0]])


def test_anyone_can_check_the_certificate_and_a_padded_one_fails(five: Play) -> None:
    closed = five.close((1, 2, 3, 5))
    dg, marks = five.sign(closed, five.view.active)
    certificate = make_certificate(five.view, five.descriptor, five.prekeys, closed, marks)
    checked = check_certificate(certificate, five.cast.roster, five.cast.policy)
    assert checked.view == five.view
    assert checked.in_sum == (1, 2, 3, 5)
    assert checked.set_digest == dg == set_digest(five.view, five.headers(closed))
    extra = five.bodies[4].header.to_schema()
    padded = certificate.model_copy(
        update={"headers": tuple(sorted((*certificate.headers, extra), key=lambda h: h.id))}
    )
    with pytest.raises(NotCertified, match="on another set"):
        check_certificate(padded, five.cast.roster, five.cast.policy)
