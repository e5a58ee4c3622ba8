"""What every data set has, and the stand-ins that several share.

Measured on other people, elsewhere and for other ends; what stands for what is said at each.
Figures have to be right whatever they are about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.truth.questions import Query
from deploy.demo.sources import as_clients
from schemas.codes import nuts3_of_postcode
from schemas.questionnaire import Item, Questionnaire, Text
from schemas.record import Dimension

CENTRES = 20
YEAR = 2016
"""When everybody starts: early enough to have been followed for seven years."""

DAYS_A_MONTH = 30.4375
REGIONS: Mapping[str, str] = {
    "northeast": "2000", "central": "9000", "south": "3000", "west": "8000",
}  # fmt: skip
"""Regions of the United States stand for provinces, by the postcode of a town in each."""


@dataclass(frozen=True, eq=False)
class Source:
    """One data set: as centres write it down, and as a statistician tidies it.

    `clients` has the fields of a record, `residence` as a postcode; `study` see
    `benchmarks.truth.questions`. Both come from the raw file, neither from the other.
    """

    name: str
    package: str
    clients: pd.DataFrame = field(repr=False)
    study: pd.DataFrame = field(repr=False)
    queries: tuple[Query, ...]
    questionnaire: Questionnaire | None = None


def clients(number: int, known: Mapping[str, Any]) -> pd.DataFrame:
    """People spread over twenty centres and four quarters of the year."""
    return as_clients(np.arange(number), known, centres=CENTRES, year=YEAR)


def ended(number: int) -> pd.DatetimeIndex:
    """When the trajectory of each of `clients` ended."""
    return pd.DatetimeIndex(clients(number, {})["ended_on"])


def months_on(days: pd.DatetimeIndex, months: Sequence[int]) -> "pd.Series[pd.Timestamp]":
    """Each day so many calendar months later; days are never after the 28th here."""
    return pd.Series(
        [day + pd.DateOffset(months=int(k)) for day, k in zip(days, months, strict=True)]
    ).astype("datetime64[s]")


def places(regions: "pd.Series[str]") -> pd.DataFrame:
    """The columns of a study about where people live."""
    nuts3 = regions.map(dict(REGIONS)).map(dict(nuts3_of_postcode()))
    return pd.DataFrame({"nuts3": nuts3, "nuts2": nuts3.str[:4], "nuts1": nuts3.str[:3]})


def region(raw: pd.DataFrame, northeast: str, central: str) -> "pd.Series[str]":
    """From dummies: the west is what is left."""
    chosen = np.select(
        [raw[northeast] == 1, raw[central] == 1, raw["south"] == 1],
        ["northeast", "central", "south"],
        "west",
    )
    return pd.Series(chosen, index=raw.index)


def schooling(years: "pd.Series[int]") -> "pd.Series[str]":
    """Bands of American schooling: 12 years end high school, 16 college."""
    return pd.cut(years, [-1, 11, 15, 99], labels=["low", "medium", "high"]).astype(str)


def ages(years: "pd.Series[int]") -> "pd.Series[str]":
    """Bands of age as tables have them."""
    names = ["<25", "25-34", "35-44", "45-54", "55+"]
    bands = pd.cut(years, [-1, 24, 34, 44, 54, 199], labels=names)
    return bands.astype(object).where(years.notna())


def born(years: "pd.Series[int]") -> "pd.Series[int]":
    """Years of birth; an import refuses who would be over a hundred today, so 85 is the oldest."""
    return (YEAR - years.clip(upper=85)).astype("Int64")


def yes_no(flags: "pd.Series[bool]") -> "pd.Series[str]":
    """As centres write it."""
    return flags.map({True: "yes", False: "no"})


def letters(numbers: Iterable[int]) -> "pd.Series[str]":
    """Groups 1, 2, ... stand for the sectors A, B, ..."""
    return pd.Series(["ABCDEFGHIJ"[int(number) - 1] for number in numbers])


def form(name: str, highest: int, items: Mapping[Dimension, Sequence[str]]) -> Questionnaire:
    """A questionnaire of these items, each on 1 to `highest`."""
    made = [
        Item(id=f"{dimension}-{place}", dimension=dimension, text=Text(nl=text, fr=text, en=text))
        for dimension, texts in items.items()
        for place, text in enumerate(texts, 1)
    ]
    title = Text(nl=name, fr=name, en=name)
    return Questionnaire(
        id=name, title=title, lowest=1, highest=highest, licence="public data",
        source=name, items=tuple(made),
    )  # fmt: skip
