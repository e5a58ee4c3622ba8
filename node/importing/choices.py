"""Closed lists: a code, or a Dutch word that stands for it."""

import re

from node.importing.refusal import WrongValue
from node.importing.writing import key_of, text_of, words

MOST_DRIVERS = 3
_SHORTENED = re.compile(r"\d+([.,]\d+)?e\+\d+")  # 8,50731E+10; a code may be 8e10
_SHEET_ERROR = re.compile(r"#[^\W\d_]+(/[^\W_]+[!?]?|[!?])")  # #N/B, #VERW!, #DEEL/0!, #NAAM?
_MOST_EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number
_BETWEEN = re.compile(r"\s*[;,/|\n]\s*|\s+\+\s+")  # not in 55+


def choice(cell: object, name: str, allowed: frozenset[str]) -> str:
    """Return one code of a list. Raises WrongValue."""
    found = _code(text_of(cell), name, allowed)
    if found is None:
        raise WrongValue("one of {codes}", codes=", ".join(sorted(allowed)))
    return found


def _code(text: str, name: str, allowed: frozenset[str]) -> str | None:
    key = key_of(text)
    return key if key in allowed else words(name).get(key)


def several(cell: object, name: str, allowed: frozenset[str], most: int) -> tuple[str, ...]:
    """Return the codes that a cell lists, each once, in its order. Raises WrongValue."""
    raw = cell if isinstance(cell, str) else text_of(cell)
    found: list[str] = []
    for part in filter(None, _BETWEEN.split(raw.strip())):
        code = _code(part, name, allowed)
        if code is None:
            raise WrongValue(
                "at most {most} of {codes}", most=most, codes=", ".join(sorted(allowed))
            )
        if code not in found:
            found.append(code)
    if len(found) > most:
        raise WrongValue("at most {most} of {codes}", most=most, codes=", ".join(sorted(allowed)))
    return tuple(found)


def reference(cell: object) -> str:
    """One spelling of the centre's own number: Excel drops leading zeros and adds capitals.

    Raises WrongValue for what a spreadsheet made of it: people whose last digits were lost, or
    whose number could not be found, would else become one.
    """
    text = text_of(cell).casefold()
    if _SHORTENED.fullmatch(text) or (isinstance(cell, float) and abs(cell) >= _MOST_EXACT):
        raise WrongValue("a number with all its digits: some were lost. Export it anew, with this "
                         "column as text")  # fmt: skip
    if _SHEET_ERROR.fullmatch(text):
        raise WrongValue("a number or code; this is an error of the spreadsheet")
    if re.fullmatch(r"\d+\.0+", text):
        text = text.partition(".")[0]
    if text.isdigit():
        text = text.lstrip("0") or "0"
    if len(text) > 200:
        raise WrongValue("a number or code of at most 200 characters")
    return text
