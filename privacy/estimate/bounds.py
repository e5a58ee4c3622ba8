"""Worst-case bounds: the national figure had all who were silent scored lowest, or highest."""

import math
from collections.abc import Iterator, Sequence

from privacy.estimate.intervals import Ratio
from privacy.estimate.published import Measured, Named, People, Scale, measured_figure
from privacy.estimate.tables import AskTables
from schemas.measures import Mean
from schemas.release import Figure, MeasureName

_SIDES: tuple[MeasureName, MeasureName] = ("bound_lo", "bound_hi")


def bounds_of_share(tables: AskTables, resolution: float) -> Iterator[Figure]:
    """All silent no, or all silent yes; the three counts carry independent noise."""
    outcome, index = tables.roles["outcome"], tables.views.index(())
    (table, variance), excess = outcome.view(index), outcome.excess_of(index, 0)
    yes, no, silent = (float(number) for number in table[0, :3])
    noise = float(variance[0])
    for side, top, number in zip(_SIDES, (yes, yes + silent), (1, 2), strict=True):
        ratio = Ratio(top, yes + no + silent, number * noise, 3 * noise, number * noise, excess)
        p = min(1.0, max(0.0, ratio.value or 0.0))
        found = _measured(ratio, 0.0, math.sqrt(p * (1 - p)))
        people = People(yes + no, silent)
        yield measured_figure(Named(tables.ask, side), found, resolution, people)


def bounds_of_mean(tables: AskTables, scales: Sequence[Scale]) -> Iterator[Figure]:
    """All silent at the lowest, or the highest, value that clipping leaves."""
    measure, index = tables.statistic.measured_by(Mean), tables.views.index(())
    (sums, var_sum), (count, var_count) = (
        tables.roles[role].view(index) for role in ("sum", "answered")
    )
    excess = max(tables.roles[role].excess_of(index, 0) for role in ("sum", "answered"))
    squares = tables.roles["square"].view(0)[0]
    answered, silent = (float(number) for number in count[0, :2])
    noise, noise_n = float(var_sum[0]), float(var_count[0])
    ends = (max(measure.lower, -measure.norm) / 1000, min(measure.upper, measure.norm) / 1000)
    for lane, variable in enumerate(measure.variables):
        for side, end in zip(_SIDES, ends, strict=True):
            ratio = Ratio(
                float(sums[0, lane]) + silent * end, answered + silent,
                noise + end**2 * noise_n, 2 * noise_n, end * noise_n, excess,
            )  # fmt: skip
            second = (float(squares[0, lane]) + silent * end**2) / max(1.0, ratio.bottom)
            sd = math.sqrt(max(0.0, second - (ratio.value or 0.0) ** 2))
            found = _measured(ratio, scales[lane].centre, sd)
            named = Named(tables.ask, side, variable=variable)
            people = People(answered, silent)
            yield measured_figure(named, found, scales[lane].resolution, people)


def _measured(ratio: Ratio, centre: float, sd: float) -> Measured | None:
    interval, value, se = ratio.interval(), ratio.value, ratio.se
    if interval is None or value is None or se is None:
        return None
    ends = (centre + interval[0], centre + interval[1])
    return Measured(centre + value, se, ends, sd / math.sqrt(ratio.bottom))
