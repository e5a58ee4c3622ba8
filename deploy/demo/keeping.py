"""How one centre writes a value down: its headers, words, dates, hours and euro signs."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from deploy.demo.centres import Keeping
from schemas import codes
from schemas.record import DIMENSIONS, WHENS

_FILE = Path(__file__).parent / "words.json"
_REV2 = {
    "G": "G47", "J": "J58", "K": "J62", "L": "K", "M": "L", "N": "M", "O": "N", "P": "O",
    "Q": "P", "R": "Q", "S": "R", "T": "S", "U": "T", "V": "U",
}  # fmt: skip
_MONEY = ("price_client", "price_public", "price_employer")
_DATES = ("started_on", "ended_on", "job_started_on", "job_ended_on", "last_seen_on")
Value = str | int | float | date | None
Write = Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a centre's file: header, what the mapping says of it, and its cells."""

    header: str
    meaning: Mapping[str, object]
    cells: list[Value]


@cache
def _words() -> Mapping[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))


def columns(rows: pd.DataFrame, keeping: Keeping) -> Iterator[Column]:
    """Yield the columns in which this centre keeps `rows`, in the order of its file.

    A field that none of its clients has is no column.
    """
    headers = _words()["sets"][keeping.words]["headers"]
    for field, header in headers.items():
        if field in rows.columns and rows[field].notna().any():
            yield _column(header, field, rows, keeping)
    yield from _answers(rows, keeping)
    for header in _words()["sets"][keeping.words]["ignored"]:
        notes = [*_words()["notes"], None, None]
        yield Column(header, {"ignore": True}, [notes[i % len(notes)] for i in range(len(rows))])


def _column(header: str, field: str, rows: pd.DataFrame, keeping: Keeping) -> Column:
    words = _of_codes(field, keeping)
    if words:
        return _worded(header, field, rows, words)
    write = _writer(field, keeping)
    source = rows["postcode"] if field == "residence" and "postcode" in rows else rows[field]
    cells = [None if pd.isna(value) else write(value) for value in source.tolist()]
    return Column(header, {"field": field}, cells)


def _of_codes(field: str, keeping: Keeping) -> list[tuple[str, str]]:
    """Return the (word, code) pairs in which this centre writes a coded field, if it does."""
    if field.startswith("sector_"):
        pairs = _words()["sectors"] if keeping.sectors == "words" else []
    else:
        name = "labour_status" if field.startswith("labour_status") else field
        pairs = _words()["sets"][keeping.words]["values"].get(name, [])
    return [(word, code) for word, code in pairs]


def _worded(header: str, field: str, rows: pd.DataFrame, pairs: list[tuple[str, str]]) -> Column:
    choices: dict[str, list[str]] = {}
    for word, code in pairs:
        choices.setdefault(code, []).append(word)
    cells: list[Value] = []
    for place, code in enumerate(rows[field].tolist()):
        written = None if pd.isna(code) else choices.get(code)  # a box left open has no word
        cells.append(written[place % len(written)] if written else None)
    return Column(header, {"field": field, "values": dict(pairs)}, cells)


def _answers(rows: pd.DataFrame, keeping: Keeping) -> Iterator[Column]:
    words = _words()["sets"][keeping.words]
    for when in WHENS:
        number = 0
        for dimension in DIMENSIONS:
            for item in range(1, 4):
                number += 1
                field = f"wellbeing.{when}.{dimension}.{item}"
                if field not in rows.columns:
                    continue
                header = words["wellbeing"].format(
                    number=number,
                    item=item,
                    when=words["moments"][when],
                    dimension=words.get("dimensions", {}).get(dimension, ""),
                )
                given = rows[field].astype(object).where(rows[field].notna(), None)
                yield Column(header, {"field": field}, given.tolist())


def _writer(field: str, keeping: Keeping) -> Write:
    special: dict[str, Write] = {
        **dict.fromkeys(_DATES, _date_writer(keeping)),
        **dict.fromkeys(_MONEY, _money_writer(keeping)),
        "guidance_hours": _hours_writer(keeping),
        "residence": _residence_writer(keeping),
        "wage_before": int,
    }
    if field.startswith("sector_") and keeping.sectors == "rev2":
        return lambda code: _REV2.get(code, code)
    return special.get(field, lambda value: value if isinstance(value, int) else str(value))


def _date_writer(keeping: Keeping) -> Write:
    if keeping.dates == "excel":
        return lambda day: datetime(day.year, day.month, day.day)  # noqa: DTZ001 - Excel knows no zone
    if keeping.dates == "d/m/yy":
        return lambda day: f"{day.day}/{day.month}/{day.year % 100:02d}"
    return lambda day: day.strftime(keeping.dates)


def _hours_writer(keeping: Keeping) -> Write:
    match keeping.hours:
        case "comma":
            return _comma
        case "clock":
            return _clock
        case "point":
            return float


def _comma(number: float) -> str:
    return f"{number:g}".replace(".", ",")


def _clock(hours: float) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    return f"{whole}u{minutes:02d}"


def _money_writer(keeping: Keeping) -> Write:
    if keeping.prices == "plain":
        return float
    if keeping.prices == "comma":
        return lambda euro: f"{euro:.2f}".replace(".", ",")
    return lambda euro: "€ " + f"{euro:,.2f}".translate(str.maketrans(",.", ".,"))


@cache
def _places() -> Mapping[str, tuple[str, str]]:
    """Postcode -> (town, NIS code); the first municipality of a shared postcode."""
    table: dict[str, tuple[str, str]] = {}
    for row in codes.rows("postcode_nuts3.csv"):
        town = row["municipality_nl"] or row["municipality_fr"]
        table.setdefault(row["postcode"], (town, row["nis"]))
    return table


def _residence_writer(keeping: Keeping) -> Write:
    match keeping.residences:
        case "town":
            return lambda postcode: f"{postcode} {_places()[postcode][0]}"
        case "belgian":
            return lambda postcode: f"B-{postcode}"
        case "nis":
            return lambda postcode: _places()[postcode][1]
        case "postcode":
            return str
