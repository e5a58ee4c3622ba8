"""What pages show of counts: never below 0 inside, adding up, while the data stay unbiased."""

from collections.abc import Mapping

import numpy as np
import pytest
from encode_people import crowd, declared, programme_of

from deploy.demo.clients import generate
from deploy.demo.records import records
from deploy.demo.truth import counted
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.measures.inner import nearest_margin
from privacy.noise.skellam import Skellam
from privacy.people.dimensions import ancestor, categories
from schemas.catalogue.default import programme_of_year
from schemas.measures import Count
from schemas.release import Cell, Figure
from schemas.units import UnixSeconds

pytestmark = pytest.mark.slow
PROGRAMME = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))
ASKS = ("trajectories@start", "sector_flows@12m")
Figures = Mapping[tuple[str, Cell], Figure]


@pytest.fixture(scope="module")
def layout() -> Layout:
    return make_layout(PROGRAMME, ASKS)


@pytest.fixture(scope="module")
def exact(layout: Layout) -> np.ndarray:  # type: ignore[type-arg]
    return encode(records(counted(generate(8, 1_500))), layout, PROGRAMME)


def release(exact: np.ndarray, layout: Layout, seed: int) -> Figures:  # type: ignore[type-arg]
    random = np.random.default_rng(seed).bytes
    noise = Skellam(layout.noise_variance, 6)
    total = exact + sum(noise.share(layout.length, random) for _ in range(8))
    found = estimate(total, layout, contributors=8, honest=6)
    return {(f.statistic, f.cell): f for f in found}


@pytest.fixture(scope="module", params=[1, 2, 3])
def figures(
    request: pytest.FixtureRequest,
    exact: np.ndarray,  # type: ignore[type-arg]
    layout: Layout,
) -> Figures:
    return release(exact, layout, request.param)


def inner(figures: Figures, statistic: str, rows: str, columns: str) -> np.ndarray:  # type: ignore[type-arg]
    """The shown table of two dimensions."""
    return np.array(
        [
            [figures[statistic, ((rows, r), (columns, c))].estimate for c in categories(columns)]  # type: ignore[arg-type]
            for r in categories(rows)  # type: ignore[arg-type]
        ]
    )


def told(figures: Figures, statistic: str, rows: str, columns: str) -> np.ndarray:  # type: ignore[type-arg]
    """Which cells of a table of two dimensions are shown."""
    cells = [((rows, r), (columns, c)) for r in categories(rows) for c in categories(columns)]  # type: ignore[arg-type]
    flags = np.array([figures[statistic, cell].band != "F" for cell in cells])
    return flags.reshape(len(categories(rows)), -1)  # type: ignore[arg-type]


def published(figures: Figures, statistic: str, dimension: str) -> np.ndarray:  # type: ignore[type-arg]
    codes = categories(dimension)  # type: ignore[arg-type]
    return np.array([figures[statistic, ((dimension, code),)].estimate for code in codes])


TABLES = [
    ("sector_flows@12m", "sector_before", "sector_12m"),
    ("trajectories@start", "nuts1", "sector_before"),
    ("trajectories@start", "nuts2", "sector_before"),
    ("trajectories@start", "nuts3", "sector_before"),
]


@pytest.mark.parametrize(("statistic", "rows", "columns"), TABLES)
def test_no_inner_cell_is_shown_below_0(
    figures: Figures, statistic: str, rows: str, columns: str
) -> None:
    assert inner(figures, statistic, rows, columns).min() >= 0


@pytest.mark.parametrize(("statistic", "rows", "columns"), TABLES[:1])
def test_inner_cells_add_up_to_the_published_margins_or_their_nearest_possible(
    figures: Figures, statistic: str, rows: str, columns: str
) -> None:
    """Cells that are shown stay; the others share what these leave, nowhere below 0."""
    total = float(figures[statistic, ()].estimate or 0)
    table, kept = inner(figures, statistic, rows, columns), told(figures, statistic, rows, columns)
    own = np.where(kept, table, 0.0)
    for axis, dimension in enumerate((rows, columns)):
        margin = nearest_margin(published(figures, statistic, dimension), total)
        left, open_ = np.zeros(len(margin)), (~kept).any(axis=1 - axis)
        remaining = (margin - own.sum(axis=1 - axis))[open_]
        left[open_] = nearest_margin(remaining, total - own.sum())
        assert (table - own).sum(axis=1 - axis) == pytest.approx(left, abs=0.05)


@pytest.mark.parametrize(("fine", "coarse"), [("nuts2", "nuts1"), ("nuts3", "nuts2")])
def test_arrondissements_add_up_to_provinces_and_provinces_to_regions(
    figures: Figures, fine: str, coarse: str
) -> None:
    below = inner(figures, "trajectories@start", fine, "sector_before")
    above = inner(figures, "trajectories@start", coarse, "sector_before")
    inside = [
        [ancestor(code, coarse) == parent for code in categories(fine)]  # type: ignore[arg-type]
        for parent in categories(coarse)  # type: ignore[arg-type]
    ]
    assert np.array(inside, dtype=float) @ below == pytest.approx(above, abs=0.05)


DRAWS = 40


@pytest.fixture(scope="module")
def larger(layout: Layout) -> np.ndarray:  # type: ignore[type-arg]
    return encode(records(counted(generate(8, 5_000))), layout, PROGRAMME)


@pytest.fixture(scope="module")
def judged(larger: np.ndarray, layout: Layout) -> list[tuple[Figure, float]]:  # type: ignore[type-arg]
    """Every count of many releases, with the exact one."""
    exact = estimate(larger, layout, contributors=8, honest=6)
    rng, found = np.random.default_rng(17), []
    for _ in range(DRAWS):
        noise = np.rint(rng.normal(0, np.sqrt(layout.noise_variance * 8 / 6), layout.length))
        made = estimate(larger + noise.astype(np.int64), layout, contributors=8, honest=6)
        pairs = zip(made, exact, strict=True)
        found += [(f, float(e.unadjusted or 0)) for f, e in pairs if f.measure == "count"]
    return found


@pytest.mark.parametrize("statistic", ASKS)
def test_of_counts_that_are_shown_95_of_100_intervals_hold_the_truth_and_none_leans(
    judged: list[tuple[Figure, float]], statistic: str
) -> None:
    """Whatever is not shown is left out: who looks at a page sees only what was large enough."""
    shown = [(f, e) for f, e in judged if f.band != "F" and f.statistic == statistic]
    assert len(shown) > 30 * DRAWS
    held = [f.noise_lo <= e <= f.noise_hi for f, e in shown]  # type: ignore[operator]
    assert 0.93 <= np.mean(held) <= 0.97
    off = [(f.estimate - e) / f.noise_se for f, e in shown]  # type: ignore[operator]
    assert abs(np.mean(off)) < 0.1


def test_no_number_lies_outside_its_interval(judged: list[tuple[Figure, float]]) -> None:
    for figure, _ in judged:
        assert figure.noise_lo <= figure.estimate <= figure.noise_hi  # type: ignore[operator]


def test_margins_are_shown_as_they_were_measured(figures: Figures) -> None:
    for (_, cell), figure in figures.items():
        if len(cell) < 2:
            assert figure.estimate == figure.unadjusted


def test_unbiased_values_stay_beside_the_shown_ones(
    exact: np.ndarray,  # type: ignore[type-arg]
    layout: Layout,
) -> None:
    """Means over 12 releases against the truth, in standard errors of such a mean."""
    true = {
        (f.statistic, f.cell): f.unadjusted
        for f in estimate(exact, layout, contributors=8, honest=6)
    }
    releases = [release(exact, layout, seed) for seed in range(100, 112)]
    off = []
    for key, value in true.items():
        found = np.mean([r[key].unadjusted for r in releases])
        off.append((found - value) / (releases[0][key].noise_se / np.sqrt(len(releases))))  # type: ignore[operator]
    assert np.std(off) == pytest.approx(1, abs=0.1)
    assert np.abs(off).max() < 5
    assert abs(off[list(true).index(("trajectories@start", ()))]) < 3
    assert any((f.unadjusted or 0) < 0 for f in releases[0].values())


def test_shown_inner_cells_lie_closer_to_the_truth(
    exact: np.ndarray,  # type: ignore[type-arg]
    layout: Layout,
    figures: Figures,
) -> None:
    true = {
        (f.statistic, f.cell): f.unadjusted
        for f in estimate(exact, layout, contributors=8, honest=6)
    }
    flows = [key for key in true if key[0] == "sector_flows@12m" and len(key[1]) == 2]
    shown, measured = (
        np.sqrt(np.mean([(getattr(figures[k], name) - true[k]) ** 2 for k in flows]))
        for name in ("estimate", "unadjusted")
    )
    assert shown < 0.6 * measured


def test_an_inner_table_without_one_above_it_holds_its_own_margins() -> None:
    """Provinces by gender are asked, regions by gender are not."""
    counted_so = declared(
        "counted", Count(),
        views=((), ("gender",), ("nuts1",), ("nuts2",), ("gender", "nuts2")),
    )  # fmt: skip
    programme = programme_of((counted_so, 20_000))
    layout = make_layout(programme, ["counted@12m"])
    figures = release(encode(crowd(400, 2), layout, programme), layout, 1)
    table = inner(figures, "counted@12m", "gender", "nuts2")
    assert table.min() >= 0
    total = figures["counted@12m", ()].estimate
    assert total is not None
    by_gender = nearest_margin(published(figures, "counted@12m", "gender"), total)
    assert table.sum(axis=1) == pytest.approx(by_gender, abs=0.05)
