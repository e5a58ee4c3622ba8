"""Standard errors after least squares in the default programme: foretold and simulated."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from privacy.encode.layout import Block, Layout, make_layout
from privacy.estimate.forecast import predict
from privacy.estimate.margins import margins
from privacy.estimate.tables import read_ask
from privacy.measures.parts import Role
from schemas.catalogue.default import FULL, programme_of_year
from schemas.units import UnixSeconds

pytestmark = pytest.mark.slow

Floats = NDArray[np.float64]
CONTRIBUTORS, HONEST = 250, 175
DRAWS, AT_ONCE = 20_000, 2_500
STRATEGIES: dict[str, Role] = {
    "trajectories@start": "count",  # 8 views
    "durable_match@12m": "outcome",  # 3 views
    "wellbeing_change@12m": "sum",
    "sector_flows@12m": "count",  # flow matrices
    "desired_sector@12m": "count",
    "commuting@12m": "count",
}


@pytest.fixture(scope="module", params=STRATEGIES)
def layout(request: pytest.FixtureRequest) -> Layout:
    programme = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33), FULL)
    return make_layout(programme, [request.param])


def role_of(layout: Layout) -> Role:
    return STRATEGIES[layout.asks[0].key]


def blocks_of(layout: Layout) -> list[Block]:
    return [block for block in layout.blocks if block.part.role == role_of(layout)]


def spread(layout: Layout) -> float:
    """The deviation of the noise of an entry of the integer sum."""
    return float(np.sqrt(layout.noise_variance * CONTRIBUTORS / HONEST))


def adjusted(layout: Layout) -> Iterator[Floats]:
    """The noise of one lane of every cell after adjustment, shape (cells, draws).

    Rounded normal noise: of this variance Skellam's differs from it by less than 1e-9.
    """
    blocks, rng = blocks_of(layout), np.random.default_rng(11)
    weights = tuple((b.multiplier / blocks[0].multiplier) ** 2 for b in blocks)
    found = margins(tuple(block.part.view for block in blocks), weights)
    multipliers = np.repeat([b.multiplier for b in blocks], [b.cells for b in blocks])[:, None]
    for _ in range(DRAWS // AT_ONCE):
        noise = np.rint(rng.normal(0, spread(layout), (len(multipliers), AT_ONCE)))
        yield found.adjust(noise / multipliers)


@pytest.fixture(scope="module")
def moments(layout: Layout) -> tuple[Floats, Floats]:
    """Mean and mean square of each cell over all draws."""
    first, second = np.zeros(()), np.zeros(())
    for table in adjusted(layout):
        first = first + table.sum(axis=1)
        second = second + np.einsum("cd,cd->c", table, table)
    return first / DRAWS, second / DRAWS


def test_simulated_errors_of_every_view_are_within_2_percent_of_those_foretold(
    layout: Layout, moments: tuple[Floats, Floats]
) -> None:
    """Pooled over the cells of a view; each cell apart within 5 of its own standard errors."""
    start = 0
    for one in predict(layout, contributors=CONTRIBUTORS, honest=HONEST):
        if one.role != role_of(layout):
            continue
        simulated = moments[1][start : start + one.noise_se.size]
        start += one.noise_se.size
        pooled = np.sqrt(simulated.mean() / (one.noise_se**2).mean())
        assert pooled == pytest.approx(1, abs=0.02), one.view
        assert np.abs(simulated / one.noise_se**2 - 1).max() < 5 * np.sqrt(2 / DRAWS), one.view
    assert start == len(moments[1])


def test_no_cell_and_no_total_is_biased(layout: Layout, moments: tuple[Floats, Floats]) -> None:
    """Means over 20,000 draws, in their standard errors."""
    off = moments[0] / np.sqrt(moments[1] / DRAWS)
    assert np.abs(off).max() < 5
    national = layout.statistic(layout.asks[0]).views.index(())
    assert national == 0
    assert abs(off[0]) < 4


def test_the_vectorised_solve_is_the_one_that_reads_a_sum(layout: Layout) -> None:
    total = np.zeros(layout.length, dtype=np.int64)
    rng, first = np.random.default_rng(11), next(adjusted(layout))[:, 0]
    noise = np.rint(rng.normal(0, spread(layout), (len(first), AT_ONCE)))[:, 0].astype(np.int64)
    start = 0
    for block in blocks_of(layout):
        here = total[block.slice].reshape(block.cells, -1)
        here[:, 0] = noise[start : start + block.cells]
        start += block.cells
    read = read_ask(total, layout, layout.asks[0], contributors=CONTRIBUTORS, honest=HONEST)
    assert read.roles[role_of(layout)].table[:, 0] == pytest.approx(first, abs=1e-9)
