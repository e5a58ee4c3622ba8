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
from privacy.estimate.quantiles import Binned
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


def test_an_interval_ends_where_the_difference_is_just_significant() -> None:
    """Twenty people on each of four bins: by hand, D at t is t - 40 in the inner bins."""
    binned = Binned.of([0, 20, 40, 60, 80], np.full(4, 20.0), 1.0)
    lo, hi = binned.interval(0.5)
    assert hi - 40 == pytest.approx(40 - lo)
    share = (hi - 40) / 20
    sd = np.sqrt(2 * 0.25 + (share - 0.5) ** 2 + 0.25)
    assert hi - 40 == pytest.approx(1.959963984540054 * sd)


@pytest.mark.parametrize("q", [0.3, 0.5, 0.6])
def test_sampling_is_what_drawing_people_does_within_a_bin_too(q: float) -> None:
    """At the ends D is just significant against the spread of its terms 1, f and 0, by hand."""
    binned = Binned.of([0, 20, 40, 60, 80], np.full(4, 40.0), 1.0)
    for end in binned.interval(q, sampling=True):
        below, share = divmod(end / 20, 1)
        noise = below * (1 - q) ** 2 + (share - q) ** 2 + (3 - below) * q**2
        parts = [q - share / 4, 1 / 4]  # chances of lying below the bin and in it, were q true
        drawn = 160 * (parts[0] + share**2 * parts[1] - q**2)
        distance = 40 * (below + share) - 160 * q
        assert abs(distance) == pytest.approx(1.959963984540054 * np.sqrt(noise + drawn))
