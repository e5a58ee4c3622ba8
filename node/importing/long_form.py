"""Files in long form: a row is one moment of a client, or one answer, and not one record.

Then a column says the moment of its row (`moment`), or the item that it is about (`item`) beside
the answer to it (`answer`). An item of the row's own moment is `wellbeing.moment.meaning.1`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import get_args

from node.importing import choices
from node.importing.fields import ROW_MOMENT, Field, Found, Rules, field_named
from node.importing.headers import item_of
from node.importing.refusal import WrongValue
from node.importing.writing import text_of
from schemas import record
from schemas.questionnaire import Questionnaire

MOMENT, ITEM, ANSWER = "moment", "item", "answer"
ROW_FIELDS = (MOMENT, ITEM, ANSWER)
_WHENS = frozenset(record.WHENS)


def row_field(name: str, rules: Rules) -> Field | None:
    """Return the field of a column that says what its row is about; None for any other."""
    if name == MOMENT:
        return _plain(MOMENT, partial(choices.choice, name="moment", allowed=_WHENS))
    if name == ANSWER:
        slots = (field_named(one, rules).slots for one in item_names(rules.questionnaire))
        return replace(_plain(ANSWER, lambda cell: cell), slots=frozenset().union(*slots))
    if name == ITEM:
        return _item(rules)
    return None


def _plain(name: str, parse: Callable[[object], object]) -> Field:
    def read(cell: object) -> Found:
        return (((name,), parse(cell)),)

    return Field(name, read, read)


def _item(rules: Rules) -> Field:
    def read(cell: object) -> Found:
        name = item_of(text_of(cell), rules.questionnaire, ROW_MOMENT)
        if name is None:
            raise WrongValue("an item of the questionnaire; say under values which one it is")
        return (((ITEM,), name),)

    def read_code(code: str) -> Found:
        if code and code not in item_names(rules.questionnaire):
            raise WrongValue("an item of the questionnaire; say under values which one it is")
        return (((ITEM,), code),)

    return Field(ITEM, read, read_code)


def item_names(questionnaire: Questionnaire) -> frozenset[str]:
    """All fields that one answer can fill."""
    return frozenset(_names(questionnaire))


def _names(questionnaire: Questionnaire) -> Iterator[str]:
    for when in (*record.WHENS, ROW_MOMENT):
        for dimension in record.DIMENSIONS:
            count = len(questionnaire.items_of(dimension))
            yield from (f"wellbeing.{when}.{dimension}.{n}" for n in range(1, count + 1))
        yield from (f"context_fit.{when}.{aspect}" for aspect in get_args(record.FitAspect))
