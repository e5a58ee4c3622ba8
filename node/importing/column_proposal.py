"""What one column probably is: its field, how it writes its values, and what its words mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from node.importing.fields import Field, Rules, age_at, field_named
from node.importing.headers import Guess
from node.importing.long_form import ANSWER, ROW_FIELDS, item_names, row_field
from node.importing.mapping import ColumnMapping
from node.importing.notation import Notation
from node.importing.refusal import WrongMapping, WrongValue
from node.importing.sheets.cells import Cell
from node.importing.whole_columns import holds_days, shown
from node.importing.writing import key_of, text_of, words

Counts = Mapping[Cell, int]
"""Each different cell of a column, and in how many rows it stands."""

_LABELLED = re.compile(r"^(\d{1,2})\s*(?:[-=:.)]\s*|\()\D.*$")
_THOUSANDS, _DECIMALS = re.compile(r"^\D*\d{1,3},\d{3}$"), re.compile(r",\d{1,2}\D*$")
_WORDED = ("sector_", *ROW_FIELDS)
_SHOWN_FROM, _MOST_WORDS = 2, 60


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """A column, what it is proposed to be, and how surely (0..100).

    `unknown`: words without a code that stand in several rows, so that they are no one client's;
    `rare`: how many more there are; `scores`: what words of an item lead to.
    """

    name: str
    said: ColumnMapping
    sure: int
    unknown: tuple[str, ...] = ()
    rare: int = 0
    scores: Mapping[str, str] = field(default_factory=dict)
    off_scale: bool = False

    @property
    def fields(self) -> str:
        """What it fills, for a person to read."""
        return ", ".join(self.said.names)


def proposed(name: str, guess: Guess, cells: Counts, rules: Rules) -> ColumnProposal | None:
    """Return a proposal; None when the field cannot be had, or nothing under it can be read."""
    said = _noted(name, guess, cells)
    try:
        known = _field(guess, rules, said.notation)
    except WrongMapping:  # not in the questionnaire, or special data without a basis
        return None
    found = _Words()
    for cell, count in cells.items():
        found.add(known, cell, count)
    worded = known.codes or _is_scored(known) or known.name.startswith(_WORDED)
    unknown = found.unknown if worded else {}
    if found.rows and not (found.read or unknown or found.off_scale):
        return None
    often = [word for word, count in unknown.items() if count >= _SHOWN_FROM][:_MOST_WORDS]
    return ColumnProposal(
        name,
        said if _is_scored(known) else said.model_copy(update={"values": found.codes}),
        max(1, round(guess.sure * found.share)),
        tuple(often),
        len(unknown) - len(often),
        found.codes if _is_scored(known) else {},
        found.off_scale,
    )


def _field(guess: Guess, rules: Rules, notation: Notation) -> Field:
    rules = replace(rules, notation=notation)
    if guess.field == "age":
        return age_at()
    if guess.field == ANSWER:  # any item will do
        return field_named(min(item_names(rules.questionnaire)), rules)
    return row_field(guess.field, rules) or field_named(guess.field, rules)


def _is_scored(known: Field) -> bool:
    return known.name.startswith(("wellbeing.", "context_fit."))


def _noted(name: str, guess: Guess, cells: Counts) -> ColumnMapping:
    """The column with its notation, where the whole column shows one."""
    if guess.field == "age":
        return ColumnMapping(field="birth_year", age_on="started_on")
    said = ColumnMapping(field=guess.field)
    update: dict[str, object] = {}
    if holds_days(said):
        seen = shown(dict.fromkeys(cells, ""))
        if seen.month_first is not None and seen.day_first is None and seen.real is None:
            update["dates"] = "month-first"
        if "utc" in name.casefold():
            update["utc"] = True
    if guess.field.startswith(("wage_", "price_")):
        texts = [cell for cell in cells if isinstance(cell, str)]
        thousands = any(_THOUSANDS.match(text.strip()) for text in texts)
        if thousands and not any(_DECIMALS.search(text.strip()) for text in texts):
            update["decimal"] = "."
    return said.model_copy(update=update)


class _Words:
    """What the cells of a column read as, and the words among them."""

    def __init__(self) -> None:
        self.rows = self.read = 0
        self.codes: dict[str, str] = {}
        self.unknown: dict[str, int] = {}
        self.off_scale = False

    @property
    def share(self) -> float:
        """Of the cells that are filled in, how many can be read: 0..1."""
        return self.read / self.rows if self.rows else 1.0

    def add(self, known: Field, cell: Cell, count: int) -> None:
        """Take a cell that stands in so many rows."""
        word = text_of(cell)
        if not word:
            return
        self.rows += count
        try:
            found = known.parse(cell)
        except WrongValue:
            self._unread(known, word, count)
            return
        self.read += count
        code = found[0][1] if found else None
        if isinstance(code, bool):
            code = "yes" if code else "no"
        if known.codes and isinstance(code, str) and code.casefold() != word.casefold():
            self.codes[word] = code

    def _unread(self, known: Field, word: str, count: int) -> None:
        if _is_scored(known):
            if word.lstrip("-").isdecimal():
                self.off_scale = True
                return
            score = _score(known, word)
            if score is not None:
                self.codes[word] = score
                self.read += count
                return
        self.unknown[word] = self.unknown.get(word, 0) + count


def _score(known: Field, word: str) -> str | None:
    """`4 - akkoord` and `helemaal akkoord` say a score; whether it is ours, the owner checks."""
    labelled = _LABELLED.match(word)
    score = labelled[1] if labelled else words("agreement").get(key_of(word))
    if score is None:
        return None
    try:
        known.code(score)
    except WrongValue:
        return None
    return score
