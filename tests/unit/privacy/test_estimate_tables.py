"""The blocks of an ask read back from a sum: multipliers undone, views told apart."""

import numpy as np
import pytest
from ask_tables import adjusted, tables_of
from encode_people import declared, programme_of

from privacy.encode.layout import Layout, make_layout
from privacy.estimate.margins import margins
from privacy.estimate.tables import cell_variance, read_ask, roles_of
from privacy.measures.adjusted import cells
from schemas.measures import Count, Mean

VIEWS = ((), ("gender",), ("education",))
FELT = Mean(value="level", variables=("meaning", "balance"), centres=(3_000, 3_000), lower=-2_000,
            upper=2_000, norm=2_500)  # fmt: skip


def laid_out() -> Layout:
    """A count in three views, and two means nationally."""
    programme = programme_of(
        (declared("counted", Count(), views=VIEWS), 9_000),
        (declared("felt", FELT, views=((),)), 20_000),
    )
    return make_layout(programme, ["counted@12m", "felt@12m"])


def test_cells_come_in_the_order_of_the_view() -> None:
    assert list(cells(())) == [()]
    found = list(cells(("gender", "education")))
    assert found[:2] == [
        (("gender", "f"), ("education", "low")), (("gender", "f"), ("education", "medium")),
    ]  # fmt: skip
    assert len(found) == 16


def test_every_published_cell_is_named_with_its_place() -> None:
    found = list(tables_of(Count(), {}, views=VIEWS[:2]).names())
    assert found == [
        (0, 0, ()), (1, 0, (("gender", "f"),)), (1, 1, (("gender", "m"),)),
        (1, 2, (("gender", "x"),)), (1, 3, (("gender", "unknown"),)),
    ]  # fmt: skip


def test_blocks_are_gathered_by_role() -> None:
    layout = laid_out()
    counted, felt = layout.asks
    assert {role: len(blocks) for role, blocks in roles_of(layout, counted).items()} == {"count": 3}
    assert {role: len(blocks) for role, blocks in roles_of(layout, felt).items()} == {
        "sum": 1, "people": 1, "known": 1, "square": 1,
    }  # fmt: skip


def test_a_table_by_itself_is_divided_by_its_multiplier() -> None:
    layout = laid_out()
    felt = layout.asks[1]
    block = next(b for b in layout.blocks_of(felt) if b.part.role == "sum")
    total = np.zeros(layout.length, dtype=np.int64)
    total[block.slice] = [7 * block.multiplier, -3 * block.multiplier]
    tables = read_ask(total, layout, felt, contributors=10, honest=8)
    sums = tables.roles["sum"]
    assert sums.table.tolist() == [[7, -3]]
    assert sums.starts == (0, 1)
    noise = layout.noise_variance * 10 / 8 / block.multiplier**2
    assert sums.variance.tolist() == pytest.approx([noise])
    assert (sums.covariances, tables.ask, tables.statistic.id) == (None, felt, "felt")
    assert sums.covariance((0, 0), (0, 0)) == pytest.approx(noise)


def test_views_are_adjusted_with_weights_that_follow_from_their_multipliers() -> None:
    """Against least squares by itself, each view measured with its own precision."""
    layout = laid_out()
    counted = layout.asks[0]
    blocks = layout.blocks_of(counted)
    assert len({block.multiplier for block in blocks}) > 1
    rng = np.random.default_rng(2)
    total = np.zeros(layout.length, dtype=np.int64)
    total[: blocks[-1].slice.stop] = rng.integers(0, 10**9, blocks[-1].slice.stop)
    tables = read_ask(total, layout, counted, contributors=9, honest=6)
    counts = tables.roles["count"]
    precision = [(b.multiplier / blocks[0].multiplier) ** 2 for b in blocks]
    found = margins(VIEWS, tuple(precision))
    measured = np.concatenate([total[b.slice] / b.multiplier for b in blocks])
    assert counts.table[:, 0] == pytest.approx(found.adjust(measured))
    unit = layout.noise_variance * 9 / 6 / blocks[0].multiplier ** 2
    assert counts.unit == pytest.approx(unit)
    assert counts.variance == pytest.approx(unit * found.variance)
    assert counts.starts == (0, 1, 5, 9)
    assert counts.covariance((1, 0), (2, 3)) == pytest.approx(unit * found.between((1, 0), (2, 3)))
    assert counts.covariance((1, 0), (1, 0)) == pytest.approx(counts.variance[1])
    assert np.diag(counts.covariance_within(2)) == pytest.approx(counts.view(2)[1])
    assert cell_variance(list(blocks), 16.0) == pytest.approx(
        16.0 / blocks[0].multiplier ** 2 * found.variance
    )


def test_one_view_is_told_from_the_others() -> None:
    found = adjusted([[[9.0, 1.0]], [[5.0, 2.0], [4.0, 3.0]]], 2.0)
    table, variance = found.view(1)
    assert table.tolist() == [[5, 2], [4, 3]]
    assert variance.tolist() == [2, 2]
    assert found.view(0)[0].tolist() == [[9, 1]]


def test_cells_that_were_not_adjusted_are_independent() -> None:
    found = adjusted([[[9.0]], [[5.0], [4.0]]], 2.0)
    assert found.covariance((1, 0), (1, 0)) == 2
    assert found.covariance((1, 0), (1, 1)) == 0
    assert found.covariance((0, 0), (1, 0)) == 0
    assert found.covariance_within(1).tolist() == [[2, 0], [0, 2]]
