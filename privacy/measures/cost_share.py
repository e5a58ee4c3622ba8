"""Which part of all costs one payer bears, in each cell: the ratio of two sums of euro."""

import math
from collections.abc import Iterator

from privacy.inference.intervals import Ratio, clearly_above
from privacy.inference.published import (
    SHARE,
    Measured,
    Named,
    People,
    count_figure,
    measured_figure,
)
from privacy.measures.adjusted import AskTables
from privacy.measures.spread import deviation
from schemas.measures import Mean
from schemas.release import Figure


def cost_shares(tables: AskTables) -> Iterator[Figure]:
    """Employer / total, with how many had a price; `tables` are in euro beyond the centres."""
    resolution = tables.statistic.smallest_difference
    counts = tables.roles["answered"]
    for index, k, cell in tables.names():
        count, var_count = counts.view(index)
        answered, silent = (float(number) for number in count[k])
        found = _share(tables, index, k)
        named = Named(tables.ask, "ratio", cell, "employer")
        yield measured_figure(named, found, resolution, People(answered, silent))
        se, half = math.sqrt(var_count[k]), counts.half_width(index, k)
        yield count_figure(Named(tables.ask, "answered", cell), answered, se, half=half)


def _share(tables: AskTables, index: int, k: int) -> Measured | None:
    """Sums beyond the centres plus count x centre: the noise of the count is in both."""
    measure = tables.statistic.measured_by(Mean)
    centres = dict(zip(measure.variables, measure.centres, strict=True))
    top, bottom = (centres[name] / 1000 for name in ("employer", "total"))
    lanes = [measure.variables.index(name) for name in ("employer", "total")]
    (sums, var_sum), (count, var_count) = (
        tables.roles[role].view(index) for role in ("sum", "answered")
    )
    n, noise_n, noise = float(count[k, 0]), float(var_count[k]), float(var_sum[k])
    ratio = Ratio(
        float(sums[k, lanes[0]]) + top * n,
        float(sums[k, lanes[1]]) + bottom * n,
        noise + top**2 * noise_n,
        noise + bottom**2 * noise_n,
        covariance=top * bottom * noise_n,
        excess=tables.roles["sum"].excess_of(index, k),
    )
    interval, value, se = ratio.interval(), ratio.value, ratio.se
    if value is None or interval is None or se is None or not clearly_above(n, noise_n):
        return None
    sampling = _spread(tables, measure, value) * math.sqrt(n) / ratio.bottom
    return Measured(value, se, interval, sampling, SHARE)


def _spread(tables: AskTables, measure: Mean, share: float) -> float:
    """The deviation of employer - share x total of one person.

    The covariance follows from three variances, for others = total - employer.
    """
    lanes = [measure.variables.index(name) for name in ("employer", "total", "others")]
    employer, total, others = (deviation(tables, lane).sd ** 2 for lane in lanes)
    covariance = (employer + total - others) / 2
    return math.sqrt(max(0.0, employer - 2 * share * covariance + share * share * total))
