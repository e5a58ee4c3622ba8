"""How a cell reads as text, and the words that stand for a field's codes."""

import csv
import unicodedata
from collections.abc import Mapping
from datetime import datetime, time
from functools import cache
from pathlib import Path

_WORDS = tuple(Path(__file__).parent / f"words_{language}.csv" for language in ("nl", "fr", "en"))
NO_ANSWER = frozenset(
    {"", "-", "--", "/", "?", "nvt", "n.v.t", "n/a", "onbekend", "weet nog niet", "weet niet",
     "niet ingevuld", "geen antwoord", "unknown", "null", "nan", "none", "nil"}
)  # fmt: skip


def clean(text: str) -> str:
    """One spelling for what looks the same: composed letters, single ordinary spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def text_of(cell: object) -> str:
    """Read any cell as text; a whole number has no decimals, whatever the spreadsheet holds."""
    if isinstance(cell, str):
        return clean(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell)


def key_of(text: str) -> str:
    """Words are compared without capitals, outer dots and spaces."""
    return clean(text).casefold().strip(" .")


@cache
def words(field: str) -> Mapping[str, str]:
    """Word -> code of a field's list, in any of three languages; keys as `key_of` gives them."""
    found: dict[str, str] = {}
    for file in _WORDS:
        with file.open(encoding="utf-8", newline="") as source:
            for row in csv.DictReader(source):
                if row["list"] == field:
                    found.setdefault(key_of(row["word"]), row["code"])
    return found
