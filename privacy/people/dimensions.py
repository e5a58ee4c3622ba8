"""Dimensions of tables: public code lists, `unknown` last, so that an empty cell is in the table.

Geography is a hierarchy: NUTS 3 lies in NUTS 2 lies in NUTS 1.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from schemas import codes
from schemas.codes import UNKNOWN
from schemas.record import Trajectory
from schemas.statistic import TableDimension

GEOGRAPHY: Final[tuple[TableDimension, ...]] = ("nuts1", "nuts2", "nuts3")
AGE_BANDS: Final = ("<25", "25-34", "35-44", "45-54", "55+")
HOURS_BANDS: Final = ("<4", "4-6", "7+")


def _age_band(record: Trajectory) -> str | None:
    if record.birth_year is None:
        return None
    age = record.started_on.year - record.birth_year
    return AGE_BANDS[sum(age >= edge for edge in (25, 35, 45, 55))]


def _hours_band(record: Trajectory) -> str | None:
    quarters = record.guidance_quarters
    return None if quarters is None else HOURS_BANDS[(quarters >= 16) + (quarters >= 28)]


def ancestor(code: str, level: str) -> str:
    """Return the NUTS 1, 2 or 3 code that holds a NUTS code; `unknown` lies in `unknown`."""
    if code == UNKNOWN:
        return UNKNOWN
    while len(code) > 2 + int(level[-1]):
        code = codes.nuts_parents()[code]
    return code


def _region(level: str, name: str = "residence") -> Callable[[Trajectory], str | None]:
    def read(record: Trajectory) -> str | None:
        code: str | None = getattr(record, name)
        return code and ancestor(code, level)

    return read


def _field(name: str, digits: int | None = None) -> Callable[[Trajectory], str | None]:
    def read(record: Trajectory) -> str | None:
        code: str | None = getattr(record, name)
        return code if code is None or digits is None else code[:digits]

    return read


@cache
def categories(dimension: TableDimension) -> tuple[str, ...]:
    """Return the codes of a dimension, `unknown` last."""
    lists: Mapping[str, tuple[str, ...]] = {
        "age_band": AGE_BANDS,
        "hours_band": HOURS_BANDS,
        "gender": ("f", "m", "x"),
        "education": ("low", "medium", "high"),
        "funding": ("cheque", "employer", "own", "other"),
        "occupation_before": codes.occupations(1),
        "labour_status_before": (
            "employed", "self_employed", "unemployed", "inactive", "student",
        ),
        "training_field": codes.isced_fields(),
    }  # fmt: skip
    if dimension in GEOGRAPHY or dimension == "work_nuts2":
        return (*codes.nuts(int(dimension[-1])), UNKNOWN)
    if dimension.startswith("sector_"):
        return (*codes.sectors(), UNKNOWN)
    return (*lists[dimension], UNKNOWN)


@cache
def _places(dimension: TableDimension) -> Mapping[str, int]:
    return {code: place for place, code in enumerate(categories(dimension))}


@cache
def _reader(dimension: TableDimension) -> Callable[[Trajectory], str | None]:
    if dimension in GEOGRAPHY:
        return _region(dimension)
    special: Mapping[str, Callable[[Trajectory], str | None]] = {
        "age_band": _age_band,
        "hours_band": _hours_band,
        "work_nuts2": _region("nuts2", "workplace_12m"),
    }
    if dimension in special:
        return special[dimension]
    return _field(dimension, 1 if dimension == "occupation_before" else None)


def place(record: Trajectory, dimension: TableDimension) -> int:
    """Return the index of a record's category in `categories(dimension)`."""
    return _places(dimension)[_reader(dimension)(record) or UNKNOWN]


@cache
def within(coarse: TableDimension, fine: TableDimension) -> tuple[int, ...]:
    """Return, for each category of `fine`, the index of the `coarse` one that holds it."""
    if coarse == fine:
        return tuple(range(len(categories(fine))))
    places = _places(coarse)
    return tuple(places[ancestor(code, coarse)] for code in categories(fine))
