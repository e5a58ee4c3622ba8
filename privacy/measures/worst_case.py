"""Worst-case bounds: the national figure had all who were silent scored lowest, or highest."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from privacy.inference.intervals import Ratio
from privacy.inference.published import Measured, Named, People, Scale, measured_figure
from privacy.measures.adjusted import AskTables
from privacy.measures.spread import deviation
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
    sums, var_sum = tables.roles["sum"].view(index)
    noise = _Noise(float(var_sum[0]), *_of_people(tables, index))
    excess = max(tables.roles[role].excess_of(index, 0) for role in ("sum", "answered"))
    ends = (max(measure.lower, -measure.norm) / 1000, min(measure.upper, measure.norm) / 1000)
    for lane, variable in enumerate(measure.variables):
        answered, silent = tables.people(index, 0, lane)
        for side, end in zip(_SIDES, ends, strict=True):
            ratio = Ratio(
                float(sums[0, lane]) + silent * end, answered + silent,
                noise.sums + end**2 * noise.silent, noise.everybody, end * noise.both, excess,
            )  # fmt: skip
            spread = deviation(tables, lane).sd ** 2 * answered / max(1.0, ratio.bottom)
            apart = end - float(sums[0, lane]) / max(1.0, answered)
            likely = min(1.0, max(0.0, silent / max(1.0, ratio.bottom)))
            sd = math.sqrt(max(0.0, spread) + likely * (1 - likely) * apart**2)
            found = _measured(ratio, scales[lane].centre, sd)
            named = Named(tables.ask, side, variable=variable)
            yield measured_figure(named, found, scales[lane].resolution, People(answered, silent))


@dataclass(frozen=True, slots=True)
class _Noise:
    """Variances of national sums, of who is silent, of everybody; and between the last two."""

    sums: float
    silent: float
    everybody: float
    both: float


def _of_people(tables: AskTables, index: int) -> tuple[float, float, float]:
    silent = float(tables.roles["answered"].view(index)[1][0])
    if "people" not in tables.roles:
        return silent, 2 * silent, silent
    everybody = float(tables.roles["people"].view(index)[1][0])
    return silent, everybody, everybody / 2


def _measured(ratio: Ratio, centre: float, sd: float) -> Measured | None:
    interval, value, se = ratio.interval(), ratio.value, ratio.se
    if interval is None or value is None or se is None:
        return None
    ends = (centre + interval[0], centre + interval[1])
    return Measured(centre + value, se, ends, sd / math.sqrt(ratio.bottom))
