"""Which field a Dutch column header probably means. Trade knowledge; the owner decides."""

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from node.importing.writing import key_of
from schemas.questionnaire import Questionnaire
from schemas.record import DIMENSIONS, When

_HEADERS = Path(__file__).parent / "headers_nl.csv"
_DUTCH = ("zingeving", "autonomie", "competentie", "verbinding", "veiligheid", "balans")
_NUMBERED = re.compile(r"^(?:wg|werkgeluk)[ _.]*(\d{1,2})\s*(.*)$")
_NAMED = re.compile(r"^([a-z]+?)[ _.]*(\d)[ _.]*(.*)$")
_MOMENTS: Mapping[str, When] = {
    "start": "intake", "intake": "intake", "0": "intake", "voor": "intake",
    "einde": "end", "eind": "end", "e": "end", "na": "end",
    "6m": "6m", "6": "6m", "6 maanden": "6m", "na 6m": "6m", "na 6 maanden": "6m",
    "12m": "12m", "12": "12m", "12 maanden": "12m", "na 12m": "12m", "na 12 maanden": "12m",
    "1 jaar": "12m", "na 1 jaar": "12m",
}  # fmt: skip


def _letters(header: str) -> str:
    return re.sub(r"[\W_]+", " ", key_of(header)).strip()


@cache
def _known() -> Mapping[str, str]:
    with _HEADERS.open(encoding="utf-8", newline="") as source:
        return {_letters(row["header"]): row["field"] for row in csv.DictReader(source)}


def field_of(header: str, questionnaire: Questionnaire) -> str | None:
    """Return the field that a header probably means, or None."""
    known = _known().get(_letters(header))
    return known or item_of(header, questionnaire, "intake")


def item_of(text: str, questionnaire: Questionnaire, unsaid: str) -> str | None:
    """Return the item that a text means: `WG7 einde`, `Zingeving 1 (start)` or its own wording.

    `unsaid`: the moment of an item beside which none is named.
    """
    letters = _letters(text)
    place = _texts(questionnaire).get(letters)
    if place is not None:
        return _item(questionnaire, place, unsaid)
    if found := _NUMBERED.match(letters):
        when = _moment(found[2], unsaid)
        number = int(found[1])
        return _item(questionnaire, number - 1, when) if when and number else None
    if found := _NAMED.match(letters):
        when = _moment(found[3], unsaid)
        for word, dimension in zip(_DUTCH, DIMENSIONS, strict=True):
            if when and found[1] in (word, word[:3], dimension):
                return f"wellbeing.{when}.{dimension}.{found[2]}"
    return None


def _moment(text: str, unsaid: str) -> str | None:
    return _MOMENTS.get(text.strip()) if text.strip() else unsaid


def _item(questionnaire: Questionnaire, place: int, when: str) -> str | None:
    if place >= len(questionnaire.items):
        return None
    item = questionnaire.items[place]
    number = questionnaire.items_of(item.dimension).index(item) + 1
    return f"wellbeing.{when}.{item.dimension}.{number}"


def _texts(questionnaire: Questionnaire) -> Mapping[str, int]:
    return {
        _letters(item.text.of(language)): place
        for place, item in enumerate(questionnaire.items)
        for language in ("nl", "fr", "en")
    }
