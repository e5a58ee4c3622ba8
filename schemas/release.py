"""A release: the integer sum of one round, its certificate, and every figure made from it.

It is published as an envelope (`Signed`) under the coordinator's key, the one on the roster that
it holds: no fact of it can be changed by anybody else.
"""

from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from schemas.document import Document
from schemas.names import Line
from schemas.round import Certificate, NoiseFamily
from schemas.signed import Signed
from schemas.units import AskKey, CentreId, CohortText, Digest, Moment, Price, RoundNumber, Slug

Band = Literal["A", "B", "C", "D", "F"]
MeasureName = Literal[
    "count", "share", "answered", "mean", "sd", "quantile", "survival",
    "gap", "ratio", "weighted", "bound_lo", "bound_hi",
    "alpha", "item_rest", "coefficient", "r2",
]  # fmt: skip
Number = Annotated[float, Field(allow_inf_nan=False)]
Code = Annotated[str, StringConstraints(pattern=r"^[^\pC\pZ]{0,120}$")]
"""Of a code list, or a variable of a measure: every character is seen, and none is a space."""

Cell = tuple[tuple[Code, Code], ...]
"""Pairs (dimension, code) in the order of the view; `()` is the national figure."""

Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]


class Figure(Document):
    """One published number with its uncertainty.

    `estimate` is what pages show; `unadjusted` is the unbiased least-squares value. They
    differ in inner cells of counts: those that are shown lose what is luck in being shown, and
    the others are projected on non-negative with margins held; and where survival would rise or
    pass 1. `noise_lo..noise_hi` is the interval of the estimate: it holds the exact figure of the
    pooled records as clipped, in 95% of cases, also of those that are shown; it is not cut at 0.
    `lo..hi` adds sampling: the population they speak of (all but counts). Intervals are None when
    the figure is too uncertain to give one.
    """

    statistic: AskKey
    measure: MeasureName
    variable: Code = ""
    cell: Cell = ()
    estimate: Number | None
    unadjusted: Number | None
    noise_se: Number | None
    sampling_se: Number | None = None
    noise_lo: Number | None
    noise_hi: Number | None
    lo: Number | None = None
    hi: Number | None = None
    band: Band
    response: Number | None = Field(
        default=None, description="share of the population that answered, follow-ups only"
    )
    n: Number | None = Field(default=None, description="people behind a mean or share, noisy")


FindingKind = Literal["contradiction", "negative", "out-of-range", "too-many", "change"]


class Finding(Document):
    """Something in a sum that cannot be true, or hardly, so that a person decided about it.

    contradiction  two views of one statistic add up to different numbers
    negative       fewer than none
    out-of-range   more than the people behind it can add
    too-many       more people than the region's centres can count
    change         another figure than in the period before, beyond the declared tolerance
    """

    kind: FindingKind
    statistic: AskKey
    part: Line = Field(description="what was counted or added up: count, outcome, sum ...")
    view: tuple[Code, ...]
    other: tuple[Code, ...] | None = Field(description="the view that it contradicts")
    cell: Cell
    stated: Number
    expected: Number = Field(description="the other number, or the most or least there can be")
    allowed: Number = Field(description="how far noise and rounding can carry it")


Reason = Annotated[Line, Field(min_length=10, max_length=500)]
"""Why a person published, or rejected, a draft; for every reader."""


class Withheld(Document):
    """A completed round that is not published; signed by the coordinator."""

    round: RoundNumber
    period: Slug
    cohorts: tuple[CohortText, ...]
    asks: tuple[AskKey, ...]
    withheld_at: Moment
    findings: tuple[Finding, ...]
    reason: Reason


class Release(Document):
    """Everything that anyone needs to check and re-estimate the figures of one round."""

    id: Slug
    round: RoundNumber
    published_at: Moment
    period: Slug
    cohorts: tuple[CohortText, ...]
    asks: tuple[AskKey, ...]
    roster: Signed
    programme: Signed
    certificate: Certificate
    sum: Base64 = Field(description="the integer sum, int64 little-endian")
    in_sum: tuple[CentreId, ...] = Field(description="U: the centres in the sum")
    on_roster: int = Field(ge=1)
    noise: NoiseFamily
    noise_variance: int
    honest: int = Field(description="shares that are the whole noise, once excess noise is off")
    cost: Price = Field(description="micro-rho charged to each cohort")
    epsilon: Number = Field(
        description="this release alone: at delta = 10^-delta_exponent, or pure (Polya)"
    )
    delta_exponent: int
    sampler_delta: Number = Field(
        description="what the finite tables of the noise add to delta, at that epsilon, at most"
    )
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...] = Field(
        default=(), description="what was found before publication, although it was published"
    )
    reason: Reason | None = Field(
        default=None, description="why a person published it in spite of the findings"
    )


class ReleaseLine(Document):
    """What a list says of a release without reading it; signed beside it."""

    id: Slug
    round: RoundNumber
    period: Slug
    cohorts: tuple[CohortText, ...]
    published_at: Moment
    in_sum: int
    on_roster: int
    epsilon: Number
    figures: int
    asks: tuple[AskKey, ...]
    envelope: Digest = Field(description="SHA-256 of the signed release, as a file")

    @classmethod
    def of(cls, one: Release, envelope: bytes) -> Self:
        """Take it from the release and its signed bytes."""
        return cls(
            id=one.id, round=one.round, period=one.period, cohorts=one.cohorts,
            published_at=one.published_at,
            in_sum=len(one.in_sum), on_roster=one.on_roster, epsilon=one.epsilon,
            figures=len(one.figures), asks=one.asks, envelope=sha256(envelope).hexdigest(),
        )  # fmt: skip

    @property
    def statistics(self) -> frozenset[str]:
        """Ids of the statistics in it, at whatever horizon."""
        return frozenset(ask.partition("@")[0] for ask in self.asks)
