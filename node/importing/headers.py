"""Which field a column header probably means, in Dutch, French or English, and how surely.

Trade knowledge; the owner decides. A header is known by heart, or it is much like one that is;
numbers in it must be the same, for `Sector 6m` and `Sector 12m` differ by one letter only.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from node.importing.writing import key_of
from schemas.questionnaire import Questionnaire
from schemas.record import DIMENSIONS, When

_FILES = ("headers_nl.csv", "headers_fr.csv", "headers_en.csv")
_LIKE, _LIKE_A_STATEMENT, _LONG_ENOUGH = 88, 92, 5
_SURE, _LIKELY, _UNSURE = 100, 70, 50
_NAMES = (
    ("zingeving", "autonomie", "competentie", "verbinding", "veiligheid", "balans"),
    ("sens", "autonomie", "competence", "lien", "securite", "equilibre"),
    DIMENSIONS,
)
_NUMBERED = re.compile(r"^(?:wg|werkgeluk)[ _.]*(\d{1,2})\s*(.*)$")
_NAMED = re.compile(r"^([a-z]+?)[ _.]*(\d)[ _.]*(.*)$")
_ORDINAL = re.compile(r"^(?:q|v|vraag|question|g\d+q)?\s*\d+[a-z]?\s*[.):\-]\s*", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"^(.*?)\[([^\[\]]+)\]\s*$", re.DOTALL)
_TAGS = re.compile(r"<[^>]{1,200}>|\*")
_MOMENTS: Mapping[str, When] = {
    "start": "intake", "intake": "intake", "0": "intake", "voor": "intake", "debut": "intake",
    "avant": "intake", "baseline": "intake", "before": "intake", "begin": "intake",
    "einde": "end", "eind": "end", "e": "end", "na": "end", "fin": "end", "apres": "end",
    "end": "end", "after": "end",
    "6m": "6m", "6": "6m", "6 maanden": "6m", "na 6m": "6m", "na 6 maanden": "6m", "6 mois": "6m",
    "apres 6 mois": "6m", "6 months": "6m", "after 6 months": "6m",
    "12m": "12m", "12": "12m", "12 maanden": "12m", "na 12m": "12m", "na 12 maanden": "12m",
    "1 jaar": "12m", "na 1 jaar": "12m", "12 mois": "12m", "apres 12 mois": "12m", "1 an": "12m",
    "12 months": "12m", "after 12 months": "12m", "1 year": "12m",
}  # fmt: skip
_CONSENT = re.compile(
    r"\b(?:toestemming|akkoord|instemming|gdpr|avg|rgpd|consent|consentement|accord|accepte|agree)"
)
_OTHER_CONSENT = re.compile(
    r"\b(?:foto|photo|beeld|image|video|mail|nieuwsbrief|newsletter|contact|cookie|whatsapp|sms"
    r"|werkgever|employeur|employer)"
)
_KINDS_OF_CONSENT = (
    (re.compile(r"ingetrokken|intrekking|withdrawn|retire|retrait"), "consent_withdrawn_on"),
    (re.compile(r"\b(?:datum|date|op|le)\b"), "consent_given_on"),
    (re.compile(r"\b(?:versie|version)\b"), "notice_version"),
    (re.compile(r"\b(?:model|modele|training|entrainement)"), "consent_training"),
)
_PERSONAL = re.compile(
    r"^(?:(?:voor|achter|familie)?naam|(?:first|last|full )?name|nom|prenom|e ?mail.*|adres|adresse"
    r"|address|straat|rue|telefoon.*|gsm.*|tel|phone.*|rijksregister.*|insz|niss|insurance.*"
    r"|registre national.*|ip ?addr.*)$"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A field that a header may mean. `sure`: 0..100. `unsaid`: an item without its moment."""

    field: str
    sure: int
    unsaid: bool = False


def letters(header: str) -> str:
    """Compare headers without capitals, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", key_of(_TAGS.sub(" ", header)))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", bare).strip()


@cache
def _known() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for file in _FILES:
        with (Path(__file__).parent / file).open(encoding="utf-8", newline="") as source:
            for row in csv.DictReader(source):
                found.setdefault(letters(row["header"]), row["field"])
    return found


def guess(header: str, questionnaire: Questionnaire) -> Guess | None:
    """Return the field that a header probably means, or None."""
    for text in _readings(header):
        if field := _known().get(letters(text)):
            return Guess(field, _SURE)
        if found := _item(text, questionnaire):
            return found
    if is_personal(header):
        return None
    return _consent(letters(header)) or _like(letters(header))


def is_personal(header: str) -> bool:
    """Whether a column holds what only identifies people, and is never read."""
    return _PERSONAL.match(letters(header)) is not None


def item_of(text: str, questionnaire: Questionnaire, unsaid: str) -> str | None:
    """Return the item that a text means: `WG7 einde`, `Zingeving 1 (start)` or its own wording.

    `unsaid`: the moment of an item beside which none is named.
    """
    for reading in _readings(text):
        if found := _item(reading, questionnaire, unsaid):
            return found.field
    return None


def _readings(header: str) -> Iterator[str]:
    """The header, and what survey tools put around a question taken off."""
    yield header
    if found := _IN_BRACKETS.match(header):
        yield found[2]
        yield found[1]
    bare = _ORDINAL.sub("", header)
    if bare != header:
        yield bare


def _item(text: str, asked: Questionnaire, unsaid: str = "intake") -> Guess | None:
    read = letters(text)
    for wording, place in _wordings(asked).items():
        if f"{read} ".startswith(f"{wording} "):
            return _placed(asked, place, read.removeprefix(wording), unsaid)
    if found := _NUMBERED.match(read):
        return _placed(asked, int(found[1]) - 1, found[2], unsaid)
    if found := _NAMED.match(read):
        return _placed(asked, _place_in(asked, found[1], int(found[2])), found[3], unsaid)
    like = process.extractOne(
        read, _wordings(asked).keys(), scorer=fuzz.ratio, score_cutoff=_LIKE_A_STATEMENT
    )
    if like is None:
        return None
    found_like = _placed(asked, _wordings(asked)[like[0]], "", unsaid)
    return found_like and replace(found_like, sure=_LIKELY)


def _place_in(asked: Questionnaire, name: str, number: int) -> int:
    """The place, from 0, of an item that is called by its dimension; -1 when there is none."""
    for words in _NAMES:
        for word, dimension in zip(words, DIMENSIONS, strict=True):
            if name in (word, word[:3] if words is _NAMES[0] else word):
                places = [p for p, item in enumerate(asked.items) if item.dimension == dimension]
                return places[number - 1] if 1 <= number <= len(places) else -1
    return -1


def _placed(asked: Questionnaire, place: int, rest: str, unsaid: str) -> Guess | None:
    """The item at a place, at the moment that the rest of the header names."""
    if not 0 <= place < len(asked.items):
        return None
    item = asked.items[place]
    texts = (letters(item.text.of(language)) for language in ("nl", "fr", "en"))
    said = rest.strip()
    said = next((said.removeprefix(one).strip() for one in texts if said.startswith(one)), said)
    when = _MOMENTS.get(said) if said else unsaid
    if when is None:
        return None
    number = asked.items_of(item.dimension).index(item) + 1
    return Guess(f"wellbeing.{when}.{item.dimension}.{number}", _SURE, unsaid=not said)


@lru_cache(maxsize=8)
def _wordings(asked: Questionnaire) -> Mapping[str, int]:
    return {
        letters(item.text.of(language)): place
        for place, item in enumerate(asked.items)
        for language in ("nl", "fr", "en")
    }


def _consent(read: str) -> Guess | None:
    """Consent in a centre's own words; for what, only the owner knows."""
    if not _CONSENT.search(read) or _OTHER_CONSENT.search(read):
        return None
    for sign, field in _KINDS_OF_CONSENT:
        if sign.search(read):
            return Guess(field, _UNSURE)
    return Guess("consent_statistics", _UNSURE)


def _like(read: str) -> Guess | None:
    found = process.extractOne(read, _known().keys(), scorer=fuzz.ratio, score_cutoff=_LIKE)
    if found is None or len(read) < _LONG_ENOUGH or _figures(found[0]) != _figures(read):
        return None
    return Guess(_known()[found[0]], _LIKELY)


def _figures(text: str) -> list[str]:
    return re.findall(r"\d+", text)
