"""Follow-up figures can be made again: whoever repeats the estimate finds the same ones."""

import itertools

import numpy as np
import pytest
from encode_people import programme_of
from follow_up_people import DECLARED, people
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.inference.quantiles import Binned
from privacy.noise.skellam import Skellam
from privacy.verify import ReleaseRefused, _compare
from schemas.release import Figure

QUICK = tuple(s for s in DECLARED if s.id not in ("desired_sector", "matching_balance"))
PROGRAMME = programme_of(*((statistic, 40_000) for statistic in QUICK), noise_variance=2**20)
LAYOUT: Layout = make_layout(PROGRAMME, [ask.key for ask in PROGRAMME.asks])


def made(total: NDArray[np.int64]) -> tuple[Figure, ...]:
    return estimate(total, LAYOUT, contributors=6, honest=5)


@pytest.fixture(scope="module")
def total() -> NDArray[np.int64]:
    noise = Skellam(PROGRAMME.noise_variance, 5).share(
        LAYOUT.length * 6, np.random.default_rng(2).bytes
    )
    return encode(people(1_500, 7), LAYOUT, PROGRAMME) + noise.reshape(6, -1).sum(axis=0)


@pytest.fixture(scope="module")
def figures(total: NDArray[np.int64]) -> tuple[Figure, ...]:
    return made(total)


@pytest.mark.heavy
def test_the_same_sum_gives_the_same_figures(
    total: NDArray[np.int64], figures: tuple[Figure, ...]
) -> None:
    np.random.default_rng().normal(size=3)  # whatever others draw does not matter
    assert made(total.copy()) == figures
    assert {f.measure for f in figures} == {"count", "share", "answered", "quantile", "survival"}


def test_figures_that_were_written_down_are_verified(
    total: NDArray[np.int64], figures: tuple[Figure, ...]
) -> None:
    _compare([Figure.model_validate_json(f.model_dump_json()) for f in figures], made(total))


@pytest.mark.parametrize("measure", ["share", "quantile", "survival"])
def test_a_changed_figure_is_found_out(
    measure: str, total: NDArray[np.int64], figures: tuple[Figure, ...]
) -> None:
    changed = list(figures)
    place = next(k for k, f in enumerate(figures) if f.measure == measure and f.hi is not None)
    changed[place] = figures[place].model_copy(update={"hi": figures[place].hi + 1e-3})  # type: ignore[operator]
    with pytest.raises(ReleaseRefused, match=f"{measure}.* does not follow"):
        _compare(changed, made(total))


@given(
    counts=st.lists(st.integers(-30, 200), min_size=2, max_size=30),
    variance=st.sampled_from([0.0, 1.0, 25.0, 400.0]),
    percent=st.integers(1, 99),
)
def test_a_quantile_lies_within_its_intervals_and_they_within_the_edges(
    counts: list[int], variance: float, percent: int
) -> None:
    edges = list(range(0, 10 * len(counts) + 1, 10))
    binned = Binned.of(edges, np.array(counts, dtype=np.float64), variance)
    if not binned.enough:
        return
    (lo, hi), (low, high) = (binned.interval(percent / 100, sampling=s) for s in (False, True))
    ends = [edges[0], low, lo, binned.quantile(percent / 100), hi, high, edges[-1]]
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(ends))


@pytest.mark.parametrize(("variance", "ends"), [(103.0, (20, 59)), (105.0, (0, 79))])
def test_an_interval_runs_over_bins_whose_edges_are_not_significantly_off(
    variance: float, ends: tuple[float, float]
) -> None:
    """Twenty people on each of four bins: D is 20 at either inner edge."""
    binned = Binned.of([0, 20, 40, 60, 80], np.full(4, 20.0), variance)
    assert 20**2 / 103 > 1.959963984540054**2 > 20**2 / 105
    assert binned.interval(0.5) == ends


@pytest.mark.parametrize(("variance", "ends"), [(375.0, (20, 59)), (378.0, (0, 79))])
def test_sampling_adds_what_drawing_people_does_to_how_many_lie_below(
    variance: float, ends: tuple[float, float]
) -> None:
    """Forty on each: D is 40 at the inner edges, and 160 people add 40 to its variance."""
    binned = Binned.of([0, 20, 40, 60, 80], np.full(4, 40.0), variance)
    assert 40**2 / (375 + 40) > 1.959963984540054**2 > 40**2 / (378 + 40)
    assert binned.interval(0.5, sampling=True) == ends
