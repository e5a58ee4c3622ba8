"""What may be asked: a statistic is a declaration, not code.

The encoder, its sensitivity and the estimator follow from the declaration; a new statistic is
a new declaration unless it needs a new kind of measure.
"""

from fractions import Fraction
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from schemas.document import Document
from schemas.questionnaire import Text
from schemas.record import Dimension
from schemas.units import Milli, Slug

Horizon = Literal["start", "intake", "end", "6m", "12m"]
Population = Literal["all", "completed", "in_work_both"]
TableDimension = Literal[
    "nuts1", "nuts2", "nuts3", "sector_before", "sector_desired", "sector_6m", "sector_12m",
    "age_band", "gender", "education", "funding", "hours_band", "occupation_before",
    "labour_status_before",
]  # fmt: skip
View = tuple[TableDimension, ...]
"""The dimensions of one published table; `()` is the national total."""


class Count(Document):
    """How many people: one-hot, so one person moves one cell of each view by 1."""

    kind: Literal["count"] = "count"


class Share(Document):
    """Which share had an outcome: one-hot over yes, no and not answered, in each view."""

    kind: Literal["share"] = "share"
    outcome: Literal["durable_match"]


class Mean(Document):
    """Mean scores of people who answered every variable (listwise).

    Each score has its public `centre` subtracted, is clipped to [lower, upper], and the
    person's vector is then clipped to `norm` in L2. Beside the sums each view counts
    answered and not answered; national sums of squares give the standard deviation.
    `rho_shares` divides the price over sums, counts and squares, in 1/1000.
    """

    kind: Literal["mean"] = "mean"
    value: Literal["level", "change"]
    variables: tuple[Dimension, ...] = Field(min_length=1)
    centres: tuple[Milli, ...]
    lower: Milli
    upper: Milli
    norm: Milli = Field(gt=0)
    rho_shares: tuple[int, int, int] = (840, 140, 20)

    @model_validator(mode="after")
    def _shapes_fit(self) -> "Mean":
        if len(self.centres) != len(self.variables):
            raise ValueError("one centre for each variable")
        if sum(self.rho_shares) != 1000 or min(self.rho_shares) <= 0:
            raise ValueError("rho_shares are positive and add up to 1000")
        if not self.lower < 0 < self.upper:
            raise ValueError("lower < 0 < upper, relative to the centre")
        return self


Measure = Annotated[Count | Share | Mean, Field(discriminator="kind")]
AnyMeasure = TypeVar("AnyMeasure", Count, Share, Mean)

_AFTERWARDS: frozenset[Horizon] = frozenset({"6m", "12m"})


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
    unit: Literal["people", "share", "points"]
    resolution: Milli | None = Field(
        default=None, description="smallest difference that matters, 1/1000 of the unit"
    )

    @model_validator(mode="after")
    def _views_make_one_table(self) -> Self:
        if len(set(self.views)) != len(self.views) or () not in self.views:
            raise ValueError("each view stands once, and the national total () is one of them")
        for view in self.views:
            if len({"nuts" if d.startswith("nuts") else d for d in view}) != len(view):
                raise ValueError("a view has each dimension, and one level of geography, once")
        return self

    @model_validator(mode="after")
    def _horizons_can_be_asked(self) -> Self:
        asked = set(self.horizons)
        later = isinstance(self.measure, Share) or self.population == "in_work_both"
        if later and not asked <= _AFTERWARDS:
            raise ValueError("work afterwards is known at 6m and 12m only")
        if isinstance(self.measure, Mean):
            first = {"intake"} if self.measure.value == "change" else set()
            if asked & ({"start"} | first):
                raise ValueError(
                    "scores are taken at intake, end, 6m and 12m; a change after intake"
                )
        return self

    @property
    def equal_share(self) -> Fraction:
        """The part of a price that each view gets when all are paid alike."""
        return Fraction(1, len(self.views))

    def resolution_in_units(self, default: float) -> float:
        """Return the smallest difference that matters, in the figure's unit."""
        return default if self.resolution is None else self.resolution / 1000

    def measured_by(self, kind: type[AnyMeasure]) -> AnyMeasure:
        """Return the measure, which is of this kind. Raises TypeError when it is not."""
        if not isinstance(self.measure, kind):
            raise TypeError(f"{self.id} is not measured by a {kind.__name__.lower()}")
        return self.measure
