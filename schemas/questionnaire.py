"""Questionnaires: versioned documents with items, ranges and the rule that makes a score."""

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from schemas.document import Document
from schemas.names import Line
from schemas.record import Answers, Dimension
from schemas.units import Slug

_FOLDER = Path(__file__).parent / "questionnaires"


class Text(Document):
    """A text in three languages."""

    nl: Line
    fr: Line
    en: Line

    def of(self, language: str) -> str:
        """Return the text in `nl`, `fr` or `en`."""
        return {"nl": self.nl, "fr": self.fr}.get(language, self.en)


class Item(Document):
    """One statement; agreement is given on lowest..highest of its questionnaire."""

    id: Slug
    dimension: Dimension
    text: Text
    reversed: bool = False


class Questionnaire(Document):
    """The items in the order in which they are asked.

    A dimension's score is the mean of its answered items when at least half are answered,
    reversed items turned round, brought to a scale from 1 to 5.
    """

    id: Slug
    title: Text
    lowest: int = Field(ge=0, le=1)
    highest: int = Field(ge=4, le=10)
    licence: Line
    source: Line
    items: tuple[Item, ...]

    def items_of(self, dimension: Dimension) -> tuple[Item, ...]:
        """Return the items of one dimension, in their order."""
        return self._by_dimension.get(dimension, ())

    @cached_property
    def _by_dimension(self) -> Mapping[Dimension, tuple[Item, ...]]:
        """Scores ask for them a million times in a region."""
        found: dict[Dimension, tuple[Item, ...]] = {}
        for item in self.items:
            found[item.dimension] = (*found.get(item.dimension, ()), item)
        return MappingProxyType(found)

    def score(self, dimension: Dimension, answers: Answers) -> Fraction | None:
        """Return the score on 1..5, or None when fewer than half of the items are answered.

        Exact: whether a change reaches half a point is decided by such scores. `answers` stands
        in the order of `items_of(dimension)`.
        """
        items = self.items_of(dimension)
        given = [
            (self.lowest + self.highest - answer) if item.reversed else answer
            for item, answer in zip(items, answers, strict=False)
            if answer is not None
        ]
        if not items or 2 * len(given) < len(items):
            return None
        reach = len(given) * (self.highest - self.lowest)
        return Fraction(reach + 4 * (sum(given) - len(given) * self.lowest), reach)


@cache
def built_in(name: str = "werkgeluk-1") -> Questionnaire:
    """Return a questionnaire that ships with Wegwijs. Raises FileNotFoundError."""
    raw = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Questionnaire.model_validate_json(json.dumps(raw))
