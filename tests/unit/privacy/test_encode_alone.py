"""A round under Polya noise: one ask, pure epsilon, multipliers no larger than they need be."""

import math
from fractions import Fraction

import numpy as np
import pytest
from cast import tape
from encode_people import crowd, declared, programme_of
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.encode.layout import Layout, NotAlone, make_layout
from privacy.encode.multipliers import balanced
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.noise.polya import Polya
from privacy.noise.skellam import Skellam
from schemas.measures import Count, Mean, Share
from schemas.programme import Programme

COUNT = declared("counted", Count())
SHARE = declared("shared", Share(outcome="durable_match"))
MEAN = declared(
    "averaged",
    Mean(
        variables=("meaning", "autonomy"), value="level", centres=(3_000, 3_000),
        lower=-2_000, upper=2_000, norm=2_500,
    ),
)  # fmt: skip


def alone(statistic, price: int = 20_000) -> tuple[Programme, Layout]:  # type: ignore[no-untyped-def]
    programme = programme_of((statistic, price), noise="polya")
    return programme, make_layout(programme, [ask.key for ask in programme.asks])


@given(price=st.integers(500, 500_000))
@settings(max_examples=100, deadline=None)
def test_epsilon_is_the_largest_that_the_price_buys(price: int) -> None:
    _, layout = alone(COUNT, price)
    assert layout.epsilon is not None
    assert layout.cost <= layout.declared == price
    step = Fraction(1, 1_000_000)
    assert (layout.epsilon + step) ** 2 / 2 * 1_000_000 > price
    assert layout.noise(6).epsilon == layout.epsilon  # type: ignore[union-attr]


def test_counts_are_multiplied_by_no_more_than_their_shares_need() -> None:
    """The national total pays a quarter: half the precision of the other views."""
    _, layout = alone(COUNT)
    assert [block.multiplier for block in layout.blocks] == [1, 2, 2]
    assert layout.moved.d1 == 5
    assert [block.multiplier for block in alone(SHARE)[1].blocks] == [1, 2, 2]


def test_the_declared_variance_is_that_of_the_discrete_laplace_distribution() -> None:
    """2 a / (1 - a)^2 with a = exp(-epsilon / D1) = exp(-0.2 / 5), rounded up; more with more."""
    _, layout = alone(COUNT)
    a = math.exp(-0.04)
    variance = 2 * a / (1 - a) ** 2
    assert layout.noise_variance == math.ceil(variance) == 1_250
    found = layout.variance_of_sum(contributors=9, honest=6)
    assert found == pytest.approx(1.5 * variance)


def test_the_noise_of_a_layout_is_that_of_its_family() -> None:
    plain = make_layout(programme_of((COUNT, 20_000), noise_variance=2**20), ["counted@12m"])
    assert plain.noise(6) == Skellam(2**20, 6)
    assert plain.variance_of_sum(contributors=9, honest=6) == pytest.approx(1.5 * 2**20)
    _, layout = alone(COUNT)
    assert layout.noise(6) == Polya(Fraction(1, 5), Fraction(5), 6)


def test_rounding_adds_at_most_a_thirty_second_to_what_a_person_moves() -> None:
    _, layout = alone(MEAN, 100_000)
    for block in layout.blocks:
        exact = block.part.unit_d1 * block.multiplier
        assert block.moved.d1 == exact + (0 if block.part.whole else 2)
        assert block.moved.d1 <= exact * Fraction(33, 32)


shares = st.fractions(Fraction(1, 1000), Fraction(1))
norms = st.fractions(Fraction(1, 10), Fraction(60))


@pytest.mark.heavy
@given(st.lists(st.tuples(shares, norms, st.sampled_from([1, 32])), min_size=1, max_size=12))
def test_multipliers_keep_relative_precision_within_five_percent(
    parts: list[tuple[Fraction, Fraction, int]],
) -> None:
    found = balanced(parts)
    wanted = [math.sqrt(share / d2_squared) for share, d2_squared, _ in parts]
    scale = [m / w for m, w in zip(found, wanted, strict=True)]
    assert max(scale) / min(scale) < 1.05 / 0.95 + 1e-9
    assert all(m >= least for m, (_, _, least) in zip(found, parts, strict=True))
    assert min(found) >= 1


def test_no_other_ask_stands_beside_it() -> None:
    programme = programme_of((COUNT, 20_000), (SHARE, 20_000), noise="polya")
    with pytest.raises(NotAlone):
        make_layout(programme, [ask.key for ask in programme.asks])


def test_a_price_that_asks_for_endless_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="too low for Polya"):
        alone(MEAN, 1)


def test_the_digest_tells_the_families_apart() -> None:
    plain = make_layout(programme_of((COUNT, 20_000)), ["counted@12m"])
    assert alone(COUNT)[1].digest() != plain.digest()
    assert alone(COUNT)[1].digest() != alone(COUNT, 20_001)[1].digest()


@pytest.mark.parametrize("statistic", [COUNT, SHARE, MEAN])
def test_nobody_moves_the_vector_further_than_is_paid_for(statistic) -> None:  # type: ignore[no-untyped-def]
    """Pure privacy is paid for in L1: each of 300 people alone, and the bound of her entries."""
    programme, layout = alone(statistic, 100_000)
    for person in crowd(300, seed=5):
        moved = np.abs(encode([person], layout, programme))
        assert moved.sum() <= layout.moved.d1
        assert sorted(moved[moved > 0], reverse=True)[:1] <= [max(b.most for b in layout.blocks)]


def test_the_promise_is_pure_and_weakens_gently() -> None:
    _, layout = alone(COUNT)
    kept = layout.guarantee(8, 1e-6)
    assert kept.epsilon == pytest.approx(0.2)
    assert kept.epsilon_twice == pytest.approx(0.4)
    assert kept.odds == pytest.approx(100 * math.exp(0.2) / (1 + math.exp(0.2)))
    rows = kept.if_fewer()
    assert [row.honest for row in rows] == [8, 6, 4, 2]
    assert rows[0].epsilon == pytest.approx(0.2, rel=1e-6)
    assert [row.epsilon for row in rows] == sorted(row.epsilon for row in rows)
    assert rows[0].rho == 20_000
    assert layout.shifts == {1: 1, 2: 2}


@pytest.mark.heavy
@pytest.mark.parametrize(("contributors", "honest"), [(10, 8), (10, 6), (8, 8)])
def test_intervals_hold_the_truth_as_often_under_longer_tails(
    contributors: int, honest: int
) -> None:
    """Polya noise is peaked: 95% of it reaches further than 1.96 standard errors."""
    programme, layout = alone(COUNT)
    exact = encode(crowd(400, seed=3), layout, programme)
    truth = [f.estimate for f in estimate(exact, layout, contributors=1, honest=1)]
    noise, random = layout.noise(honest), tape(f"alone {contributors} {honest}")
    held = []
    for _ in range(300):
        noisy = exact + noise.part(Fraction(1), layout.length, random)
        if contributors > honest:
            more = Fraction(contributors - honest, honest)
            noisy = noisy + noise.part(more, layout.length, random)
        for one, right in zip(
            estimate(noisy, layout, contributors=contributors, honest=honest), truth, strict=True
        ):
            held.append(one.noise_lo <= right <= one.noise_hi)  # type: ignore[operator]
    assert len(held) > 2_000
    assert 0.93 <= np.mean(held) <= 0.97


@pytest.mark.parametrize(
    ("price", "half"), [(500_000, 3), (20_000, 15)], ids=["epsilon 1", "epsilon 0.2"]
)
def test_the_interval_of_one_count_is_that_of_its_discrete_laplace_noise(
    price: int, half: int
) -> None:
    """P(|X| > k) = 2 a^(k+1) / (1 + a) with a = e^-epsilon: at most 5% from k = 3, or 15."""
    statistic = declared("counted", Count(), views=((),))
    _, layout = alone(statistic, price)
    (figure,) = estimate(np.array([100]), layout, contributors=6, honest=6)
    assert (figure.noise_lo, figure.noise_hi) == (100 - half, 100 + half)
