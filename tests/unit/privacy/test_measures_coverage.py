"""Intervals of follow-up figures hold what they say, from 200 people to 15,000.

People are drawn from chances that are known, then noise is added as a round adds it. Counts go
straight into the sum: other tests show that encoders put people where they belong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from encode_people import programme_of
from follow_up_people import DECLARED, Sums
from numpy.typing import NDArray

from privacy.encode.layout import make_layout
from privacy.estimate.figures import estimate
from privacy.estimate.tables import read_ask
from privacy.measures import diagonal
from privacy.measures.adjusted import AskTables
from privacy.measures.kinds import MEASURES
from privacy.noise.skellam import Skellam
from schemas.release import Cell, Figure
from schemas.statistic import Statistic, View

SIZES = (200, 500, 1_500, 5_000, 15_000)
CONTRIBUTORS, HONEST = 8, 6
REPEATS = 8
"""Draws of noise for the same people."""

GENDER: View = ("gender",)
Key = tuple[str, str, Cell]
Table = NDArray[np.int64]


@dataclass
class Tally:
    """How often intervals held the pooled truth, and the parameter behind it."""

    pooled: list[bool] = field(default_factory=list)
    behind: list[bool] = field(default_factory=list)

    def add(
        self, figures: Iterator[Figure], exact: dict[Key, float], true: dict[Key, float]
    ) -> None:
        for f in figures:
            key = (f.measure, f.variable, f.cell)
            if f.noise_lo is None or f.noise_hi is None or key not in exact:
                continue
            near = 1e-9 * max(1.0, abs(exact[key]))
            self.pooled.append(f.noise_lo - near <= exact[key] <= f.noise_hi + near)
            if f.lo is not None and f.hi is not None:
                self.behind.append(f.lo <= true[key] <= f.hi)


@dataclass
class Trial:
    """One statistic by itself, with views that make simulation quick."""

    statistic: Statistic
    price: int
    figures: Callable[[AskTables], Iterator[Figure]]
    sizes: tuple[int, ...] = SIZES

    def __post_init__(self) -> None:
        programme = programme_of((self.statistic, self.price), noise_variance=2**20)
        self.layout = make_layout(programme, [ask.key for ask in programme.asks])
        self.sums = Sums(self.layout)

    def read(self, total: Table) -> AskTables:
        ask = self.layout.asks[0]
        return read_ask(total, self.layout, ask, contributors=CONTRIBUTORS, honest=HONEST)

    def truth(self, table: Table) -> dict[Key, float]:
        """Every figure of a table (cells, lanes), by an estimator told that there is no noise."""
        tables = self.read(self.sums.of(table))
        quiet = {
            role: replace(there, variance=there.variance * 0, unit=0.0)
            for role, there in tables.roles.items()
        }
        exact = AskTables(tables.ask, tables.statistic, quiet)
        return {
            (f.measure, f.variable, f.cell): f.unadjusted
            for f in self.figures(exact)
            if f.unadjusted is not None
        }

    def run(self, chances: NDArray[np.float64], draws: int) -> Tally:
        """`chances`: of (cell of the last view, lane), in all 1."""
        rng, tally = np.random.default_rng(8), Tally()
        noise = Skellam(self.layout.noise_variance, HONEST)
        length, true = self.layout.length, self.truth_of(chances)
        for k in range(draws // REPEATS):
            flat = rng.multinomial(self.sizes[k % len(self.sizes)], chances.ravel())
            table = flat.reshape(chances.shape).astype(np.int64)
            exact, still = self.truth(table), self.sums.of(table)
            drawn = noise.share(REPEATS * CONTRIBUTORS * length, rng.bytes)
            for added in drawn.reshape(REPEATS, CONTRIBUTORS, length).sum(axis=1):
                tally.add(self.figures(self.read(still + added)), exact, true)
        return tally

    def truth_of(self, chances: NDArray[np.float64]) -> dict[Key, float]:
        """The figures of so many people that chance no longer plays."""
        return self.truth(np.round(chances * 10**9).astype(np.int64))


def trial(name: str, price: int = 8_000) -> Trial:
    statistic = next(s for s in DECLARED if s.id == name)
    if statistic.square is not None:
        square = statistic.square
        return Trial(statistic, price, lambda tables: diagonal.figures(tables, square))
    quick = statistic.model_copy(update={"views": ((), GENDER)})
    return Trial(quick, price, MEASURES[quick.measure.kind].figures)


def spread(*lanes: float) -> NDArray[np.float64]:
    """Chances of (gender, lane): women, men, others and unknown lean a little differently."""
    genders, tilt = np.array([0.5, 0.4, 0.06, 0.04]), np.linspace(-0.3, 0.3, len(lanes))
    table = np.array([np.array(lanes) * np.exp(k * tilt) for k in range(4)])
    found: NDArray[np.float64] = genders[:, None] * table / table.sum(axis=1, keepdims=True)
    return found


def jobs() -> list[float]:
    """Chances of (ended after 0..23 months), (held for 0..24), no job."""
    lost = 0.04 * 0.96 ** np.arange(24)
    seen = np.zeros(25)
    seen[[0, 3, 5, 6, 9, 11, 12, 18, 24]] = [0.03, 0.06, 0.08, 0.1, 0.06, 0.1, 0.15, 0.05, 0.12]
    return [*lost * 0.8, *seen * 0.75 / seen.sum(), 0.2]


def wages() -> list[float]:
    middle = np.arange(-950, 1_500, 100)
    return [*(0.6 * np.exp(-(((middle - 150) / 350) ** 2) / 2) / 8.8), 0.4]


def square(codes: int) -> NDArray[np.float64]:
    table = np.full((codes, codes), 0.2) + 3 * np.eye(codes)
    table *= np.linspace(2, 0.2, codes)[:, None] * np.linspace(2, 0.2, codes)[None, :]
    found: NDArray[np.float64] = (table / table.sum()).reshape(-1, 1)
    return found


CHANCES = {
    "completion": spread(0.6, 0.25, 0.15),
    "employer_participation": spread(0.15, 0.55, 0.3),
    "reorientation": spread(0.3, 0.15, 0.2, 0.25, 0.1),
    "training": spread(0.5, 0.12, 0.25, 0.13),
    "job_retention": spread(*jobs()),
    "time_to_job": spread(0.05, *(0.15 * 0.85 ** np.arange(12)), 0.09, 0.1),
    "wage_change": spread(*wages()),
    "desired_sector": square(23),
    "commuting": square(12),
}
PRICES = {"desired_sector": 200_000, "commuting": 40_000}
"""Micro-rho where it is not 8,000: a row of a matrix is thin."""
IN_BINS = ("time_to_job", "wage_change")
"""Intervals run over whole bins: they hold what they say, or more."""


@pytest.mark.parametrize("name", CHANCES)
@pytest.mark.slow
def test_intervals_hold_the_pooled_truth_and_the_chances_behind_it(name: str) -> None:
    tally = trial(name, PRICES.get(name, 8_000)).run(CHANCES[name], 2_000)
    assert len(tally.pooled) > 10_000
    most = 1.0 if name in IN_BINS else 0.97
    assert 0.93 <= np.mean(tally.pooled) <= most
    assert 0.93 <= np.mean(tally.behind) <= most


@pytest.mark.parametrize("name", CHANCES)
@pytest.mark.slow
def test_what_is_said_of_few_people_is_honest(name: str) -> None:
    """People hardly above their noise: most is not given, what is given holds nearly as often.

    Only where noise made the few look like more is anything said, which costs some coverage.
    """
    few = trial(name, PRICES.get(name, 8_000) // 4)
    few.sizes = (600, 1_200)
    tally = few.run(CHANCES[name], 240)
    assert len(tally.pooled) > 50
    assert np.mean(tally.pooled) >= 0.92
    assert np.mean(tally.behind) >= 0.92


@pytest.mark.parametrize("name", ["matching_balance", "coverage"])
@pytest.mark.slow
def test_counts_hold_the_pooled_truth(name: str) -> None:
    """Hundreds of cells in each draw; the few draws know it well enough."""
    statistic = next(s for s in DECLARED if s.id == name)
    programme = programme_of((statistic, 8_000), noise_variance=2**20)
    layout = make_layout(programme, [ask.key for ask in programme.asks])
    rng, noise, held = np.random.default_rng(3), Skellam(2**20, HONEST), []
    sums, cells = Sums(layout), layout.blocks[-1].cells
    for k in range(30):
        people = rng.multinomial(SIZES[k % 5], np.full(cells, 1 / cells)).reshape(-1, 1)
        exact = sums.of(people)
        drawn = noise.share(layout.length * CONTRIBUTORS, rng.bytes)
        total = exact + drawn.reshape(CONTRIBUTORS, -1).sum(axis=0)
        figures = estimate(total, layout, contributors=CONTRIBUTORS, honest=HONEST)
        assert len(figures) == layout.length
        steps = np.repeat([b.multiplier for b in layout.blocks], [b.size for b in layout.blocks])
        for f, true in zip(figures, exact / steps, strict=True):
            assert f.noise_lo is not None
            assert f.noise_hi is not None
            held.append(f.noise_lo <= true <= f.noise_hi)
    assert 0.93 <= np.mean(held) <= 0.97
