"""The diagonal of a square table: who stays, of all and of each row, worked by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from ask_tables import Given, tables_of

from privacy.inference.reach import Z95
from privacy.measures import diagonal
from privacy.measures.adjusted import Adjusted, AskTables
from privacy.measures.kinds import MEASURES
from schemas.measures import Count

SQUARE = ("sector_before", "sector_12m")
SIZE = 23


def square(noise: float = 0.25) -> tuple[AskTables, np.ndarray]:
    """30 stay and 10 leave in the first row, 4 of 8 in the second; five are not known."""
    cells = np.zeros((SIZE, SIZE))
    cells[0, 0], cells[0, 1], cells[1, 1], cells[1, 0] = 30, 10, 4, 4
    cells[0, -1], cells[-1, 0], cells[-1, -1] = 3, 1, 1
    size = SIZE * SIZE
    covariances = np.eye(size + 1)
    covariances[1, 2] = covariances[2, 1] = 0.5  # two cells of the first row
    covariances[1, SIZE + 2] = covariances[SIZE + 2, 1] = -0.25  # two on the diagonal
    table = np.concatenate([[cells.sum()], cells.ravel()])[:, None]
    starts = (0, 1, size + 1)
    given = Given(covariances, starts)
    counts = Adjusted(table, np.full(size + 1, noise), starts, given, noise)
    views = ((), SQUARE)
    return tables_of(Count(diagonal=True), {"count": counts}, views=views), cells


def test_the_diagonal_is_a_share_of_all_and_of_each_known_row() -> None:
    tables, _ = square()
    found = list(diagonal.figures(tables, SQUARE))
    assert len(found) == SIZE
    assert [f.cell for f in found[:2]] == [(), (("sector_before", "A"),)]
    assert {f.measure for f in found} == {"share"}
    nation, first, second = found[:3]
    assert nation.estimate == pytest.approx(34 / 48)
    assert (nation.n, nation.response) == (48, pytest.approx(48 / 53))
    assert first.estimate == 0.75
    assert (first.n, first.response) == (40, pytest.approx(40 / 43))
    assert first.sampling_se == pytest.approx(math.sqrt(0.75 * 0.25 / 40))
    assert second.estimate is None  # 8 people against 22 noisy cells
    assert (second.n, second.band) == (8, "F")


def test_its_noise_is_that_of_the_whole_covariance() -> None:
    """Var(a'x) of slopes (1 - p) / n on the diagonal and -p / n beside it, over 22 columns."""
    tables, cells = square(0.01)
    counts = tables.roles["count"]
    within = counts.covariance_within(1)
    assert (within[0, 0], within[0, 1], within[0, SIZE + 1]) == (0.01, 0.005, -0.0025)
    known = np.zeros((SIZE, SIZE))
    known[:-1, :-1] = 1
    for figure, rows in zip(list(diagonal.figures(tables, SQUARE))[:3], ([*range(22)], [0], [1]),
                            strict=True):  # fmt: skip
        there = np.zeros_like(known)
        there[rows] = known[rows]
        n = (there * cells).sum()
        p = (there * np.eye(SIZE) * cells).sum() / n
        slopes = (there * (np.eye(SIZE) - p)).ravel() / n
        assert figure.estimate == pytest.approx(p)
        assert figure.noise_se == pytest.approx(math.sqrt(slopes @ within @ slopes))


def test_the_diagonal_is_judged_by_a_tenth_or_by_what_is_declared() -> None:
    """Of the 40 of the first row: a half-width of 1.96 x 0.0685, which is 0.134."""
    tables, _ = square(1e-6)
    first = list(diagonal.figures(tables, SQUARE))[1]
    assert (first.hi or 0) - (first.lo or 0) == pytest.approx(2 * Z95 * 0.0685, rel=0.01)
    assert first.band == "D"
    wide = tables.statistic.model_copy(update={"resolution": 200})
    assert list(diagonal.figures(replace(tables, statistic=wide), SQUARE))[1].band == "C"


@pytest.mark.heavy
def test_a_count_with_a_diagonal_gives_its_cells_and_then_the_shares() -> None:
    tables, cells = square()
    found = list(MEASURES["count"].figures(tables))
    assert [f.measure for f in found] == ["count"] * (1 + SIZE * SIZE) + ["share"] * SIZE
    assert found[1].unadjusted == 30
    plain = tables.statistic.model_copy(update={"measure": Count()})
    assert {f.measure for f in MEASURES["count"].figures(replace(tables, statistic=plain))} == {
        "count"
    }
    assert cells.sum() == 53


def test_cells_of_a_square_without_its_margins_are_independent() -> None:
    tables, _ = square(0.01)
    alone = replace(tables.roles["count"], covariances=None)
    found = list(diagonal.figures(replace(tables, roles={"count": alone}), SQUARE))[1]
    p, n = 0.75, 40
    assert found.noise_se == pytest.approx(0.1 / n * math.sqrt((1 - p) ** 2 + 21 * p**2))


def test_a_diagonal_beyond_1_has_no_sampling_error() -> None:
    """Noise left minus ten who leave the first row: 30 of 20 stay."""
    tables, _ = square(1e-6)
    counts = tables.roles["count"]
    turned = counts.table.copy()
    turned[2] = -10
    changed = replace(tables, roles={"count": replace(counts, table=turned)})
    first = list(diagonal.figures(changed, SQUARE))[1]
    assert (first.estimate, first.sampling_se) == (1.5, 0)
