"""Opening secrets from shares of which some are false, and naming who was false."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from math import comb

import pytest
from cast import Play, make_cast, play

from privacy.secure_sum import recover as opening
from privacy.secure_sum.recover import Recovered, recover, subsets
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
                shares[place] = 7 + member
        answers.append(replace(honest, shares=tuple(shares)))
    return recover(round_.view, closed.contributions, answers)


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each interpolation."""
    counted, combine = [], opening.combine

    def counting(coefficients: tuple[int, ...], shares: list[int]) -> int:
        counted.append(1)
        return combine(coefficients, shares)

    monkeypatch.setattr(opening, "combine", counting)
    return counted


def test_subsets_of_the_first_points_come_before_those_with_a_later_one() -> None:
    assert list(subsets("abcd", 2)) == [  # type: ignore[arg-type]
        ("a", "b"), ("a", "c"), ("b", "c"), ("a", "d"), ("b", "d"), ("c", "d"),
    ]  # fmt: skip
    assert list(subsets((5, 7), 3)) == []


@pytest.mark.parametrize(("false", "most"), [({7}, comb(42, 41)), ({7, 30}, comb(43, 41))])
def test_a_few_false_points_among_a_hundred_soon_fall_out(false: set[int], most: int) -> None:
    tried = next(k for k, s in enumerate(subsets(range(100), 41), start=1) if not false & set(s))
    assert tried <= most


def test_honest_answers_open_every_secret_and_blame_nobody(seven: Play) -> None:
    found = opened(seven, {})
    assert found.liars == frozenset()
    assert sorted(found.seeds) == [(node, node) for node in seven.view.active]


@pytest.mark.parametrize(
    ("lies", "named"),
    [
        ({1: (1, 2, 3, 4, 5, 6, 7), 2: (5,)}, {1, 2}),  # 5 dealt two of them, 1 told most
        ({2: (1, 2, 3, 4, 5, 6, 7), 1: (5,)}, {1, 2}),
        ({1: (4,), 2: (4,)}, {4}),  # two false shares of one dealer: the dealer
        ({1: (4,)}, {1}),  # one of each: the member
        ({1: (2, 6), 2: (2, 6)}, {1, 2}),  # as many dealers as members: the members
        ({1: (4, 6), 2: (4,), 3: (4,)}, {1, 4}),
        ({1: (4,), 2: (4,), 3: (4, 6), 5: (6,)}, {4, 6}),  # not 3, which is in two of them
    ],
)
def test_the_fewest_names_that_explain_all_false_shares_are_named(
    seven: Play, lies: Lies, named: set[int]
) -> None:
    found = opened(seven, lies)
    assert found.liars == named
    assert found.seeds == opened(seven, {}).seeds


def test_a_false_share_of_a_seed_of_noise_names_its_member() -> None:
    round_ = play(make_cast(7))
    found = opened(round_, {3: ((5, excess(0)),), 1: ((6, excess(0)), (2, excess(0)))})
    assert found.liars == {1, 3}
    assert found.seeds == opened(round_, {}).seeds
    assert sum(other == excess(0) for _, other in found.seeds) == 7


def test_a_member_found_false_once_is_tested_from_then_on(seven: Play) -> None:
    """Of centre 5 the first quorum is right: only who is doubted since centre 4 is looked at."""
    assert opened(seven, {1: (4,), 2: (4,)}).liars == {4}
    assert opened(seven, {1: (4, 5), 2: (4,)}).liars == {1, 2}
    assert opened(seven, {1: (4,), 7: (5,)}).liars == {1}


@pytest.mark.parametrize(
    "lies",
    [{1: EVERYBODY, 2: EVERYBODY}, {1: (1, 3, 5, 7), 2: (2, 4, 6)}],
    ids=["always", "in turn"],
)
def test_who_was_false_once_is_used_last_and_so_costs_its_tries_once(
    seven: Play, lies: Lies, tries: list[int]
) -> None:
    """Two liars cost 10 quorums and a look at the rest; then a secret costs 3 interpolations."""
    assert opened(seven, lies).liars == {1, 2}
    assert len(tries) <= 2 * (10 + 4) + 6 * 3


def test_there_is_an_end_to_trying(
    seven: Play, tries: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST_SUBSETS", 9)
    assert opened(seven, {1: (3,), 2: (3,)}).liars == {3}  # the tenth quorum is right
    monkeypatch.setattr(opening, "MOST_SUBSETS", 8)
    tries.clear()
    with pytest.raises(Stuck):
        opened(seven, {1: (1,), 2: (1,)})
    assert len(tries) == 9


def test_more_false_answers_than_the_round_tolerates_open_nothing(seven: Play) -> None:
    with pytest.raises(Stuck) as refusal:
        opened(seven, dict.fromkeys((1, 2, 3, 4, 5), ((5, 7),)), inside=(1, 2, 3, 4, 5, 6))
    assert str(refusal.value) == (
        "the shares of a secret of centre 5 do not open its commitment; the masked vectors are "
        "kept: ask members that did not answer yet"
    )


def test_too_few_answers_open_nothing_and_lose_nothing(seven: Play) -> None:
    closed = seven.close(EVERYBODY)
    dg, marks = seven.sign(closed, EVERYBODY)
    answers = [seven.respond(closed, dg, marks, member) for member in (2, 5)]
    with pytest.raises(Stuck) as refusal:
        recover(seven.view, closed.contributions, answers)
    assert str(refusal.value) == (
        "2 members answered and 3 are needed to open a secret; nothing is lost: ask the others"
    )
