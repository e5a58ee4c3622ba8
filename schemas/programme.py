"""The programme: what the authority lets a region ask, of whom, and at what price."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.cohort import Cohort
from schemas.document import Document
from schemas.names import Name
from schemas.questionnaire import Questionnaire
from schemas.round import NoiseFamily
from schemas.statistic import Horizon, Statistic
from schemas.units import CohortText, MicroRho, Moment, Price, Slug


class Ask(Document):
    """One statistic at one horizon, with its price for each cohort it touches."""

    statistic: Slug
    horizon: Horizon
    price: Price
    noise: NoiseFamily = Field(
        default="skellam", description="polya: pure epsilon, for a round that asks nothing else"
    )

    @property
    def key(self) -> str:
        """`wellbeing@12m`: how rounds, ledgers and pages name it."""
        return f"{self.statistic}@{self.horizon}"


class Reserve(Document):
    """Budget that this programme keeps back: nothing is asked for it yet."""

    purpose: Slug
    price: Price


class Period(Document):
    """At most four consecutive cohorts that are measured as one, and not before a date."""

    id: Slug
    cohorts: tuple[CohortText, ...] = Field(min_length=1, max_length=4)
    not_before: Moment

    @model_validator(mode="after")
    def _consecutive(self) -> Self:
        first = Cohort.parse(self.cohorts[0])
        if [str(first.next(k)) for k in range(len(self.cohorts))] != list(self.cohorts):
            raise ValueError("the cohorts of a period follow each other")
        return self


People = Literal["clients", "made-up", "public-data"]
"""Whose records the nodes hold: clients of centres; nobody's, made by a generator; or people of a
public data set, read as if they had been clients."""


class Programme(Document):
    """Signed by the authority; approved by each centre; nothing outside it is ever asked."""

    id: Slug
    version: int = Field(ge=1)
    region: Name
    people: People = Field(default="clients", description="pages say so unless they are clients")
    valid_from: Moment
    valid_until: Moment
    budget: Price = Field(description="micro-rho for each cohort, hence for each client-year")
    delta_exponent: int = Field(default=6, ge=4, le=12, description="delta = 10^-this")
    noise_variance: int = Field(ge=1024, description="mu: variance of the noise of h shares")
    remove_excess: bool = Field(
        default=True, description="take noise off when more centres come than the floor"
    )
    spread: bool = Field(
        default=False,
        description="whether questions about the same people may be divided over several rounds: "
        "two rounds with and without one centre, and their difference is about that centre",
    )
    width: Literal[32, 64] = 64
    questionnaires: tuple[Questionnaire, ...]
    statistics: tuple[Statistic, ...]
    asks: tuple[Ask, ...]
    reserves: tuple[Reserve, ...] = ()
    periods: tuple[Period, ...]

    @model_validator(mode="after")
    def _asks_are_declared(self) -> Self:
        declared = {s.id: s for s in self.statistics}
        if len(declared) != len(self.statistics):
            raise ValueError("a statistic is declared twice")
        for ask in self.asks:
            if ask.statistic not in declared or ask.horizon not in declared[ask.statistic].horizons:
                raise ValueError(f"{ask.key} is asked but not declared")
        if len({ask.key for ask in self.asks}) != len(self.asks):
            raise ValueError("an ask stands twice in the programme")
        if self.price_of_all + sum(kept.price for kept in self.reserves) > self.budget:
            raise ValueError("the asks and reserves together cost more than the budget")
        return self

    @model_validator(mode="after")
    def _a_round_of_its_own_is_declared(self) -> Self:
        alone = any(ask.noise == "polya" for ask in self.asks)
        if alone and len(self.asks) > 1 and not self.spread:
            raise ValueError("an ask in a round of its own beside others needs spread: true")
        return self

    @property
    def by_id(self) -> Mapping[str, Statistic]:
        """The declared statistics by their id."""
        return {statistic.id: statistic for statistic in self.statistics}

    def ask(self, key: str) -> Ask:
        """Return the ask named `statistic@horizon`. Raises KeyError."""
        return {ask.key: ask for ask in self.asks}[key]

    def period(self, name: str) -> Period:
        """Return the period of that id. Raises KeyError."""
        return {period.id: period for period in self.periods}[name]

    @property
    def price_of_all(self) -> MicroRho:
        """What all asks together cost one cohort."""
        return MicroRho(sum(ask.price for ask in self.asks))
