"""Places to NUTS 3: a postcode, a municipality's NIS code or name, or the NUTS code itself.

A name is first that of a municipality of today, then of one that merged, then of a village.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from node.importing.notation import USUAL, Notation
from node.importing.refusal import WrongValue
from node.importing.writing import text_of
from schemas import codes

_POSTCODE = re.compile(r"^(?:be?[- ]?)?(\d{4})(?:[.,]0+)?(?:[ ,-]+\D.*)?$", re.IGNORECASE)
_NIS = re.compile(r"^(\d{5})(?:[.,]0+)?$")
_NETHERLANDS = re.compile(r"^(?:(?i:nl)[- ]?)?\d{4} ?(?!AS\b)[A-Z]{2}(?: .*)?$")  # 3668 As: Limburg
_WITHIN = re.compile(r"^([^(]+?)\s*\(([^)]+)\)$")  # Deurne (Antwerpen)
_PROVINCE = re.compile(r"^prov(?:incie|ince)?\b(?: de| du| van)? ")
_DISTRICT = re.compile(r"^arr(?:ondissement)?\b(?: de| du| van)? ")
_SAINTS = {"sint": "st", "saint": "st", "sainte": "ste"}
_LANGUAGES = ("nl", "fr", "en")
_REGIONS = ("vlaanderen", "wallonie", "flandre", "flandres", "flanders", "wallonia", "brabant")


def nuts3(cell: object, notation: Notation = USUAL) -> str:
    """Return the NUTS 3 code of a Belgian place. Raises WrongValue."""
    text = text_of(cell)
    if _NETHERLANDS.match(text):
        raise WrongValue("a Belgian postcode; leave a home abroad empty")
    if text.upper() in codes.nuts(3):
        return text.upper()
    if found := _POSTCODE.match(text):
        area = codes.nuts3_of_postcode().get(found[1])
    elif found := _NIS.match(text):
        area = codes.nuts3_of_nis().get(found[1])
    else:
        area = _of_name(text, notation)
    if area is None:
        raise WrongValue("a Belgian postcode such as 9000, a NIS code or a NUTS 3 code")
    return area


def names_a_province(text: str) -> bool:
    """Whether a text names a province and nothing smaller that is better known by that name."""
    key = _key(text)
    return key in _provinces() and (
        key not in _cities() or _PROVINCE.match(_plain(text)) is not None
    )


def _of_name(text: str, notation: Notation) -> str | None:
    key = _key(text)
    if key in _provinces() and (notation.provinces or names_a_province(text)):
        raise WrongValue("a postcode or a municipality; a province has several arrondissements")
    areas = _areas().get(key)
    if areas is None and (found := _WITHIN.match(text)):
        inner, outer = (_every_area().get(_key(part), frozenset()) for part in found.groups())
        areas = (inner & outer) or None
    if areas is not None and len(areas) > 1:
        raise WrongValue("a postcode: several places have this name")
    return next(iter(areas)) if areas else None


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", bare).strip()


def _key(text: str) -> str:
    """`St. Niklaas`, `Sint Niklaas` and `SINT-NIKLAAS` are one name."""
    bare = _DISTRICT.sub("", _PROVINCE.sub("", _plain(text)))
    return " ".join(_SAINTS.get(word, word) for word in bare.split())


@cache
def _provinces() -> frozenset[str]:
    rows = [
        row for row in codes.rows("nuts_be.csv") if row["level"] == "2" and row["code"] != "BE10"
    ]
    labels = {_key(row[of]) for row in rows for of in _LANGUAGES}
    return frozenset(labels).union(_REGIONS)


@cache
def _cities() -> frozenset[str]:
    """Capitals that their province is named after; the little town of Limbourg is none."""
    return frozenset(
        map(_key, ("Antwerpen", "Anvers", "Antwerp", "Luik", "Liège", "Namen", "Namur"))
    )


@cache
def _lists() -> tuple[Mapping[str, frozenset[str]], ...]:
    """Name -> areas: Brussels, municipalities, former ones, villages, arrondissements."""
    areas = codes.rows("nuts_be.csv")
    brussels = [row for row in areas if row["code"] in ("BE1", "BE10", "BE100")]
    of_nis = codes.nuts3_of_nis()
    return (
        _grouped((row[of], "BE100") for row in brussels for of in _LANGUAGES),
        _grouped(
            (name, row["nuts3"])
            for row in codes.rows("postcode_nuts3.csv")
            for name in (row["municipality_nl"], row["municipality_fr"])
        ),
        _grouped((r["name"], of_nis[r["nis"]]) for r in codes.rows("former_municipalities.csv")),
        _grouped((row["name"], row["nuts3"]) for row in codes.rows("villages.csv")),
        _grouped((r[of], r["code"]) for r in areas if r["level"] == "3" for of in _LANGUAGES),
    )


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, area in pairs:
        if name:
            found[_key(name)] = found.get(_key(name), frozenset()) | {area}
    return found


@cache
def _areas() -> Mapping[str, frozenset[str]]:
    """Name -> areas, of the first list that has the name."""
    return {name: areas for names in reversed(_lists()) for name, areas in names.items()}


@cache
def _every_area() -> Mapping[str, frozenset[str]]:
    """Name -> areas of all lists."""
    return _grouped(
        (name, area) for names in _lists() for name, areas in names.items() for area in areas
    )
