"""Opening secrets from shares of which some are false, and naming who was false."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from cast import Play, make_cast, play

from privacy.secure_sum import recover as opening
from privacy.secure_sum.recover import Recovered, recover
from privacy.secure_sum.reed_solomon import Decoded
from privacy.secure_sum.refusal import Stuck
from privacy.secure_sum.unmask import wanted
from privacy.secure_sum.view import excess

Lies = Mapping[int, Collection[int | tuple[int, int]]]
"""Member -> the secrets of which it answers a false share: a centre's own, or a pair's."""

EVERYBODY = (1, 2, 3, 4, 5, 6, 7)


@pytest.fixture(scope="module")
def seven() -> Play:
    """Seven centres: f = 2, t = 3, floor 6. All of them in the set: each secret is one's own."""
    cast = make_cast(7)
    cast.remove_excess = False
    return play(cast)


def opened(round_: Play, lies: Lies, inside: Collection[int] = EVERYBODY) -> Recovered:
    """The secrets that a set calls for, from everybody's answers, some of them false."""
    closed = round_.close(inside)
    dg, marks = round_.sign(closed, round_.view.members)
    answers = []
    for member in round_.view.members:
        honest = round_.respond(closed, dg, marks, member)
        shares = list(honest.shares)
        for place, (i, j) in enumerate(wanted(round_.view, closed.ids)):
            if (i if i == j else (i, j)) in lies.get(member, ()):
                shares[place] = 7**member  # on no curve of low degree
        answers.append(replace(honest, shares=tuple(shares)))
    return recover(round_.view, closed.contributions, answers)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each word that is decoded."""
    counted, decode = [], opening.Code.decode

    def counting(code: opening.Code, values: list[int]) -> Decoded:
        counted.append(1)
        return decode(code, values)

    monkeypatch.setattr(opening.Code, "decode", counting)
    return counted


def test_honest_answers_need_no_decoding(seven: Play, decoded: list[int]) -> None:
    opened(seven, {})
    assert decoded == []


def test_honest_answers_open_every_secret_and_blame_nobody(seven: Play) -> None:
    found = opened(seven, {})
    assert found.false_shares == frozenset()
    assert sorted(found.seeds) == [(node, node) for node in seven.view.active]


@pytest.mark.parametrize(
    ("lies", "named"),
    [
        ({1: (1, 2, 3, 4, 5, 6, 7), 2: (5,)}, {1, 2}),  # 5 dealt two of them, 1 told most
        ({2: (1, 2, 3, 4, 5, 6, 7), 1: (5,)}, {1, 2}),
        ({1: (4,), 2: (4,)}, {4}),  # two false shares of one dealer: the dealer
        ({1: (4,)}, {1}),  # one of each: the member
        ({1: (2, 6), 2: (2, 6)}, {1, 2}),  # as many dealers as members: the members
        ({1: (4, 6, 7), 2: (4,)}, {1, 2}),
        ({1: (4,), 2: (4,), 3: (6,), 5: (6,)}, {4, 6}),
    ],
)
def test_the_fewest_names_that_explain_all_false_shares_are_named(
    seven: Play, lies: Lies, named: set[int]
) -> None:
    found = opened(seven, lies)
    assert found.false_shares == named
    assert found.seeds == opened(seven, {}).seeds


def test_a_false_share_of_a_seed_of_noise_names_its_member() -> None:
    round_ = play(make_cast(7))
    found = opened(round_, {3: ((5, excess(0)),), 1: ((6, excess(0)), (2, excess(0)))})
    assert found.false_shares == {1, 3}
    assert found.seeds == opened(round_, {}).seeds
    assert sum(other == excess(0) for _, other in found.seeds) == 7


def test_a_member_found_false_once_is_tested_from_then_on(seven: Play) -> None:
    """Of centre 5 the first quorum is right: only who is doubted since centre 4 is looked at."""
    assert opened(seven, {1: (4,), 2: (4,)}).false_shares == {4}
    assert opened(seven, {1: (4, 5), 2: (4,)}).false_shares == {1, 2}
    assert opened(seven, {1: (4,), 7: (5,)}).false_shares == {1}


@pytest.mark.parametrize(
    "lies",
    [{1: EVERYBODY, 2: EVERYBODY}, {1: (1, 3, 5, 7), 2: (2, 4, 6)}],
    ids=["always", "in turn"],
)
def test_who_was_false_once_is_used_last_and_so_is_corrected_once(
    seven: Play, lies: Lies, decoded: list[int]
) -> None:
    """Two liars cost at most one decoding each; then a secret costs three interpolations."""
    assert opened(seven, lies).false_shares == {1, 2}
    assert len(decoded) <= 2


def test_more_false_answers_than_the_round_tolerates_open_nothing(seven: Play) -> None:
    """Of seven answers five are false about a pair of centre 5; all others are right."""
    with pytest.raises(Stuck) as refusal:
        opened(seven, dict.fromkeys((1, 2, 3, 4, 6), ((5, 7),)), inside=(1, 2, 3, 4, 5, 6))
    assert refusal.value.dealers == {5}
    assert str(refusal.value) == (
        "the shares of centres 5 belong to no secret; the masked vectors are kept: ask members "
        "that did not answer yet"
    )


def test_when_more_dealers_fail_than_may_be_corrupt_it_is_not_they(
    seven: Play, decoded: list[int]
) -> None:
    """Five of seven lie about everything: nobody is named, and little is tried."""
    with pytest.raises(Stuck, match="too many shares are false") as refusal:
        opened(seven, dict.fromkeys((1, 2, 3, 4, 5), EVERYBODY))
    assert refusal.value.dealers == frozenset()
    assert len(decoded) <= 2 * 3


def lied_about(round_: Play, dealer: int, members: Collection[int]) -> Recovered:
    """The dealer's commitment is false, these members answer, nobody lies about a share."""
    closed = round_.close(EVERYBODY)
    body = closed.contributions[dealer]
    at = 32 * round_.view.secrets[dealer]
    false = replace(
        body, commitments=body.commitments[:at] + bytes(32) + body.commitments[at + 32 :]
    )
    dg, marks = round_.sign(closed, EVERYBODY)
    answers = [round_.respond(closed, dg, marks, member) for member in members]
    return recover(round_.view, {**closed.contributions, dealer: false}, answers)


def test_a_false_commitment_stands_against_a_quorum_of_shares(seven: Play) -> None:
    found = lied_about(seven, 4, EVERYBODY)
    assert (found.false_shares, found.false_commitments) == (frozenset(), {4})
    assert found.seeds == opened(seven, {}).seeds
    assert lied_about(seven, 4, (1, 2, 3, 6, 7)).seeds == found.seeds


def test_fewer_shares_than_a_quorum_do_not_outvote_a_commitment(seven: Play) -> None:
    """Two liars of four could have made the shares agree: the others are asked first."""
    with pytest.raises(Stuck) as refusal:
        lied_about(seven, 4, (1, 2, 3, 6))
    assert refusal.value.dealers == {4}


def test_liars_known_from_one_secret_are_left_out_where_another_has_too_few_shares(
    seven: Play,
) -> None:
    """Of centre 6 only five answer, two falsely: more than five shares alone can correct."""
    closed = seven.close(EVERYBODY)
    dg, marks = seven.sign(closed, EVERYBODY)
    answers = []
    for member in EVERYBODY:
        shares: list[int | None] = list(seven.respond(closed, dg, marks, member).shares)
        if member in (1, 2):
            shares[4] = shares[5] = 7
        if member in (3, 4):
            shares[5] = None
        answers.append(replace(seven.respond(closed, dg, marks, member), shares=tuple(shares)))
    found = recover(seven.view, closed.contributions, answers)
    assert found.seeds == opened(seven, {}).seeds
    assert found.false_shares == {1, 2}


def test_too_few_answers_open_nothing_and_lose_nothing(seven: Play) -> None:
    closed = seven.close(EVERYBODY)
    dg, marks = seven.sign(closed, EVERYBODY)
    answers = [seven.respond(closed, dg, marks, member) for member in (2, 5)]
    with pytest.raises(Stuck) as refusal:
        recover(seven.view, closed.contributions, answers)
    assert str(refusal.value) == (
        "2 members answered and 3 are needed to open a secret; nothing is lost: ask the others"
    )
