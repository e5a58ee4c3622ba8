"""Questions: a declaration of the catalogue, and where a statistician finds its answer.

`study` is a raw file as a statistician tidies it: one row a person, columns named after table
dimensions hold their codes, and the columns that a kind names hold what is asked. Nothing of it
passes through records, files or encoders.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from schemas.catalogue import BY_ID
from schemas.codes import UNKNOWN
from schemas.measures import Mean, Regression
from schemas.statistic import Horizon, Statistic, View

Cell = tuple[tuple[str, str], ...]
Key = tuple[str, str, Cell]
"""(measure, variable, cell) as releases name figures."""


@dataclass(frozen=True)
class Counts:
    """How many people are in each cell."""


@dataclass(frozen=True)
class Shares:
    """Which share is True in a column of True, False or missing."""

    column: str


@dataclass(frozen=True)
class Choices:
    """Which share has each option of a column."""

    column: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Diagonal:
    """Whose code in one column is that in another, of who has both; by the first column."""

    row: str
    column: str


@dataclass(frozen=True)
class Means:
    """Means of columns by variable; `deviations`: it is their standard deviations that count."""

    columns: Mapping[str, str]
    deviations: bool = False


@dataclass(frozen=True)
class Flags:
    """Shares of True that a declaration calls means; `gaps`: each group against the rest."""

    columns: Mapping[str, str]
    gaps: bool = False


@dataclass(frozen=True)
class CostShare:
    """What one column is of another, both summed."""

    part: str
    whole: str


@dataclass(frozen=True)
class CostPer:
    """What one column sums to for each True of another: two asks in a round, at half the price."""

    cost: str
    result: str


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of a column."""

    column: str


@dataclass(frozen=True)
class Survival:
    """Kaplan-Meier of whole months, and whether they ended in the event."""

    months: str
    ended: str


@dataclass(frozen=True)
class Alphas:
    """Cronbach's alpha and item-rest correlations of items, turned the same way."""

    items: Mapping[str, tuple[str, ...]]
    lowest: int
    highest: int


@dataclass(frozen=True)
class Coefficients:
    """Least squares of a column on others, by the term of the declaration; the constant apart."""

    outcome: str
    columns: Mapping[str, str]


Kind = (
    Counts
    | Shares
    | Choices
    | Diagonal
    | Means
    | Flags
    | CostShare
    | CostPer
    | Quantiles
    | Survival
    | Alphas
    | Coefficients
)


@dataclass(frozen=True)
class Query:
    """One ask alone in its round, or with the one beside it that its figure is made of.

    `people`: the column that says who is asked, None for all.
    """

    statistic: Statistic
    horizon: Horizon
    kind: Kind
    people: str | None = None
    beside: tuple[tuple[Statistic, Horizon], ...] = ()

    @property
    def name(self) -> str:
        """The statistic and its views."""
        views = " ".join("*".join(view) or "national" for view in self.statistic.views)
        return f"{self.statistic.id}@{self.horizon} [{views}]"

    def of(self, study: pd.DataFrame) -> pd.DataFrame:
        """The rows of who is asked."""
        return study if self.people is None else study[study[self.people]]


def groups(people: pd.DataFrame, view: View) -> Iterator[tuple[Cell, pd.DataFrame]]:
    """Yield each cell of a view that has people, with their rows."""
    if not view:
        yield (), people
        return
    codes = pd.DataFrame(
        {
            name: people[name].fillna(UNKNOWN) if name in people else UNKNOWN
            for name in view
        },
        index=people.index,
    )  # fmt: skip
    for code, rows in codes.groupby(list(view), observed=True):
        yield tuple(zip(view, map(str, code), strict=True)), people.loc[rows.index]


def declared(
    name: str, view: View | None = None, variables: tuple[str, ...] | None = None
) -> Statistic:
    """A declaration of the catalogue: as it stands, or with one view, or for some variables."""
    statistic = BY_ID[name]
    if variables is not None:
        statistic = _for_some(statistic, variables)
    if view is None:
        return statistic
    return Statistic.model_validate({**statistic.model_dump(), "views": (view,)})


def for_spread(statistic: Statistic) -> Statistic:
    """The same, asked for its standard deviations."""
    body = statistic.model_dump()
    return Statistic.model_validate({**body, "measure": {**body["measure"], "aim": "spread"}})


_SHARES = frozenset({"improved", "durable"})
"""Outcomes from 0 to 1 that a declaration asks beside a gain, which reaches further."""


def _for_some(statistic: Statistic, variables: tuple[str, ...]) -> Statistic:
    """A mean of fewer variables reaches less far."""
    body, measure = statistic.model_dump(), statistic.measure
    changed: dict[str, object] = {"variables": variables}
    if isinstance(measure, Regression):
        changed = {"terms": variables}
    if isinstance(measure, Mean):
        places = [measure.variables.index(variable) for variable in variables]
        reach = max(-measure.lower, measure.upper)
        if set(variables) <= _SHARES:
            reach = 500  # thousandths to each side of a half
            changed |= {"lower": -reach, "upper": reach, "aim": "share"}
        changed["centres"] = tuple(measure.centres[place] for place in places)
        changed["norm"] = min(measure.norm, round(reach * len(variables) ** 0.5))
    return Statistic.model_validate({**body, "measure": {**body["measure"], **changed}})
