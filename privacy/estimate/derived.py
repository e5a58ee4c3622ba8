"""Figures made of several asks of one round: what a result costs the public.

Euro per durable match is the mean public price over the share with a durable match; euro per
point is that price over the mean change of all dimensions. The asks carry independent noise.
That people with dearer trajectories may also gain more is left out of the sampling error. The
spread of a person's mean change is that of `gain` where the round measures it; else it is taken
as if all dimensions moved together (wider, never narrower).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from privacy.inference.intervals import Ratio
from privacy.inference.published import Measured, Named, People, measured_figure
from privacy.measures.adjusted import AskTables
from privacy.measures.spread import deviation, in_units
from schemas.measures import Mean, Share
from schemas.release import Figure


@dataclass(frozen=True, slots=True)
class _Known:
    """A national mean or share with its variances."""

    value: float
    noise: float
    sampling: float


def derived(asked: Mapping[str, AskTables]) -> Iterator[Figure]:
    """Return the figures that the asks of a round (by `statistic@horizon`) allow."""
    for priced in asked.values():
        measure = priced.statistic.measure
        if isinstance(measure, Mean) and measure.value == "public_price":
            yield from _per_result(priced, asked)


def _per_result(priced: AskTables, asked: Mapping[str, AskTables]) -> Iterator[Figure]:
    """At 12 months, of the same population only."""
    price = _mean(in_units(priced))
    for other in asked.values():
        measure = other.statistic.measure
        if other.ask.horizon != "12m" or other.statistic.population != priced.statistic.population:
            continue
        if isinstance(measure, Share) and measure.outcome == "durable_match":
            yield _cost(priced, "euro_per_match", price, _share(other))
        if isinstance(measure, Mean) and measure.value == "change":
            gain = _mean(in_units(other), _gain_spread(other, asked))
            yield _cost(priced, "euro_per_point", price, gain)


def _gain_spread(change: AskTables, asked: Mapping[str, AskTables]) -> float | None:
    """The deviation of `gain` of the same people, when an ask of the round measures it."""
    for other in asked.values():
        measure = other.statistic.measure
        same = other.ask.horizon == change.ask.horizon and (
            other.statistic.population == change.statistic.population
        )
        if same and isinstance(measure, Mean) and measure.value == "outcomes":
            names = measure.variables
            return deviation(in_units(other), names.index("gain")).sd if "gain" in names else None
    return None


def _cost(priced: AskTables, name: str, price: _Known | None, result: _Known | None) -> Figure:
    named = Named(priced.ask, "ratio", variable=name)
    people = People(*priced.people(priced.views.index(()), 0))
    found = None if price is None or result is None else _ratio(price, result)
    return measured_figure(named, found, None, people)


def _ratio(price: _Known, result: _Known) -> Measured | None:
    """None unless the result stands clearly above its noise and its sampling error together."""
    noisy = Ratio(price.value, result.value, price.noise, result.noise)
    whole = Ratio(
        price.value, result.value, price.noise + price.sampling, result.noise + result.sampling
    )
    interval, value, se, outer = noisy.interval(), noisy.value, noisy.se, whole.se
    if interval is None or value is None or se is None or outer is None:
        return None
    return Measured(value, se, interval, math.sqrt(max(0.0, outer**2 - se**2)))


def _share(tables: AskTables) -> _Known | None:
    table, variance = tables.roles["outcome"].view(tables.views.index(()))
    yes, no, noise = float(table[0, 0]), float(table[0, 1]), float(variance[0])
    ratio = Ratio(yes, yes + no, noise, 2 * noise, covariance=noise)
    value, se = ratio.value, ratio.se
    if value is None or se is None:
        return None
    return _Known(value, se**2, max(0.0, value * (1 - value)) / ratio.bottom)


def _mean(tables: AskTables, spread: float | None = None) -> _Known | None:
    """The mean over all variables of the national means; `spread` of one person's mean."""
    measure, index = tables.statistic.measured_by(Mean), tables.views.index(())
    (sums, var_sum), (_, var_count) = (
        tables.roles[role].view(index) for role in ("sum", "answered")
    )
    lanes = range(len(measure.variables))
    people = [tables.people(index, 0, lane)[0] for lane in lanes]
    ratios = [
        Ratio(float(sums[0, lane]), people[lane], float(var_sum[0]), float(var_count[0]))
        for lane in lanes
    ]
    known = [ratio.value for ratio in ratios if ratio.value is not None]
    if len(known) < len(lanes):
        return None
    of_sums = sum(float(var_sum[0]) / n**2 for n in people)
    slopes = [r / n for r, n in zip(known, people, strict=True)]
    shared = _shared(tables, index)
    of_counts = sum(slopes) ** 2 * shared
    of_counts += sum(slope**2 for slope in slopes) * (float(var_count[0]) - shared)
    noise = (of_sums + of_counts) / len(lanes) ** 2
    if spread is None:
        spread = sum(deviation(tables, lane).sd for lane in lanes) / len(lanes)
    centre = sum(measure.centres) / len(lanes) / 1000
    value = centre + sum(known) / len(lanes)
    return _Known(value, noise, spread**2 * len(lanes) / sum(people))


def _shared(tables: AskTables, index: int) -> float:
    """The covariance of the noise of two variables' counts: a quarter of that of everybody's."""
    counts = tables.roles["answered"]
    if counts.table.shape[1] == 2:
        return float(counts.view(index)[1][0])
    return float(tables.roles["people"].view(index)[1][0]) / 4
