"""Inner cells within the level of geography above them: small tables with negative cells."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import optimize

from privacy.measures.adjusted import Adjusted
from privacy.measures.inner import nearest_margin
from privacy.measures.shown import ShownCounts
from privacy.people.dimensions import ancestor, categories
from schemas.statistic import TableDimension, View

Floats = NDArray[np.float64]
VIEWS: tuple[View, ...] = (
    (), ("gender",), ("nuts1",), ("nuts2",), ("gender", "nuts1"), ("gender", "nuts2"),
)  # fmt: skip


def inside(coarse: TableDimension, fine: TableDimension) -> Floats:
    """Which fine places lie in which coarse one."""
    rows = [
        [ancestor(c, coarse) == above for c in categories(fine)] for above in categories(coarse)
    ]
    return np.array(rows, dtype=np.float64)


def noisy(views: tuple[View, ...], fine: TableDimension, seed: int) -> ShownCounts:
    """Tables that add up, of few people with much noise: many are negative, none is shown."""
    rng = np.random.default_rng(seed)
    table = rng.poisson(6, (4, len(categories(fine)))) + rng.normal(
        0, 6, (4, len(categories(fine)))
    )
    made: list[Floats] = []
    for view in views:
        place = next((d for d in view if d.startswith("nuts")), None)
        one = table if place in (None, fine) else table @ inside(place, fine).T  # type: ignore[arg-type]
        one = one if "gender" in view else one.sum(axis=0, keepdims=True)
        one = one if place else one.sum(axis=1, keepdims=True)
        made.append((one.T if view[:1] != ("gender",) else one).ravel())
    starts = tuple(int(start) for start in np.cumsum([0, *map(len, made)]))
    stacked = np.concatenate(made)[:, None]
    return ShownCounts(views, Adjusted(stacked, np.full(len(stacked), 1e4), starts))


def margin_within(
    shown: ShownCounts, fine: TableDimension, coarse: TableDimension | None
) -> Floats:
    """The published margin without negatives, each family with the total of its parent."""
    flat = shown.of((fine,))
    if coarse is None:
        return nearest_margin(flat, float(shown.of(())[0]))
    above = nearest_margin(shown.of((coarse,)), float(shown.of(())[0]))
    found = np.zeros_like(flat)
    for members, total in zip(inside(coarse, fine), above, strict=True):
        there = members > 0
        found[there] = nearest_margin(flat[there], float(total))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_inner_cells_add_up_to_the_level_above_and_to_their_margins(seed: int) -> None:
    shown = noisy(VIEWS, "nuts2", seed)
    fine, coarse = shown.of(("gender", "nuts2")).reshape(4, -1), shown.of(("gender", "nuts1"))
    assert shown.adjusted.table.min() < 0 <= fine.min()
    assert fine @ inside("nuts1", "nuts2").T == pytest.approx(coarse.reshape(4, -1), abs=1e-3)
    assert fine.sum(axis=0) == pytest.approx(margin_within(shown, "nuts2", "nuts1"), abs=1e-3)
    by_gender = nearest_margin(shown.of(("gender",)), float(shown.of(())[0]))
    assert coarse.reshape(4, -1).sum(axis=1) == pytest.approx(by_gender, abs=1e-3)


def test_the_order_of_dimensions_only_turns_the_table() -> None:
    turned: tuple[View, ...] = tuple(view[::-1] for view in VIEWS)
    fine = noisy(VIEWS, "nuts2", 1).of(("gender", "nuts2")).reshape(4, -1)
    other = noisy(turned, "nuts2", 1).of(("nuts2", "gender")).reshape(-1, 4)
    assert pytest.approx(fine, abs=1e-3) == other.T


def test_a_level_that_is_not_published_is_skipped() -> None:
    """Arrondissements lie in regions when provinces are not asked."""
    views: tuple[View, ...] = (
        (), ("gender",), ("nuts1",), ("nuts3",), ("gender", "nuts1"), ("gender", "nuts3"),
    )  # fmt: skip
    shown = noisy(views, "nuts3", 2)
    fine, coarse = shown.of(("gender", "nuts3")).reshape(4, -1), shown.of(("gender", "nuts1"))
    assert fine @ inside("nuts1", "nuts3").T == pytest.approx(coarse.reshape(4, -1), abs=1e-3)
    assert fine.sum(axis=0) == pytest.approx(margin_within(shown, "nuts3", "nuts1"), abs=1e-3)


def test_without_the_same_table_above_it_a_table_holds_its_own_margins_alone() -> None:
    """The nearest one by an active-set solver; the margin of places lies within the regions."""
    views: tuple[View, ...] = ((), ("gender",), ("nuts1",), ("nuts2",), ("gender", "nuts2"))
    shown = noisy(views, "nuts2", 3)
    flat = shown.adjusted.view(4)[0][:, 0]
    rows, wanted = [], []
    margins = (nearest_margin(shown.of(("gender",)), float(shown.of(())[0])),
               margin_within(shown, "nuts2", "nuts1"))  # fmt: skip
    for axis, margin in enumerate(margins):
        for k, total in enumerate(margin):
            there = np.zeros((4, 12))
            there.swapaxes(0, axis)[k] = 1e4
            rows.append(there.ravel())
            wanted.append(1e4 * total)
    solved, _ = optimize.nnls(np.vstack([np.eye(48), rows]), np.concatenate([flat, wanted]))
    assert shown.of(("gender", "nuts2")) == pytest.approx(solved, abs=2e-3)


def test_margins_and_tables_without_theirs_are_shown_as_they_were_measured() -> None:
    views: tuple[View, ...] = ((), ("gender",), ("nuts1",), ("gender", "nuts2"))
    shown = noisy(views, "nuts2", 0)
    for place, view in enumerate(views):
        assert shown.of(view).tolist() == shown.adjusted.view(place)[0][:, 0].tolist()
    assert shown.adjusted.table.min() < 0


def test_a_table_is_projected_once() -> None:
    shown = noisy(VIEWS, "nuts2", 0)
    assert np.shares_memory(shown.of(("gender", "nuts2")), shown.of(("gender", "nuts2")))
