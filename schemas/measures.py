"""Kinds of measure: what a statistic makes of the people it asks about.

    Count         how many people
    Share         which share had an outcome
    Choice        which share had each of several outcomes
    Mean          mean scores, changes, flags or euro of people who have all of them
    Histogram     quantiles from public bins
    Survival      which share still holds what it found, by month
    Reliability   whether the items of a questionnaire hang together
    Regression    what goes with a higher gain

Each has its encoder in `privacy.encode.measures` and its estimator in
`privacy.estimate.measures`.
"""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from schemas.document import Document
from schemas.record import Dimension
from schemas.units import Milli, Slug

MeanValue = Literal[
    "level", "change", "improved", "context_fit", "public_price", "employer_cost", "outcomes"
]


class Count(Document):
    """How many people: one-hot, so one person moves one cell of each view by 1.

    `diagonal`: square tables also give the share of each row that is on the diagonal.
    """

    kind: Literal["count"] = "count"
    diagonal: bool = False


class Share(Document):
    """Which share had an outcome: one-hot over yes, no and not answered, in each view."""

    kind: Literal["share"] = "share"
    outcome: Literal["durable_match", "completed", "employer_involved"]


class Choice(Document):
    """Which share had each outcome: one-hot over the options and not answered, in each view."""

    kind: Literal["choice"] = "choice"
    of: Literal["reorientation", "training"]
    options: tuple[Slug, ...] = Field(min_length=2, max_length=12)


class Mean(Document):
    """Means of people who have every variable (listwise).

    Each value has its public `centre` subtracted, is clipped to [lower, upper], and the
    person's vector is then clipped to `norm` in L2. Beside the sums each view counts
    answered and not answered; national sums of squares give the standard deviation.
    `rho_shares` divides the price over sums, counts and squares, in 1/1000. `gaps`: each cell
    of a one-way view is also compared with everybody else.
    """

    kind: Literal["mean"] = "mean"
    value: MeanValue
    variables: tuple[Slug, ...] = Field(min_length=1)
    centres: tuple[Milli, ...]
    lower: Milli
    upper: Milli
    norm: Milli = Field(gt=0)
    rho_shares: tuple[int, int, int] = (840, 140, 20)
    gaps: bool = False

    @model_validator(mode="after")
    def _shapes_fit(self) -> Self:
        if len(self.centres) != len(self.variables):
            raise ValueError("one centre for each variable")
        if sum(self.rho_shares) != 1000 or min(self.rho_shares) <= 0:
            raise ValueError("rho_shares are positive and add up to 1000")
        if not self.lower < 0 < self.upper:
            raise ValueError("lower < 0 < upper, relative to the centre")
        return self


class Histogram(Document):
    """Quantiles of a number, from one-hot counts in public bins and not answered.

    Bin k holds edges[k] <= value < edges[k+1]; what lies outside counts in the outer bins.
    """

    kind: Literal["histogram"] = "histogram"
    of: Literal["wage_change", "months_to_job"]
    edges: tuple[int, ...] = Field(min_length=3, max_length=65)
    percentiles: tuple[int, ...] = (25, 50, 75)

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges ascend")
        return self


class Survival(Document):
    """Kaplan-Meier on whole months 0..months: one-hot over (month, ended or still held).

    `at`: the months at which the share that still holds is published.
    """

    kind: Literal["survival"] = "survival"
    months: int = Field(default=24, ge=1, le=60)
    at: tuple[int, ...] = (6, 12, 24)


class Reliability(Document):
    """Second moments of the items of each dimension, of people who answered them all.

    Gives Cronbach's alpha of each dimension and the item-rest correlation of each item.
    """

    kind: Literal["reliability"] = "reliability"
    questionnaire: Slug
    variables: tuple[Dimension, ...] = Field(min_length=1)
    items: int = Field(ge=2, le=6, description="items of each dimension")


class Regression(Document):
    """Linear regression from X'X, X'y and y'y of bounded columns, clipped to `norm` in L2.

    `terms` name the columns; the first is the constant.
    """

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
