"""Committee, thresholds and floor, from the roster alone."""

import hashlib
import math
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.secure_sum.parameters import (
    Policy,
    attendance_floor,
    attendance_levels,
    chance_of_abort,
    check_parameters,
    check_thresholds,
    colluders,
    committee_of,
    parameters_of,
)
from privacy.secure_sum.refusal import BadDescriptor, BadRoster, BelowPolicy
from schemas.roster import Centre, Roster
from schemas.units import UnixSeconds

FEW_FAIL = Fraction(3, 100)


def roster_of(n: int, firm: Callable[[int], str] = str) -> Roster:
    return Roster(
        epoch=1, previous=None, seed="ab" * 32, coordinator="cd" * 32,
        valid_from=UnixSeconds(0), valid_until=UnixSeconds(9),
        centres=tuple(
            Centre(
                id=k, name=f"c{k}", key=f"{k:064x}", organisation=f"f{firm(k)}",
                recognised_number=str(k),
            )
            for k in range(1, n + 1)
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (7, (7, 2, 3, 5, 6, 5)),
        (10, (10, 3, 4, 7, 8, 6)),
        (39, (39, 12, 13, 26, 32, 25)),
        (100, (100, 33, 34, 67, 90, 70)),
        (101, (100, 40, 41, 71, 91, 71)),
        (250, (100, 40, 41, 71, 225, 175)),
        (1000, (100, 40, 41, 71, 950, 750)),
    ],
)
def test_a_roster_gives_its_committee_corrupt_threshold_quorum_floor_and_honest(
    n: int, expected: tuple[int, ...]
) -> None:
    found = parameters_of(roster_of(n), n, Policy(), remove_excess=False)
    assert tuple(found.model_dump().values()) == (*expected, ())


@pytest.mark.parametrize(
    ("n", "floor", "levels"),
    [
        (7, 6, (7,)),
        (10, 8, (9, 10)),
        (40, 32, tuple(range(33, 41))),
        (100, 80, (82, 85, 88, 91, 94, 97, 100)),
        (250, 200, (201, 208, 215, 222, 229, 236, 243, 250)),
    ],
)
def test_where_excess_noise_comes_off_the_floor_is_the_policys_and_levels_lead_up(
    n: int, floor: int, levels: tuple[int, ...]
) -> None:
    found = parameters_of(roster_of(n), n, Policy())
    assert (found.floor, found.levels) == (floor, levels)
    assert found.honest_at == tuple(u - n // 5 for u in (floor, *levels))


@given(active=st.integers(1, 1000), missing=st.integers(0, 400))
def test_levels_are_few_and_rise_from_above_the_floor_to_everybody(
    active: int, missing: int
) -> None:
    floor = max(1, active - missing)
    levels = attendance_levels(floor, active)
    assert len(levels) <= 8
    assert list(levels) == sorted(set(levels))
    assert (levels[0] > floor and levels[-1] == active) if levels else floor == active


def test_a_set_reaches_the_levels_that_are_not_above_it() -> None:
    found = parameters_of(roster_of(100), 100, Policy())
    assert [found.reached(u) for u in (80, 81, 82, 99, 100)] == [0, 0, 1, 6, 7]


def test_up_to_a_hundred_centres_are_all_on_the_committee() -> None:
    assert committee_of(roster_of(100), 7) == tuple(range(1, 101))


def test_the_committee_of_a_larger_roster_is_the_hundred_with_the_lowest_hashes() -> None:
    """Computed a second way: SHA-256 over length-prefixed parts."""

    def rank(node: int) -> bytes:
        parts = (b"wegwijs-sum/1", b"committee", b"\xab" * 32, bytes(7) + b"\7", bytes([0, node]))
        return hashlib.sha256(b"".join(bytes(7) + bytes([len(p)]) + p for p in parts)).digest()

    lowest = sorted(range(1, 131), key=rank)[:100]
    assert committee_of(roster_of(130), 7) == tuple(sorted(lowest))


@pytest.mark.parametrize("n", range(1, 103))
def test_two_certificates_cannot_exist_nor_one_beside_an_abandonment(n: int) -> None:
    policy = Policy(colluding=Fraction(0), least_honest=1)
    found = parameters_of(roster_of(n), n, policy)
    honest = found.committee - found.corrupt
    assert 2 * found.quorum - found.committee > found.corrupt
    assert found.corrupt < found.threshold <= found.quorum <= found.committee
    assert found.committee + found.corrupt - found.quorum < found.quorum  # after abandoning
    if n <= 100:
        assert found.quorum <= honest  # so that silent liars cannot stop a round
    check_thresholds(found, roster_of(n))


@given(active=st.integers(40, 120), floor=st.integers(0, 120))
def test_the_chance_of_an_abort_is_a_probability_that_grows_with_the_floor(
    active: int, floor: int
) -> None:
    low, high = (chance_of_abort(active, floor + more, FEW_FAIL) for more in (0, 1))
    assert 0 <= low <= high <= 1
    assert chance_of_abort(active, active + 1, FEW_FAIL) == 1


def test_the_chance_of_an_abort_of_two_that_must_both_stay() -> None:
    assert chance_of_abort(2, 2, Fraction(1, 10)) == 1 - Fraction(9, 10) ** 2


@pytest.mark.parametrize("n", [40, 60, 100])
def test_a_raised_floor_is_the_highest_that_rarely_aborts(n: int) -> None:
    floor = attendance_floor(n, n, Policy(), FEW_FAIL)
    assert chance_of_abort(n, floor, FEW_FAIL) <= Fraction(1, 100)
    assert floor >= 0.8 * n


@pytest.mark.parametrize(("n", "floor"), [(39, 32), (40, 36), (44, 40), (45, 39), (49, 42)])
def test_a_floor_is_raised_from_forty_centres_and_for_a_risk_of_one_in_a_hundred(
    n: int, floor: int
) -> None:
    """With 45 to 49 centres a floor of 90% would end 1.1% to 1.6% of rounds, so 85% is taken."""
    assert attendance_floor(n, n, Policy(), FEW_FAIL) == floor
    if n >= 45:
        nine_tenths = math.ceil(Fraction(9, 10) * n)
        assert 0.01 < chance_of_abort(n, nine_tenths, FEW_FAIL) < 0.02


def test_a_floor_is_not_raised_where_centres_often_fail() -> None:
    assert attendance_floor(50, 50, Policy(), Fraction(1, 2)) == 40


def test_a_small_region_keeps_the_floor_of_its_policy() -> None:
    assert attendance_floor(39, 39, Policy(), FEW_FAIL) == 32


@pytest.mark.parametrize(
    ("firms", "share", "expected"),
    [
        (str, Fraction(1, 5), 4),
        (lambda k: str(k % 10), Fraction(1, 5), 4),
        (lambda k: str(min(k, 11)), Fraction(1, 5), 11),
        (lambda k: "one", Fraction(1, 5), 4),
        (str, Fraction(0), 0),
    ],
)
def test_colluders_are_the_largest_organisations(
    firms: Callable[[int], str], share: Fraction, expected: int
) -> None:
    """Twenty centres; a fifth of them at the least."""
    assert colluders(roster_of(20, firms), share) == expected


def test_a_roster_that_colluders_could_outvote_gets_no_parameters() -> None:
    with pytest.raises(BadRoster, match="cannot outvote"):
        parameters_of(roster_of(20, lambda k: str(min(k, 11))), 20, Policy())


def test_thresholds_of_a_larger_roster_are_not_those_of_a_smaller() -> None:
    with pytest.raises(BadDescriptor, match="not those of the roster"):
        check_thresholds(parameters_of(roster_of(10), 10, Policy()), roster_of(11))


def test_a_floor_of_everybody_is_allowed() -> None:
    right = parameters_of(roster_of(10), 10, Policy())
    check_parameters(right.model_copy(update={"floor": 10}), roster_of(10), Policy())


@pytest.mark.parametrize("floor", [7, 11])
def test_a_floor_below_policy_or_above_the_roster_is_refused(floor: int) -> None:
    right = parameters_of(roster_of(10), 10, Policy())
    check_parameters(right, roster_of(10), Policy())
    with pytest.raises(BelowPolicy, match="floor is lower"):
        check_parameters(
            right.model_copy(update={"floor": floor, "honest": 5}), roster_of(10), Policy()
        )
