"""What may be asked: a statistic is a declaration, not code.

The encoder, its sensitivity and the estimator follow from the declaration; a new statistic is
a new declaration unless it needs a new kind of measure.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.document import Document
from schemas.measures import (
    AnyMeasure,
    Choice,
    Count,
    Histogram,
    Mean,
    Measure,
    Regression,
    Reliability,
    Share,
    Survival,
)
from schemas.questionnaire import Text
from schemas.units import Milli, Slug

Horizon = Literal["start", "intake", "end", "6m", "12m"]
Population = Literal["all", "ended", "completed", "in_work_both", "in_work_after"]
Unit = Literal["people", "share", "points", "euro", "months", "coefficient"]
TableDimension = Literal[
    "nuts1", "nuts2", "nuts3", "sector_before", "sector_desired", "sector_6m", "sector_12m",
    "age_band", "gender", "education", "funding", "hours_band", "occupation_before",
    "labour_status_before", "work_nuts2", "training_field",
]  # fmt: skip
View = tuple[TableDimension, ...]
"""The dimensions of one published table; `()` is the national total."""


_ALL: frozenset[Horizon] = frozenset({"start", "intake", "end", "6m", "12m"})
_AFTERWARDS: frozenset[Horizon] = frozenset({"6m", "12m"})
_WORK_POPULATIONS: frozenset[Population] = frozenset({"in_work_both", "in_work_after"})
_SCORED: Mapping[str, frozenset[Horizon]] = {
    "level": _ALL - {"start"},
    "context_fit": _ALL - {"start"},
    "change": _ALL - {"start", "intake"},
    "improved": _ALL - {"start", "intake"},
    "outcomes": _AFTERWARDS,
}
_KNOWN: Mapping[str, frozenset[Horizon]] = {
    "durable_match": _AFTERWARDS,
    "at_work": _AFTERWARDS,
    "changed_sector": _AFTERWARDS,
    "reached_sector": _AFTERWARDS,
    "reorientation": _AFTERWARDS,
    "wage_change": frozenset({"12m"}),
    "months_to_job": frozenset({"12m"}),
    "training": frozenset({"12m"}),
}
_OTHERS: Mapping[str, frozenset[Horizon]] = {
    "count": _ALL,
    "reliability": _ALL - {"start"},
    "regression": _ALL - {"start", "intake"},
    "survival": frozenset({"12m"}),
}


def _horizons_of(measure: Measure) -> frozenset[Horizon]:
    """When the numbers of a measure are known: scores not at the start, work only afterwards."""
    match measure:
        case Mean():
            return _SCORED.get(measure.value, _ALL)
        case Share():
            return _KNOWN.get(measure.outcome, _ALL)
        case Choice() | Histogram():
            return _KNOWN[measure.of]
        case Count() | Reliability() | Regression() | Survival():
            return _OTHERS[measure.kind]


def _code_list(dimension: TableDimension) -> str:
    """The code list of a dimension: sectors before and after have one, places as well."""
    return "sector" if dimension.startswith("sector_") else dimension.removeprefix("work_")


class Statistic(Document):
    """One statistic of the catalogue."""

    id: Slug
    number: int = Field(ge=1, le=999)
    name: Text
    definition: Text
    audience: tuple[Literal["policymaker", "sector_fund", "province", "researcher"], ...]
    population: Population
    horizons: tuple[Horizon, ...] = Field(min_length=1)
    views: tuple[View, ...] = Field(min_length=1)
    measure: Measure
    unit: Unit
    resolution: Milli | None = Field(
        default=None, description="smallest difference that matters, 1/1000 of the unit"
    )

    @model_validator(mode="after")
    def _views_make_one_table(self) -> Self:
        if len(set(self.views)) != len(self.views):
            raise ValueError("each view stands once")
        for view in self.views:
            if len({"nuts" if d.startswith("nuts") else d for d in view}) != len(view):
                raise ValueError("a view has each dimension, and one level of geography, once")
        return self

    @model_validator(mode="after")
    def _a_diagonal_has_its_table(self) -> Self:
        if isinstance(self.measure, Count) and self.measure.diagonal and self.square is None:
            raise ValueError("a diagonal needs one view of a code list by itself")
        return self

    @model_validator(mode="after")
    def _horizons_can_be_asked(self) -> Self:
        allowed = _horizons_of(self.measure)
        if self.population in _WORK_POPULATIONS:
            allowed &= _AFTERWARDS
        wrong = set(self.horizons) - allowed
        if wrong:
            raise ValueError(f"{self.id} cannot be asked at {', '.join(sorted(wrong))}")
        return self

    @property
    def published(self) -> tuple[View, ...]:
        """The views of which figures are made: a total that is not measured is the sum of one."""
        return self.views if () in self.views else ((), *self.views)

    def share_of(self, view: View) -> Fraction:
        """The part of a price that a view gets: a quarter of another's for the national total.

        The total is also the sum of every other table, and of many more people: it needs less.
        """
        weights = {v: 4 if v or len(self.views) == 1 else 1 for v in self.views}
        return Fraction(weights[view], sum(weights.values()))

    @property
    def square(self) -> View | None:
        """The view of a code list by itself, such as desired by realised sector, if it is one."""
        found = [v for v in self.views if len(v) == 2 and _code_list(v[0]) == _code_list(v[1])]
        return found[0] if len(found) == 1 else None

    @property
    def smallest_difference(self) -> float:
        """The smallest difference that matters, in the figure's unit; its measure's own where
        the declaration names none."""
        return (self.measure.resolution if self.resolution is None else self.resolution) / 1000

    def measured_by(self, kind: type[AnyMeasure]) -> AnyMeasure:
        """Return the measure, which is of this kind. Raises TypeError when it is not."""
        if not isinstance(self.measure, kind):
            raise TypeError(f"{self.id} is not measured by a {kind.__name__.lower()}")
        return self.measure
