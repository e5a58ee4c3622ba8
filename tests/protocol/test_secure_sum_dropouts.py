"""Who may be missing: an exact sum whenever the numbers suffice, and nothing otherwise."""

import numpy as np
import pytest
from cast import Play, make_cast, play
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.secure_sum.certify import check_quorum
from privacy.secure_sum.close import sum_up
from privacy.secure_sum.refusal import (
    BadSet,
    BelowFloor,
    Malformed,
    NotCertified,
    Stuck,
    SumRefusal,
)

Size = tuple[int, int]
SIZES: dict[Size, tuple[int, ...]] = {
    (5, 0): (), (7, 0): (), (13, 0): (2, 13), (24, 0): (1, 8, 9, 20), (40, 0): (4, 17, 31),
    (5, 7): (), (7, 9): (1003, 1005), (13, 13): (0, 2, 1009), (24, 8): (1, 8, 20, 1001),
}  # fmt: skip
"""(centres, witnesses) on the roster, and those who are asleep when the round starts."""


@pytest.fixture(scope="module")
def rounds() -> dict[Size, Play]:
    """One round of each size, contributed by everybody awake."""
    random = np.random.default_rng(1)
    played = {}
    for (n, witnesses), asleep in SIZES.items():
        cast = make_cast(n, witnesses=witnesses)
        awake = [node for node in cast.players if node not in asleep]
        vectors = {node: random.integers(-(2**20), 2**20, 9) for node in awake}
        played[n, witnesses] = play(cast, awake=awake, vectors=vectors)
    return played


def some(nodes: tuple[int, ...], data: st.DataObject, least: int) -> tuple[int, ...]:
    """A random part of the nodes, often about `least` of them."""
    near = st.integers(max(0, least - 1), min(len(nodes), least + 1))
    size = data.draw(near | st.integers(0, len(nodes)))
    return tuple(sorted(data.draw(st.permutations(nodes))[:size]))


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(size=st.sampled_from(sorted(SIZES)), data=st.data())
def test_up_to_forty_centres_any_dropouts_give_the_exact_sum_or_an_abort(
    rounds: dict[Size, Play], size: Size, data: st.DataObject
) -> None:
    round_ = rounds[size]
    limits, active = round_.view.parameters, round_.view.active
    survivors = some(active, data, limits.floor)
    signers = some(round_.view.members, data, limits.quorum)
    responders = some(round_.view.members, data, limits.threshold)
    if len(survivors) < limits.floor:
        expected: type[SumRefusal] | None = BelowFloor
    elif len(signers) < limits.quorum:
        expected = NotCertified
    else:
        expected = Stuck if len(responders) < limits.threshold else None
    if expected is None:
        total = round_.total(survivors, signers, responders)
        assert np.array_equal(total, round_.plain(survivors))
    else:
        with pytest.raises(expected):
            round_.total(survivors, signers, responders)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(7, 0), (13, 0), (7, 9)])
def test_the_order_of_answers_does_not_change_the_sum(rounds: dict[Size, Play], size: Size) -> None:
    round_ = rounds[size]
    survivors = round_.view.active[1:]
    forwards = round_.total(survivors, round_.view.members, round_.view.members)
    backwards = round_.total(
        tuple(reversed(survivors)), round_.view.members[::-1], round_.view.members[::-1]
    )
    assert np.array_equal(forwards, backwards)
    assert np.array_equal(forwards, round_.plain(survivors))


@pytest.mark.slow
def test_a_member_that_sent_a_prekey_and_no_contribution_signs_and_answers_all_the_same(
    rounds: dict[Size, Play],
) -> None:
    round_ = rounds[7, 0]
    without = tuple(node for node in round_.view.active if node != 5)
    total = round_.total(without, round_.view.members, (5, 6, 7))
    assert np.array_equal(total, round_.plain(without))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "absent"), [((13, 0), 2), ((7, 9), 1003)])
def test_a_member_without_a_prekey_signs_no_set(
    rounds: dict[Size, Play], size: Size, absent: int
) -> None:
    round_ = rounds[size]
    assert absent in round_.view.committee
    with pytest.raises(BadSet):
        round_.sign(round_.close(round_.view.active), (absent,))


@pytest.mark.slow
def test_with_witnesses_centres_neither_sign_nor_open(rounds: dict[Size, Play]) -> None:
    round_ = rounds[5, 7]
    assert round_.view.members == (0, *range(1001, 1007))
    with pytest.raises(BadSet):
        round_.sign(round_.close(round_.view.active), (1,))
    assert all(not sent.channel.keys for sent in round_.sent.values())


def test_the_same_member_twice_does_not_make_a_quorum(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, (1, 2, 3))
    with pytest.raises(NotCertified, match="fewer signatures than a quorum"):
        check_quorum(five.view, dg, [*marks, marks[0]])
    with pytest.raises(Malformed, match="one twice"):
        five.respond(closed, dg, [*marks, marks[0]], 1)


def test_one_answer_twice_does_not_open_a_secret(five: Play) -> None:
    closed = five.close(five.view.active)
    dg, marks = five.sign(closed, five.view.active)
    answer = five.respond(closed, dg, marks, 2)
    with pytest.raises(Stuck, match="1 members answered and 2 are needed"):
        sum_up(five.view, closed, dg, marks, [answer, answer])
