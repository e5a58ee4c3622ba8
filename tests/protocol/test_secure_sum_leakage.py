"""Nobody learns more than one sum over enough centres; and mutants of the protocol that die."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from adversary import secret_of, without_masks
from cast import Play, make_cast, play
from hypothesis import given, settings
from hypothesis import strategies as st
from leakage import Adversary, Secret, learnt, null_combinations

from privacy.secure_sum import unmask
from privacy.secure_sum.view import RoundView

pytestmark = pytest.mark.slow

CORRUPT = [(), (1,), (2,), (3,), (4,), (5,)]


SEVEN = (0, *range(1001, 1007))
"""The witnesses of `watched`; f = 3, t = 4, q = 6."""
LYING = [(1002, 1004, 1006), (1, 1001, 1002, 1003), (5, 0, 1003, 1005)]
"""As many of them as are tolerated, alone and with a centre."""


@pytest.fixture(scope="module")
def watched() -> Play:
    """Five centres and seven witnesses; floor 4."""
    return play(make_cast(5, witnesses=7))


def with_limits(seen: RoundView, **changes: int) -> RoundView:
    """The same round under other parameters: what a weaker protocol would accept."""
    weaker = seen.parameters.model_copy(update=changes)
    descriptor = seen.descriptor.model_copy(update={"parameters": weaker})
    return RoundView(seen.rid, descriptor, seen.roster, seen.prekeys)


def first_finding(adversary: Adversary) -> str | None:
    findings = map(adversary.finds, adversary.strategies())
    return next((found for found in findings if found), None)


@pytest.mark.parametrize("corrupt", CORRUPT)
def test_no_strategy_of_coordinator_and_colluder_learns_more_than_one_sum(
    five: Play, corrupt: tuple[int, ...]
) -> None:
    """Every choice of the set that each honest member signs, 7^4 and 7^5 of them."""
    assert first_finding(Adversary(five, corrupt, five.view)) is None


@pytest.mark.parametrize("corrupt", CORRUPT)
def test_an_honest_run_determines_exactly_the_sum_over_the_honest_part_of_the_set(
    five: Play, corrupt: tuple[int, ...]
) -> None:
    adversary = Adversary(five, corrupt, five.view)
    for ids in adversary.sets():
        known = adversary._known(dict.fromkeys(adversary.honest, (ids,)))
        inside = {node: 1 for node in ids if node not in corrupt}
        found = learnt(five.view.active, corrupt, known)
        assert [{n: c / next(iter(f.values())) for n, c in f.items()} for f in found] == [inside]


@pytest.mark.parametrize("corrupt", LYING)
def test_no_strategy_of_coordinator_and_lying_witnesses_learns_more_than_one_sum(
    watched: Play, corrupt: tuple[int, ...]
) -> None:
    """Every choice of the set that each of the four honest witnesses signs, 7^4 of them."""
    adversary = Adversary(watched, corrupt, watched.view)
    assert len(adversary.honest) == 4
    assert first_finding(adversary) is None
    for ids in adversary.sets():
        known = adversary._known(dict.fromkeys(adversary.honest, (ids,)))
        centres = adversary.corrupt_centres
        inside = {node: 1 for node in ids if node not in centres}
        found = learnt(watched.view.active, centres, known)
        assert [{n: c / next(iter(f.values())) for n, c in f.items()} for f in found] == [inside]


@pytest.mark.parametrize("change", [{"quorum": 5}, {"threshold": 3}])
def test_mutants_with_a_lower_quorum_or_threshold_of_witnesses_are_flagged(
    watched: Play, change: dict[str, int]
) -> None:
    weaker = with_limits(watched.view, **change)
    assert first_finding(Adversary(watched, LYING[0], weaker)) is not None


def test_mutant_witnesses_that_give_both_shares_are_flagged(
    watched: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmask, "wanted", everything)
    found = first_finding(Adversary(watched, LYING[0], watched.view, wanted=everything))
    assert found is not None
    assert "combinations of inputs" in found


def test_as_many_witnesses_as_open_a_secret_read_one_centres_vector(watched: Play) -> None:
    """What is said in plain words: the coordinator and any t witnesses together can do this."""
    any_four = SEVEN[1:5]
    seeds = {peer: secret_of(watched, 1, peer, any_four) for peer in (2, 3, 4, 5)}
    own = secret_of(watched, 1, 1, any_four)
    read = without_masks(watched.view, watched.bodies[1], own, seeds)
    assert np.array_equal(read, watched.vectors[1])
    assert first_finding(Adversary(watched, any_four, watched.view)) is not None


@pytest.fixture(scope="module")
def seven() -> Play:
    return play(make_cast(7))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_two_colluders_among_seven_learn_no_more_than_one_sum_either(
    seven: Play, data: st.DataObject
) -> None:
    corrupt = tuple(sorted(data.draw(st.sets(st.integers(1, 7), min_size=2, max_size=2))))
    adversary = Adversary(seven, corrupt, seven.view)
    sets = [(), *((ids,) for ids in adversary.sets())]
    favourites = data.draw(st.lists(st.sampled_from(sets), min_size=1, max_size=3))
    strategy = {node: data.draw(st.sampled_from(favourites)) for node in adversary.honest}
    assert adversary.finds(strategy) is None


# Mutants: each weakens one check, and an attack then succeeds.


def everything(seen: RoundView, in_set: Sequence[int]) -> list[Secret]:
    """A member that gives both kinds of shares of every centre in the set."""
    return [(i, j) for i in sorted(in_set) for j in seen.active]


def test_mutant_both_shares_answered_is_flagged(
    five: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmask, "wanted", everything)
    found = first_finding(Adversary(five, (5,), five.view, wanted=everything))
    assert found is not None
    assert "combinations of inputs" in found


def test_mutant_both_shares_answered_really_reads_one_centres_vector(five: Play) -> None:
    """The finding is no artefact of the algebra: with these seeds the vector is there."""
    seeds = {peer: secret_of(five, 1, peer, (2, 3)) for peer in (2, 3, 4, 5)}
    own = secret_of(five, 1, 1, (2, 3))
    assert np.array_equal(without_masks(five.view, five.bodies[1], own, seeds), five.vectors[1])


def test_mutant_without_a_certificate_check_is_flagged(
    five: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmask, "check_quorum", lambda *_: None)
    assert first_finding(Adversary(five, (5,), five.view)) is not None


def test_mutant_that_signs_and_answers_two_sets_is_flagged(five: Play) -> None:
    adversary = Adversary(five, (5,), five.view, sets_each=2)
    both = ((1, 2, 3, 5), (1, 2, 4, 5))
    found = adversary.finds(dict.fromkeys(adversary.honest, both))
    assert found is not None
    assert "combinations of inputs" in found


def test_mutant_with_the_threshold_as_quorum_is_flagged(five: Play) -> None:
    weaker = with_limits(five.view, quorum=five.view.parameters.threshold)
    assert first_finding(Adversary(five, (5,), weaker)) is not None


def test_mutant_with_a_quorum_one_lower_is_flagged(five: Play) -> None:
    """So q is not merely large enough: it is the least that holds."""
    weaker = with_limits(five.view, quorum=five.view.parameters.quorum - 1)
    assert first_finding(Adversary(five, (5,), weaker)) is not None


def test_mutant_with_a_threshold_of_the_tolerated_number_is_flagged(five: Play) -> None:
    weaker = with_limits(five.view, threshold=five.view.parameters.corrupt)
    assert first_finding(Adversary(five, (5,), weaker)) is not None


def test_mutant_with_a_floor_of_two_is_flagged(five: Play) -> None:
    weaker = with_limits(five.view, floor=2)
    adversary = Adversary(five, (5,), weaker)
    found = adversary.finds(dict.fromkeys(adversary.honest, ((1, 5),)))
    assert found == "the sum of too few: [1]"


@pytest.mark.parametrize("corrupt", [(4, 5), (1, 2)])
def test_more_colluders_than_tolerated_are_flagged(five: Play, corrupt: tuple[int, int]) -> None:
    """The oracle sees where the promise ends: two corrupt members of five, where f = 1."""
    assert first_finding(Adversary(five, corrupt, replace(five.view))) is not None


def test_elimination_finds_every_combination_that_cancels() -> None:
    rows = [[Fraction(n) for n in row] for row in ([1, 2], [2, 4], [0, 1], [1, 3])]
    found = null_combinations(rows)
    assert len(found) == 2
    for combination in found:
        for column in range(2):
            assert sum(c * row[column] for c, row in zip(combination, rows, strict=True)) == 0
