"""Names of codes on pages: short ones for sectors, official ones for areas."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from chassis.present.numbers import number
from chassis.texts import Language, Texts
from privacy.inference.intervals import LIMITS
from schemas import codes

N = TypeVar("N", bound=tuple[str, str, object])
"""(code, name, what is known of it)."""

FLANDERS = ("BE21", "BE22", "BE23", "BE24", "BE25")
BRUSSELS = "BE10"
IN_VIEW = (*FLANDERS, BRUSSELS)
_SHORT = Path(__file__).parent / "short_sectors.csv"


@cache
def _short_sectors(language: Language) -> Mapping[str, str]:
    with _SHORT.open(encoding="utf-8", newline="") as source:
        return {row["code"]: row[language] for row in csv.DictReader(source)}


def sector(code: str, language: Language) -> str:
    """Return the short name of a NACE section."""
    if code == codes.UNKNOWN:
        return codes.label("sector", code, language)
    return _short_sectors(language)[code]


def area(code: str, language: Language) -> str:
    """Return the name of a NUTS area."""
    return codes.label("nuts", code, language)


def region(name: str, t: Texts) -> str:
    """Return the name of a region in the reader's language, when it is one that has two."""
    known = {"Vlaanderen": t("Flanders"), "Brussel": t("Brussels"), "België": t("Belgium")}
    return known.get(name, name)


def in_view(code: str) -> bool:
    """Whether an area lies in Flanders or Brussels, which the map shows."""
    return code.startswith(("BE2", "BE1"))


def seen_and_not(named: Sequence[N]) -> tuple[list[N], list[str]]:
    """Those with a row of their own, and the names of areas outside the view of which none is."""
    seen = [one for one in named if in_view(one[0]) or one[2] is not None]
    return seen, [one[1] for one in named if one not in seen]


def dimension(name: str, t: Texts) -> str:
    """Return the name of a dimension of wellbeing."""
    return {
        "meaning": t("Meaning"),
        "autonomy": t("Autonomy"),
        "competence": t("Competence"),
        "relatedness": t("Relatedness"),
        "safety": t("Safety"),
        "balance": t("Balance"),
    }[name]


def period(cohorts: Sequence[str]) -> str:
    """`2024` for its four quarters; else the first and the last quarter."""
    years = {cohort[:4] for cohort in cohorts}
    if len(cohorts) == 4 and len(years) == 1:
        return years.pop()
    return cohorts[0] if len(cohorts) == 1 else f"{cohorts[0]} – {cohorts[-1]}"


@cache
def short_area(code: str) -> str:
    """Return the abbreviation of an area, for small maps."""
    return {row["code"]: row["short"] for row in codes.rows("tiles.csv")}.get(code, code)


def bands(t: Texts) -> Mapping[str, str]:
    """Return what the letters of quality mean."""
    meaning: dict[str, str] = {
        letter: t(
            "counts: standard error below {cv}%; shares and scores: half of the interval below "
            "{part} times the smallest difference that matters",
            cv=round(100 * most.variation),
            part=number(most.width, -1, t.language),
        )
        for letter, most in LIMITS.items()
    }
    return meaning | {"F": t("too uncertain to show")}
