"""A published figure as one row of the public API: the number and all that makes it honest."""

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.present import spreadsheet
from chassis.present.spreadsheet import PLAIN, Dialect
from coordinator.web.public.release_cache import CachedRelease
from schemas.release import Band, Figure, MeasureName
from schemas.statistic import Horizon, Unit

Status = Literal["published", "too_uncertain"]


class Row(BaseModel):
    """One figure with its uncertainty, its coverage and its price.

    A figure of band F is too uncertain to be used: its estimate and intervals are null. What
    was measured stands in `unadjusted`, for who estimates again.
    """

    model_config = ConfigDict(frozen=True)

    release: str
    period: str
    statistic: str
    horizon: Horizon
    measure: MeasureName
    variable: str = Field(description="what is scored, paid or chosen; empty otherwise")
    cell: dict[str, str] = Field(description="dimension -> code; empty is the whole region")
    unit: Unit = Field(description="a share runs from 0 to 1, points from 1 to 5")
    estimate: float | None = Field(description="what pages show; null in band F")
    unadjusted: float | None = Field(description="unbiased least-squares value, any band")
    noise_se: float | None = Field(description="standard error of the privacy noise")
    sampling_se: float | None
    noise_lo: float | None = Field(description="95% for the exact figure of the records")
    noise_hi: float | None
    lo: float | None = Field(description="95% with sampling added; of counts, the same")
    hi: float | None
    band: Band = Field(description="A (best) to D (with care); F is too uncertain")
    status: Status
    response: float | None = Field(description="share that answered; follow-ups only")
    people: float | None = Field(description="behind a mean, share or score, noisy")
    centres_in_sum: int
    centres_on_roster: int
    epsilon: float = Field(description="of the whole release, at delta")
    delta: float


_ADJUSTED = ("estimate", "noise_lo", "noise_hi", "lo", "hi")
_PLAIN = ("measure", "variable", "unadjusted", "noise_se", "sampling_se", "band", "response")


def row_of(figure: Figure, cached: CachedRelease) -> Row:
    """Return a figure as a row; in band F without adjusted numbers."""
    statistic, _, horizon = figure.statistic.partition("@")
    shown = figure.band != "F"
    release = cached.release
    return Row(
        release=release.id,
        period=release.period,
        statistic=statistic,
        horizon=horizon,
        cell=dict(figure.cell),
        unit=unit_of(figure, cached),
        status="published" if shown else "too_uncertain",
        people=figure.n,
        centres_in_sum=len(release.in_sum),
        centres_on_roster=release.on_roster,
        epsilon=release.epsilon,
        delta=cached.delta,
        **{name: getattr(figure, name) for name in _PLAIN},
        **(_adjusted(figure) if shown else dict.fromkeys(_ADJUSTED)),
    )


def _adjusted(figure: Figure) -> dict[str, float | None]:
    """What pages show; nobody is sampled for a count, whose one interval stands in both places."""
    found = {name: getattr(figure, name) for name in _ADJUSTED}
    if figure.lo is None or figure.hi is None:
        found |= {"lo": figure.noise_lo, "hi": figure.noise_hi}
    return found


def unit_of(figure: Figure, cached: CachedRelease) -> Unit:
    """People for counts of those who answered, whatever the statistic is measured in."""
    if figure.measure in ("count", "answered"):
        return "people"
    return cached.programme.by_id[figure.statistic.partition("@")[0]].unit


_FIRST = ("release", "period", "statistic", "horizon", "measure", "variable")


def as_csv(rows: Iterable[Row], dimensions: Sequence[str], dialect: Dialect = PLAIN) -> str:
    """Return the rows as CSV; `dimensions`: the columns between `variable` and `unit`."""
    last = [name for name in Row.model_fields if name not in (*_FIRST, "cell")]
    lines = (
        [
            *(getattr(row, name) for name in _FIRST),
            *(row.cell.get(dimension, "") for dimension in dimensions),
            *(getattr(row, name) for name in last),
        ]
        for row in rows
    )
    return spreadsheet.spell([*_FIRST, *dimensions, *last], lines, dialect)
