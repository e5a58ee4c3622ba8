"""Kinds of measure: what a statistic makes of the people it asks about.

    Count         how many people
    Share         which share had an outcome
    Choice        which share had each of several outcomes
    Mean          mean scores, changes, flags or euro of people who have all of them
    Histogram     quantiles from public bins
    Survival      which share still holds what it found, by month
    Reliability   whether the items of a questionnaire hang together
    Regression    what goes with a higher gain

What each adds to a sum and what becomes of it stands in a module of `privacy.measures`.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import Field, model_validator

from schemas.document import Document
from schemas.record import Dimension
from schemas.units import Milli, Slug

MeanValue = Literal[
    "level", "change", "improved", "context_fit", "public_price", "employer_cost", "outcomes"
]

OF_SHARES, OF_SCORES, OF_NUMBERS = Milli(100), Milli(250), Milli(1000)
"""The smallest difference that matters where a declaration names none: ten percentage points, a
quarter of a point, one of what is counted in whole numbers."""

Aim = Literal["mean", "share", "spread"]
"""Means near their centres; shares that may be near 0 or 1; standard deviations."""


class Count(Document):
    """How many people: one-hot, so one person moves one cell of each view by 1.

    `diagonal`: a table of a code list by itself, such as desired by realised sector, also gives
    the share of each row that is on the diagonal.
    """

    resolution: ClassVar[Milli] = OF_SHARES
    kind: Literal["count"] = "count"
    diagonal: bool = False


class Share(Document):
    """Which share had an outcome: one-hot over yes, no and not answered, in each view.

    `calibrate`: the national share also comes weighted to all who were asked, with bounds; see
    `privacy.measures.calibration`.
    """

    resolution: ClassVar[Milli] = OF_SHARES
    kind: Literal["share"] = "share"
    outcome: Literal[
        "durable_match", "at_work", "completed", "employer_involved", "changed_sector",
        "reached_sector",
    ]  # fmt: skip
    calibrate: bool = False


class Choice(Document):
    """Which share had each outcome: one-hot over the options and not answered, in each view."""

    resolution: ClassVar[Milli] = OF_SHARES
    kind: Literal["choice"] = "choice"
    of: Literal["reorientation", "training"]
    options: tuple[Slug, ...] = Field(min_length=2, max_length=12)

    @model_validator(mode="after")
    def _everyone_has_an_option(self) -> Self:
        if sorted(self.options) != sorted(_OPTIONS[self.of]):
            raise ValueError(f"the options of {self.of} are {', '.join(_OPTIONS[self.of])}")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its figures."""
        return self.options


_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "reorientation": ("stayed", "new_role", "new_employer", "new_sector"),
    "training": ("not_started", "started", "completed"),
}


class Mean(Document):
    """Means of each variable, of the people who have it.

    Each value has its public `centre` subtracted, is clipped to [lower, upper], and the
    person's vector is then clipped to `norm` in L2. Beside the sums each view counts who has
    each variable; national sums of squares give the standard deviation. `aim`: what the figures
    are for, which decides how a price is split over sums, counts and squares; `beyond`: how far
    from the centres the means may be expected, where the split is best (see
    `privacy.measures.split`). `gaps`: each cell
    of a one-way view is also compared with everybody else. `calibrate`: national means also
    come weighted to all who were asked, with bounds. `scale`: the unit in which sums are kept,
    such as 100 euro; large numbers in small units leave no room for a multiplier.
    """

    kind: Literal["mean"] = "mean"
    value: MeanValue
    variables: tuple[Slug, ...] = Field(min_length=1)
    centres: tuple[Milli, ...]
    lower: Milli
    upper: Milli
    norm: Milli = Field(gt=0)
    aim: Aim = "mean"
    beyond: Milli | None = Field(default=None, gt=0)
    gaps: bool = False
    calibrate: bool = False
    scale: Milli = Field(default=1000, gt=0)

    @model_validator(mode="after")
    def _shapes_fit(self) -> Self:
        if len(self.centres) != len(self.variables):
            raise ValueError("one centre for each variable")
        if not self.lower < 0 < self.upper:
            raise ValueError("lower < 0 < upper, relative to the centre")
        if self.value == "employer_cost" and set(self.variables) != _COSTS:
            raise ValueError(f"a cost share is made of {', '.join(sorted(_COSTS))}")
        return self

    @property
    def resolution(self) -> Milli:
        """Of a cost share, that of shares."""
        return OF_SHARES if self.value == "employer_cost" else OF_SCORES

    @property
    def counted(self) -> int:
        """How many counts of people it takes: one where all variables are known or none is."""
        return 1 if self.value == "employer_cost" else len(self.variables)

    @property
    def flags(self) -> bool:
        """Whether every value is 0 or 1, so that its spread follows from its mean."""
        return self.value == "improved"


_COSTS = frozenset({"employer", "others", "total"})


class Histogram(Document):
    """Quantiles of a number, from one-hot counts in public bins and not answered.

    Bin k holds edges[k] <= value < edges[k+1]; what lies outside counts in the outer bins.
    """

    resolution: ClassVar[Milli] = OF_NUMBERS
    kind: Literal["histogram"] = "histogram"
    of: Literal["wage_change", "months_to_job"]
    edges: tuple[int, ...] = Field(min_length=3, max_length=65)
    percentiles: tuple[int, ...] = Field(default=(25, 50, 75), min_length=1)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges ascend")
        if list(self.percentiles) != sorted(set(self.percentiles)):
            raise ValueError("percentiles ascend")
        if not all(0 < percentile < 100 for percentile in self.percentiles):
            raise ValueError("percentiles lie between 0 and 100")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its figures."""
        return tuple(f"p{percentile}" for percentile in self.percentiles)


class Survival(Document):
    """Kaplan-Meier on whole months 0..months: one-hot over (month, ended or still held).

    `at`: the months at which the share that still holds is published.
    """

    resolution: ClassVar[Milli] = OF_SHARES
    kind: Literal["survival"] = "survival"
    months: int = Field(default=24, ge=1, le=60)
    at: tuple[int, ...] = Field(default=(6, 12, 24), min_length=1)

    @model_validator(mode="after")
    def _within_the_months(self) -> Self:
        if list(self.at) != sorted(set(self.at)):
            raise ValueError("months ascend")
        if not 0 < self.at[0] <= self.at[-1] <= self.months:
            raise ValueError("survival is published from month 1 to the last month")
        return self

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of its figures."""
        return tuple(f"{month}m" for month in self.at)


class Reliability(Document):
    """Second moments of the items of each dimension, of people who answered them all.

    Gives Cronbach's alpha of each dimension and the item-rest correlation of each item.
    """

    resolution: ClassVar[Milli] = OF_SHARES
    kind: Literal["reliability"] = "reliability"
    questionnaire: Slug
    variables: tuple[Dimension, ...] = Field(min_length=1)
    items: int = Field(ge=2, le=6, description="items of each dimension")


class Regression(Document):
    """Linear regression from X'X, X'y and y'y of bounded columns, clipped to `norm` in L2.

    `terms` name the columns; the first is the constant.
    """

    resolution: ClassVar[Milli] = OF_SCORES
    kind: Literal["regression"] = "regression"
    outcome: Literal["gain"]
    terms: tuple[Slug, ...] = Field(min_length=2, max_length=20)
    norm: Milli = Field(gt=0)


Measure = Annotated[
    Count | Share | Choice | Mean | Histogram | Survival | Reliability | Regression,
    Field(discriminator="kind"),
]
AnyMeasure = TypeVar(
    "AnyMeasure", Count, Share, Choice, Mean, Histogram, Survival, Reliability, Regression
)
