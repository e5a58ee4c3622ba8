"""National figures weighted to all who were asked, by a regression estimator.

With x the intake covariates of `privacy.measures.calibration`, the figure of those who answered
moves by (mean of x over all asked - mean over those who answered)' beta. It removes the part of
non-response that those covariates explain, nothing else.
Source: Särndal, Swensson, Wretman 1992, section 6.4 (GREG).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from privacy.inference.intervals import Ratio, widen
from privacy.inference.moments import Floats, clearly_positive, noise_se, symmetric
from privacy.inference.published import Measured, Named, People, Scale, measured_figure
from privacy.measures.adjusted import AskTables
from privacy.measures.calibration import BASELINE, GROUPS, NEEDED, PAIRS, TERMS
from schemas.measures import Mean
from schemas.release import Figure

_SQUARES = [PAIRS.index((k, k) if (k, k) in PAIRS else (0, k)) for k in range(len(TERMS))]
"""Where the square of each term stands: a flag is its own."""

_LEAST_UNEXPLAINED = 0.1
"""Noise may not pretend that covariates explain more than nine tenths."""

_TOLD = 8.0
"""Standard errors that a flag's people, and all others, must count to be used."""


@dataclass(frozen=True, slots=True, eq=False)
class _Moments:
    """All lanes of the calibration: margins, products, flags x outcome; with their noise."""

    lanes: Floats = field(repr=False)
    se: Floats = field(repr=False)
    outcomes: int
    kept: tuple[int, ...]

    def matrices(self, lanes: Floats) -> tuple[Floats, Floats, Floats]:
        """(margins, X'X, X'y) of the kept terms; `lanes` has shape (..., lanes)."""
        terms, kept = len(TERMS), list(self.kept)
        products = lanes[..., terms : terms + len(PAIRS)]
        whole = symmetric(products, PAIRS, terms)
        diagonal = np.arange(terms)
        whole[..., diagonal, diagonal] = products[..., _SQUARES]
        cross = lanes[..., terms + len(PAIRS) :]
        cross = cross.reshape(*lanes.shape[:-1], terms, self.outcomes)
        return lanes[..., kept], whole[..., kept, :][..., kept], cross[..., kept, :]

    def moves(self, lanes: Floats) -> Floats:
        """By how much each outcome's mean moves, shape (..., outcomes)."""
        margins, products, cross = self.matrices(lanes)
        beta = np.linalg.solve(products, cross)
        apart = _apart(margins, products)
        return np.asarray((apart[..., None] * beta).sum(axis=-2))


def _apart(margins: Floats, products: Floats) -> Floats:
    """Mean of x over all who were asked, less that over those who answered."""
    return np.asarray(margins / margins[..., :1] - products[..., 0, :] / products[..., 0, :1])


def weighted_share(tables: AskTables, resolution: float) -> Iterator[Figure]:
    """The weighted share; calibration sees yes as 1/2 and no as -1/2."""
    table, variance = tables.roles["outcome"].view(tables.views.index(()))
    yes, no, silent = (float(number) for number in table[0, :3])
    noise = float(variance[0])
    ratio = Ratio(yes, yes + no, noise, 2 * noise, covariance=noise)
    scale = Scale.of_share(ratio.value, resolution)
    yield from _weighted(tables, ("",), [ratio], [scale], [People(yes + no, silent)])


def weighted_means(tables: AskTables, scales: Sequence[Scale]) -> Iterator[Figure]:
    """The weighted mean of each variable."""
    index = tables.views.index(())
    (sums, var_sum), (_, var_count) = (
        tables.roles[role].view(index) for role in ("sum", "answered")
    )
    names = tables.statistic.measured_by(Mean).variables
    people = [People(*tables.people(index, 0, lane)) for lane in range(len(names))]
    ratios = [
        Ratio(float(top), one.answered, float(var_sum[0]), float(var_count[0]))
        for top, one in zip(sums[0], people, strict=True)
    ]
    yield from _weighted(tables, names, ratios, scales, people)


def _weighted(
    tables: AskTables,
    names: Sequence[str],
    ratios: Sequence[Ratio],
    scales: Sequence[Scale],
    people: Sequence[People],
) -> Iterator[Figure]:
    moments = _read(tables, len(names))
    errors = None if moments is None else noise_se(moments.moves, moments.lanes, moments.se)
    for lane, (name, ratio, scale) in enumerate(zip(names, ratios, scales, strict=True)):
        found = None
        if moments is not None and errors is not None:
            found = _measured(moments, lane, ratio, (scale, float(errors[lane])))
        named = Named(tables.ask, "weighted", variable=name)
        yield measured_figure(named, found, scale.resolution, people[lane])


def _read(tables: AskTables, outcomes: int) -> _Moments | None:
    """The moments of the terms that can be told from noise; None when they cannot be inverted.

    A flag whose people, or whose others, are few for the noise joins the reference; when that
    leaves age, gender or education without one, nothing is weighted.
    """
    found = [tables.roles[role].view(0) for role in ("margin", "moment", "cross")]
    lanes = np.concatenate([table[0] for table, _ in found])
    se = np.concatenate([np.full(table.shape[1], math.sqrt(v[0])) for table, v in found])
    (margins, v_margin), (products, v_product), _ = found
    counted: list[tuple[Floats, float]] = [
        (margins[0], float(v_margin[0])), (products[0, _SQUARES], float(v_product[0])),
    ]  # fmt: skip
    always = {0, BASELINE}
    kept = tuple(k for k in range(len(TERMS)) if k in always or all(_told(*c, k) for c in counted))
    if not {GROUPS[k] for k in kept} >= NEEDED:
        return None
    moments = _Moments(lanes, se, outcomes, kept)
    _, matrix, _ = moments.matrices(lanes)
    noise = np.where(matrix == 0, 0.0, float(v_product[0]))
    return moments if clearly_positive(matrix, noise) else None


def _told(counts: Floats, noise: float, term: int) -> bool:
    """Whether a flag's people and all others stand far above the noise."""
    here = float(counts[term])
    return min(here, float(counts[0]) - here) >= _TOLD * math.sqrt(noise)


def _measured(
    moments: _Moments, lane: int, ratio: Ratio, errors: tuple[Scale, float]
) -> Measured | None:
    """The mean of those who answered, moved; its noise and that of the move are independent."""
    scale, move_se = errors
    interval, value, se = ratio.interval(), ratio.value, ratio.se
    if interval is None or value is None or se is None:
        return None
    move = float(moments.moves(moments.lanes)[lane])
    ends = widen(value, interval, move_se)
    at = scale.centre + move
    sampling = _sampling(moments, lane, scale.sd)
    return Measured(at + value, math.hypot(se, move_se), (at + ends[0], at + ends[1]), sampling)


def _sampling(moments: _Moments, lane: int, sd: float) -> float:
    """What is not explained, of those who answered; what is explained, of all who were asked."""
    margins, products, cross = moments.matrices(moments.lanes)
    answered, asked = float(products[0, 0]), float(margins[0])
    apart = _apart(margins, products)[1:]
    means = products[0, 1:] / answered
    spread = products[1:, 1:] / answered - np.outer(means, means)
    beta = np.linalg.solve(products, cross)[1:, lane]
    explained = float(beta @ spread @ beta)
    unexplained = max(sd * sd - explained, _LEAST_UNEXPLAINED * sd * sd)
    leverage = float(apart @ np.linalg.solve(spread, apart))
    return math.sqrt(unexplained * (1 + leverage) / answered + explained / asked)
