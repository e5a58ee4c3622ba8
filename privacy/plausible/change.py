"""Figures against those of the period before: how much a region can change in a year."""

from collections.abc import Iterator

from privacy.encode.layout import Layout
from privacy.inference.reach import Z95
from schemas.measures import Mean
from schemas.release import Figure, Finding, Release

USUAL_PERCENT = 50
"""Declared tolerance: counts may change by half, shares and means by a quarter of their range."""

_ERRORS = 5.0
_COMPARED = ("count", "share", "mean")


def changes(
    new: Release, old: Release, layout: Layout, percent: int = USUAL_PERCENT
) -> Iterator[Finding]:
    """National figures and those by one dimension that changed more than is tolerated.

    Counts are compared for as many centres and cohorts; noise is left five standard errors.
    """
    before = {_key(one): one for one in old.figures}
    people = len(new.in_sum) * len(new.cohorts) / (len(old.in_sum) * len(old.cohorts))
    for figure in new.figures:
        last = before.get(_key(figure))
        if last is None or figure.measure not in _COMPARED or len(figure.cell) > 1:
            continue
        factor = people if figure.measure == "count" else 1.0
        finding = _compared(figure, last, factor, _tolerance(figure, last, layout, percent))
        if finding is not None:
            yield finding


def _key(one: Figure) -> tuple[object, ...]:
    return one.statistic, one.measure, one.variable, one.cell


def _tolerance(figure: Figure, last: Figure, layout: Layout, percent: int) -> float:
    if figure.measure == "count":
        return percent / 100 * abs(last.estimate or 0.0)
    measure = next(
        layout.statistic(ask).measure for ask in layout.asks if ask.key == figure.statistic
    )
    width = (measure.upper - measure.lower) / 1000 if isinstance(measure, Mean) else 1.0
    return percent / 200 * width


def _compared(figure: Figure, last: Figure, factor: float, tolerance: float) -> Finding | None:
    now, then = figure.unadjusted, last.unadjusted
    errors = (figure.noise_lo, figure.noise_hi, last.noise_lo, last.noise_hi)
    if now is None or then is None or None in errors:
        return None
    half = sum(
        (high - low) / 2
        for low, high in ((figure.noise_lo, figure.noise_hi), (last.noise_lo, last.noise_hi))
        if low is not None and high is not None
    )
    allowed = tolerance * factor + _ERRORS / Z95 * half
    if abs(now - then * factor) <= allowed:
        return None
    view = tuple(dimension for dimension, _ in figure.cell)
    return Finding(
        kind="change", statistic=figure.statistic, part=figure.measure, view=view, other=None,
        cell=figure.cell, stated=now, expected=then * factor, allowed=allowed,
    )  # fmt: skip
