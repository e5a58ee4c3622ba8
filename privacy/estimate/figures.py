"""Every published figure of a round, from its integer sum; anyone can do this again."""

import numpy as np
from numpy.typing import NDArray

from privacy.encode.layout import Layout
from privacy.estimate.derived import derived
from privacy.estimate.tables import read_ask
from privacy.measures.adjusted import AskTables
from privacy.measures.kinds import MEASURES
from schemas.release import Figure


def estimate(
    total: NDArray[np.int64], layout: Layout, *, contributors: int, honest: int
) -> tuple[Figure, ...]:
    """Return the figures in a fixed order: asks, then views, then cells; then derived ones.

    `total`: the signed sum, shape (layout.length,); `contributors`: |U|, centres in the sum;
    `honest`: h of the descriptor, whose shares alone have the layout's noise variance. Raises
    ValueError when the sum has another length or fewer centres than h stand in it.
    """
    if total.shape != (layout.length,):
        raise ValueError("the sum is not as long as the layout")
    if not 1 <= honest <= contributors:
        raise ValueError("a sum holds at least as many centres as its honest shares")
    figures: list[Figure] = []
    asked: dict[str, AskTables] = {}
    for ask in layout.asks:
        tables = read_ask(total, layout, ask, contributors=contributors, honest=honest)
        figures += MEASURES[tables.statistic.measure.kind].figures(tables)
        asked[ask.key] = tables
    figures += derived(asked)
    return tuple(figures)
