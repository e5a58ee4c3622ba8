"""Public code lists: NACE Rev. 2.1, NUTS 2024, postcodes, ISCO-08, ISCED.

Sources and licences stand in README.md beside the files. Codes are text: `01` is not 1.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

UNKNOWN = "unknown"

_FOLDER = Path(__file__).parent
_LIST_FILES = {
    "sector": "nace21_sections.csv",
    "nuts": "nuts_be.csv",
    "occupation": "isco08.csv",
    "isced": "isced2011.csv",
    "isced_field": "iscedf_broad.csv",
}
Language = Literal["nl", "fr", "en"]


def rows(file: str) -> list[dict[str, str]]:
    """Return the rows of one CSV file of this folder, as text."""
    with (_FOLDER / file).open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@cache
def sectors() -> tuple[str, ...]:
    """NACE Rev. 2.1 sections, A to V."""
    return tuple(row["code"] for row in rows("nace21_sections.csv"))


@cache
def nuts(level: int) -> tuple[str, ...]:
    """NUTS 2024 codes of Belgium at one level, sorted."""
    return tuple(sorted(r["code"] for r in rows("nuts_be.csv") if r["level"] == str(level)))


@cache
def nuts_parents() -> Mapping[str, str]:
    """Map each NUTS code to its parent, one level up."""
    return {row["code"]: row["parent"] for row in rows("nuts_be.csv")}


@cache
def nuts3_of_postcode() -> Mapping[str, str]:
    """Belgian postcode -> NUTS 3 of the present municipality."""
    return {row["postcode"]: row["nuts3"] for row in rows("postcode_nuts3.csv")}


@cache
def nuts3_of_nis() -> Mapping[str, str]:
    """NIS code of a municipality, present or before a merger -> NUTS 3."""
    table: dict[str, str] = {}
    for row in rows("municipal_mergers.csv"):
        table.update(dict.fromkeys(row["old_nis"].split(), row["nuts3"]))
        table[row["new_nis"]] = row["nuts3"]
    for row in rows("postcode_nuts3.csv"):
        table.update(dict.fromkeys(row["nis_before_2025"].split(), row["nuts3"]))
        table[row["nis"]] = row["nuts3"]
    return table


@cache
def occupations(digits: int) -> tuple[str, ...]:
    """ISCO-08 codes of one or two digits."""
    return tuple(row["code"] for row in rows("isco08.csv") if row["digits"] == str(digits))


@cache
def isced_fields() -> tuple[str, ...]:
    """ISCED-F 2013 broad fields, two digits."""
    return tuple(row["code"] for row in rows("iscedf_broad.csv"))


@cache
def _labels(code_list: str, language: Language) -> Mapping[str, str]:
    return {r["code"]: r.get(language) or r["en"] for r in rows(_LIST_FILES[code_list])}


def label(code_list: str, code: str, language: Language = "nl") -> str:
    """Return the label of a code; lists: sector, nuts, occupation, isced, isced_field.

    Raises KeyError on an unknown list or code.
    """
    if code == UNKNOWN:
        return {"nl": "onbekend", "fr": "inconnu", "en": "unknown"}[language]
    return _labels(code_list, language)[code]
