"""The mapping file: a centre's own columns, each given a field once, or ignored.

{"version": 1,
 "file": {"header_row": 1, "nace_revision": "2.1"},
 "columns": {"Klantnr": {"field": "client_ref"},
             "Status traject": {"field": "status", "values": {"afgerond": "completed"}},
             "Opmerking": {"ignore": true}}}
"""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal, Self

from pydantic import Field as Described
from pydantic import ValidationError, model_validator

from chassis.named_files import read_up_to
from node.importing.fields import DAYS, REQUIRED, Field, Found, Rules, age_at, field_named
from node.importing.layout import FileLayout
from node.importing.notation import DateOrder, DecimalMark, Notation
from node.importing.refusal import WrongMapping, WrongValue
from node.importing.writing import clean, key_of, text_of
from schemas.document import Document, places

_MISTYPED = re.compile(r"[a-z][a-z_]{0,29}")
"""What may be a slip in a name of ours, and is no text of a client."""


class ColumnMapping(Document):
    """What one column is: a field, with the centre's own words for its codes, or ignored."""

    field: str | None = None
    ignore: Literal[True] | None = None
    values: Mapping[str, str] = Described(
        default_factory=dict, description="word in the file -> code; to nothing: not answered"
    )
    empty: Literal["clears"] | None = Described(
        default=None, description="clears: an empty cell takes away what an earlier file said"
    )
    dates: DateOrder | None = Described(default=None, description="what stands first in 04/05/24")
    decimal: DecimalMark | None = Described(default=None, description="mark before the decimals")
    utc: Literal[True] | None = Described(default=None, description="times without a zone are UTC")
    scale: tuple[int, int] | None = Described(
        default=None, description="lowest and highest score of the file; turned round: 5, 1"
    )
    age_on: str | None = Described(
        default=None, description="ages: on the day of this field, or on this day (2026-03-01)"
    )

    @model_validator(mode="after")
    def _field_or_ignored(self) -> Self:
        if (self.field is None) == (self.ignore is None):
            raise ValueError("give field or ignore")
        if self.ignore and (self.values or self.empty):
            raise ValueError("an ignored column has no values")
        if self.age_on is not None and self.field != "birth_year":
            raise ValueError("age_on belongs to birth_year")
        if self.scale is not None and self.scale[0] == self.scale[1]:
            raise ValueError("a scale has two different ends")
        return self

    @property
    def notation(self) -> Notation:
        """How the column writes its values, as far as the mapping file says."""
        return Notation(self.dates or "day-first", self.decimal, self.utc is True, self.scale)


class MappingFile(Document):
    """The whole mapping file of one kind of export."""

    version: Literal[1]
    file: FileLayout = FileLayout()
    columns: Mapping[str, ColumnMapping] = Described(min_length=1)


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedColumn:
    """One column that is read: its name, its field, and how to read a cell of it."""

    name: str
    field: Field
    words: Mapping[str, Found] = dataclasses.field(repr=False)
    clears: bool = False
    age_on: date | str | None = None

    def read(self, cell: object) -> Found:
        """Return (slot, value) pairs; the mapping's own words go first. Raises WrongValue."""
        if self.words:
            known = self.words.get(key_of(text_of(cell)))
            if known is not None:
                return known
        return self.field.parse(cell)


def load_mapping(path: Path) -> MappingFile:
    """Read a mapping file. Raises OSError, TooLarge or WrongMapping."""
    try:
        plain = json.loads(read_up_to(path).decode("utf-8-sig"), object_pairs_hook=_each_once)
    except WrongMapping:
        raise
    except UnicodeDecodeError:
        raise WrongMapping(
            "{file} is not a mapping file: it is not text in UTF-8. Nothing was stored. Choose "
            "the .json file that belongs to your export.",
            file=path.name,
        ) from None
    except json.JSONDecodeError as error:
        raise WrongMapping(
            "{file} is not a mapping file: the JSON stops making sense on line {line}. Nothing "
            "was stored. Correct it, or make a new one with suggest-mapping.",
            file=path.name,
            line=error.lineno,
        ) from None
    except (RecursionError, ValueError):  # nested without end, or a number of thousands of digits
        raise WrongMapping(
            "{file} is not a valid mapping file: see {where}. Nothing was stored. Correct it, or "
            "make a new one with suggest-mapping.",
            file=path.name,
            where="start",
        ) from None
    try:
        return MappingFile.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        raise WrongMapping(
            "{file} is not a valid mapping file: see {where}. Nothing was stored. Correct it, or "
            "make a new one with suggest-mapping.",
            file=path.name,
            where=places(error, strange=_MISTYPED),
        ) from None


def _each_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise WrongMapping(
                "The mapping file says {name} twice. Nothing was stored. Keep one of the two.",
                name=name,
            )
    return dict(pairs)


def plan(
    mapping: MappingFile, rules: Rules, notations: Mapping[str, Notation] | None = None
) -> tuple[PlannedColumn, ...]:
    """Give every mapped column its field. Raises WrongMapping.

    `notations`: of columns, where the whole column showed more than the mapping file says.
    """
    known = notations or {}
    if mapping.file.last_seen_on is not None and mapping.file.last_seen_on > rules.today:
        raise WrongMapping(
            "The mapping file says under last_seen_on that the file looks further than today. "
            "Nothing was stored. Give the day of the export."
        )
    planned = [
        _planned(clean(name), column, replace(rules, notation=known.get(name, column.notation)))
        for name, column in mapping.columns.items()
        if column.field is not None
    ]
    given = [column.field.name for column in planned]
    _refuse(
        [name for name in REQUIRED if name not in given],
        "The mapping file gives no column to {names}. Nothing was stored. Every record needs it: "
        "give a column that field.",
    )
    _refuse(
        sorted({name for name in given if given.count(name) > 1}),
        "The mapping file gives several columns to {names}. Nothing was stored. Keep one and "
        "ignore the others.",
    )
    return tuple(planned)


def _refuse(names: Sequence[str], sentence: str) -> None:
    if names:
        raise WrongMapping(sentence, names=", ".join(names))


def _planned(name: str, column: ColumnMapping, rules: Rules) -> PlannedColumn:
    known = age_at() if column.age_on else field_named(column.field or "", rules)
    words: dict[str, Found] = {}
    for word, code in column.values.items():
        try:
            words[key_of(word)] = known.code(code)
        except WrongValue:
            raise WrongMapping(
                "Column {column} of the mapping file leads to a value that {field} does not have: "
                "{code}. Nothing was stored. Correct it; docs/import.md lists the codes.",
                column=name,
                field=known.name,
                code=code,
            ) from None
    return PlannedColumn(name, known, words, column.empty == "clears", _age_day(column.age_on))


def _age_day(text: str | None) -> date | str | None:
    if text is None or text in DAYS:
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongMapping(
            "The mapping file says age_on {text}, which is neither a date field nor a day such as "
            "2026-03-01. Nothing was stored. Correct it.",
            text=text,
        ) from None


def fit(mapping: MappingFile, columns: Sequence[str]) -> None:
    """Raise WrongMapping unless the mapping speaks of exactly the columns of the file."""
    spoken_of = [clean(name) for name in mapping.columns]
    unknown = [name for name in columns if name not in spoken_of]
    missing = [name for name in spoken_of if name not in columns]
    if missing and len(missing) == len(spoken_of):
        raise WrongMapping(
            "The mapping file is for another file: none of its columns is in this one. Nothing "
            "was stored. Choose the mapping of this export, or check header_row."
        )
    _refuse(
        unknown,
        "The file has columns that the mapping file does not mention: {names}. Nothing was "
        "stored. Give each a field there, or ignore it.",
    )
    _refuse(
        missing,
        "The mapping file mentions columns that the file does not have: {names}. Nothing was "
        "stored. Correct their names or take them out.",
    )
