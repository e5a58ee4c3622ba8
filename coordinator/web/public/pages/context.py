"""What every page is made of: a release, a language and at most one choice of the reader."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.present import labels
from chassis.present.estimates import Estimate, estimate_of
from chassis.texts import Texts
from chassis.web.problems import Refused
from coordinator.web.public.release_cache import CachedRelease
from privacy.people.dimensions import categories
from schemas.release import Cell, Figure, Withheld
from schemas.statistic import TableDimension, Unit


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Content:
    """A page: its question, the answer, and what its template shows below.

    `choices`: what may be shown, the first is usual; `use`: what the figures are fit for;
    `terms`: statistics whose definitions stand below.
    """

    template: str
    question: str
    answer: str
    use: str
    parts: dict[str, Any] = field(default_factory=dict)
    label: str = ""
    choices: tuple[Choice, ...] = ()
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageContext:
    """One request for one page."""

    cached: CachedRelease
    t: Texts
    show: str | None
    withheld: tuple[Withheld, ...] = ()

    @property
    def period(self) -> str:
        """The period of the release, as people say it."""
        return labels.period(self.cached.release.cohorts)

    def chosen(self, choices: Sequence[Choice]) -> str:
        """Return what the reader chose, or the first. Raises Refused when there is no such one."""
        values = [choice.value for choice in choices]
        if self.show is None:
            return values[0]
        if self.show not in values:
            raise Refused(
                "this page cannot show {given}; it can show: {known}",
                given=f"“{self.show[:40]}”", known=", ".join(values),
            )  # fmt: skip
        return self.show

    def asked(self, key: str) -> bool:
        """Whether a statistic@horizon stands in this release."""
        return key in self.cached.release.asks

    def figure(self, key: str, measure: str, cell: Cell = (), variable: str = "") -> Figure | None:
        """Return a figure of the release, or None."""
        return self.cached.figure((key, measure, variable, cell))

    def estimate(
        self, key: str, measure: str, cell: Cell = (), variable: str = ""
    ) -> Estimate | None:
        """Return an estimate that may be shown, or None."""
        unit: Unit = "people"
        if measure not in ("count", "answered"):
            unit = self.cached.programme.by_id[key.partition("@")[0]].unit
        return estimate_of(self.figure(key, measure, cell, variable), unit)

    def along(
        self, key: str, measure: str, dimension: TableDimension, within: Cell = ()
    ) -> Iterator[tuple[str, Estimate | None]]:
        """(code, estimate) along a dimension, in the order of its code list."""
        for code in categories(dimension):
            pair = ((dimension, code),)
            yield code, self.estimate(key, measure, (*within, *pair))

    def terms(self, statistics: Sequence[str]) -> list[tuple[str, str]]:
        """(name, definition) of those of these statistics that were asked, as they are declared."""
        asked = {ask.partition("@")[0] for ask in self.cached.release.asks}
        declared = [self.cached.programme.by_id[name] for name in statistics if name in asked]
        language = self.t.language
        return [(one.name.of(language), one.definition.of(language)) for one in declared]

    def resolution(self, key: str) -> float:
        """The smallest difference that matters."""
        return self.cached.programme.by_id[key.partition("@")[0]].smallest_difference
