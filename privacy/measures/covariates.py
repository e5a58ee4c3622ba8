"""The columns of a regression: what is known of a person, each within -1 and 1.

`AGES`, `SECTORS` and `FLAGS` are 0 or 1, and of those with one group name a person has at most
one; `hours` and `baseline` are numbers that are shifted, scaled and clipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from privacy.people.dimensions import categories, place
from privacy.people.values import changes, level
from schemas.questionnaire import Questionnaire
from schemas.record import Trajectory
from schemas.statistic import Horizon, TableDimension

GAIN_SCALE = 1.5
"""Points of change that count as 1; larger changes are cut. A mean over six dimensions seldom is:
its deviation is under half a point. A wider scale would leave the gain small beside the noise."""


@dataclass(frozen=True, slots=True)
class Term:
    """One column: (number - shift) / scale, clipped; or whether she has one of the codes.

    A coefficient is published per unit of the number: divided by `scale`.
    """

    group: str
    codes: tuple[str, ...] = ()
    shift: float = 0.0
    scale: float = 1.0


TERMS: Mapping[str, Term] = MappingProxyType(
    {
        "constant": Term("constant"),
        "hours": Term("hours", shift=5.5, scale=4.0),
        "baseline": Term("baseline", shift=3.2, scale=1.25),
        "age_under_35": Term("age_band", ("<25", "25-34")),
        "age_45_54": Term("age_band", ("45-54",)),
        "age_55_plus": Term("age_band", ("55+",)),
        "sector_industry": Term("sector_before", ("B", "C", "D", "E", "F")),
        "sector_trade": Term("sector_before", ("G", "H", "I")),
        "sector_public": Term("sector_before", ("P",)),
        "sector_education": Term("sector_before", ("Q",)),
        "sector_care": Term("sector_before", ("R",)),
        "education_low": Term("education", ("low",)),
        "education_high": Term("education", ("high",)),
        "men": Term("gender", ("m",)),
    }
)
"""What may be named in a declaration; who has no code of a group is in its reference."""

_DIMENSIONS: Mapping[str, TableDimension] = MappingProxyType(
    {"age_band": "age_band", "sector_before": "sector_before", "education": "education",
     "gender": "gender"}
)  # fmt: skip


def row(
    record: Trajectory, terms: tuple[str, ...], horizon: Horizon, form: Questionnaire | None
) -> list[float] | None:
    """Return her columns and, last, the gain over her dimensions, each in [-1, 1].

    None unless a score is known then and at intake, and the hours are. The first score is that
    of the same dimensions.
    """
    change = changes(record, horizon, form)
    if not change or record.guidance_quarters is None:
        return None
    start = level(record, "intake", form)
    numbers = {
        "constant": 1.0,
        "hours": record.guidance_quarters / 4,
        "baseline": float(sum(start[d] for d in change) / len(change)),
    }
    gain = float(sum(change.values()) / len(change)) / GAIN_SCALE
    found = [_column(record, name, numbers) for name in terms]
    return [*found, max(-1.0, min(1.0, gain))]


def _column(record: Trajectory, name: str, numbers: Mapping[str, float]) -> float:
    term = TERMS[name]
    if name in numbers:
        return max(-1.0, min(1.0, (numbers[name] - term.shift) / term.scale))
    dimension = _DIMENSIONS[term.group]
    return float(categories(dimension)[place(record, dimension)] in term.codes)
