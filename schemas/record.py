"""The record that a centre keeps: one guidance trajectory. It never leaves the centre.

Only `client_ref`, `trajectory_ref`, `started_on` and `status` are required. In a node's store
the two references are HMACs; in a file they are the centre's own.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schemas import codes
from schemas.document import Document

Status = Literal["running", "completed", "stopped"]
Gender = Literal["f", "m", "x"]
Education = Literal["low", "medium", "high"]
Funding = Literal["cheque", "employer", "own", "other"]
LabourStatus = Literal["employed", "self_employed", "unemployed", "inactive", "student"]
YesNo = Literal["yes", "no"]
When = Literal["intake", "end", "6m", "12m"]
Dimension = Literal["meaning", "autonomy", "competence", "relatedness", "safety", "balance"]
FitAspect = Literal["culture", "team", "leadership"]
TargetGroup = Literal["55plus", "low_education", "disability", "migration_background"]
Driver = Literal[
    "meaning", "growth", "wage", "colleagues", "leadership",
    "workload", "balance", "security", "autonomy", "commute",
]  # fmt: skip

DIMENSIONS: tuple[Dimension, ...] = (
    "meaning", "autonomy", "competence", "relatedness", "safety", "balance",
)  # fmt: skip
WHENS: tuple[When, ...] = ("intake", "end", "6m", "12m")


def _in_list(name: str, allowed: frozenset[str]) -> AfterValidator:
    def check(code: str) -> str:
        if code not in allowed:
            raise ValueError(f"not a code of {name}")
        return code

    return AfterValidator(check)


Sector = Annotated[str, _in_list("NACE Rev. 2.1 sections", frozenset(codes.sectors()))]
Occupation = Annotated[
    str, _in_list("ISCO-08", frozenset(codes.occupations(1) + codes.occupations(2)))
]
Nuts3 = Annotated[str, _in_list("NUTS 3 of Belgium", frozenset(codes.nuts(3)))]
IscedField = Annotated[str, _in_list("ISCED-F broad fields", frozenset(codes.isced_fields()))]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]
EuroCents = Annotated[int, Field(ge=0, le=1_000_000, description="euro cents")]
MonthlyWage = Annotated[int, Field(ge=0, le=20_000, description="gross euro per month")]
Item = Annotated[int, Field(ge=1, le=7)]
Answers = tuple[Item | None, ...]


class Consent(Document):
    """What the client agreed to, or the other basis on which the centre counts her."""

    statistics: bool = False
    training: bool = False
    basis: Literal["consent", "legal", "public_interest"] = "consent"
    given_on: date | None = None
    withdrawn_on: date | None = None
    notice_version: str = Field(default="1", max_length=40)

    @property
    def counts(self) -> bool:
        """Whether this record may be counted in statistics today."""
        return self.statistics and self.withdrawn_on is None


class Trajectory(Document):
    """One guidance trajectory of one client. Printing it shows nothing of her."""

    client_ref: Reference = Field(repr=False)
    trajectory_ref: Reference = Field(repr=False)
    started_on: date
    ended_on: date | None = None
    status: Status
    residence: Nuts3 | None = None
    birth_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    gender: Gender | None = None
    education: Education | None = None
    funding: Funding | None = None
    guidance_quarters: Annotated[int, Field(ge=0, le=80)] | None = Field(
        default=None, description="guidance in quarters of an hour"
    )
    price_client: EuroCents | None = None
    price_public: EuroCents | None = None
    price_employer: EuroCents | None = None
    labour_status_before: LabourStatus | None = None
    labour_status_6m: LabourStatus | None = None
    labour_status_12m: LabourStatus | None = None
    sector_before: Sector | None = None
    sector_desired: Sector | None = None
    sector_6m: Sector | None = None
    sector_12m: Sector | None = None
    division_before: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None
    occupation_before: Occupation | None = None
    occupation_desired: Occupation | None = None
    occupation_12m: Occupation | None = None
    workplace_before: Nuts3 | None = None
    workplace_desired: Nuts3 | None = None
    workplace_12m: Nuts3 | None = None
    employer_changed_6m: YesNo | None = None
    employer_changed_12m: YesNo | None = None
    role_changed_6m: YesNo | None = None
    role_changed_12m: YesNo | None = None
    job_started_on: date | None = None
    job_ended_on: date | None = None
    last_seen_on: date | None = Field(
        default=None, description="the last day on which the centre knew this client's work"
    )
    wage_before: MonthlyWage | None = None
    wage_12m: MonthlyWage | None = None
    questionnaire: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,62}$")] = (
        "werkgeluk-1"
    )
    wellbeing: Mapping[When, Mapping[Dimension, Answers]] = Field(default_factory=dict)
    context_fit: Mapping[When, Mapping[FitAspect, Annotated[int, Field(ge=1, le=5)]]] = Field(
        default_factory=dict
    )
    drivers: Annotated[tuple[Driver, ...], Field(max_length=3)] = ()
    training_started: YesNo | None = None
    training_completed: YesNo | None = None
    training_field: IscedField | None = None
    employer_involved: YesNo | None = None
    target_groups: tuple[TargetGroup, ...] = ()
    consent: Consent = Consent()

    def __repr_args__(self) -> Iterator[tuple[str | None, object]]:
        yield from ()

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise ValueError("ended_on is before started_on")
        if self.job_ended_on and self.job_started_on and self.job_ended_on < self.job_started_on:
            raise ValueError("job_ended_on is before job_started_on")
        if self.last_seen_on is not None and self.last_seen_on < self.started_on:
            raise ValueError("last_seen_on is before started_on")
        return self
