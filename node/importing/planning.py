"""What a mapping asks of a file: which column is read into which field, and how."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from node.importing.column_names import column_named, column_place
from node.importing.fields import DAYS, REQUIRED, Field, Found, Rules, Slot, age_at, field_named
from node.importing.long_form import ANSWER, ITEM, MOMENT, item_names, row_field
from node.importing.mapping import Answers, ColumnMapping, MappingFile
from node.importing.notation import Notation
from node.importing.refusal import WrongMapping, WrongValue
from node.importing.writing import key_of, text_of


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Plan:
    """How each row is read. `constants`: what every row says; `items`: how the answer of a row is
    read that is about one item; `joined`: rows of one trajectory are one record."""

    columns: tuple[PlannedColumn, ...]
    constants: Mapping[Slot, object] = dataclasses.field(repr=False)
    items: Mapping[str, PlannedColumn]
    joined: bool
    names: Mapping[str, str]
    """Field -> where in the mapping it comes from."""

    def column_of(self, slot: Slot) -> str:
        """Where in the mapping a slot comes from."""
        found = (one.name for one in self.columns if slot in one.field.slots)
        return next(found, self.names[REQUIRED[0]])


def plan(
    mapping: MappingFile, rules: Rules, notations: Mapping[str, Notation] | None = None
) -> Plan:
    """Give every mapped column its field. Raises WrongMapping.

    `notations`: of columns, where the whole column showed more than the mapping file says.
    """
    if mapping.file.last_seen_on is not None and mapping.file.last_seen_on > rules.today:
        raise WrongMapping(
            "The mapping file says under last_seen_on that the file looks further than today. "
            "Nothing was stored. Give the day of the export."
        )
    known = notations or {}
    planned = tuple(
        _planned(_Column(clean_name, said, one, mapping.answers),
                 replace(rules, notation=known.get(clean_name, said.notation)))
        for clean_name, said in by_column(mapping).items()
        for one in said.names
    )  # fmt: skip
    constants = {name: _constant(name, value, rules) for name, value in mapping.constants.items()}
    _check_fields([one.field.name for one in planned], [*constants])
    names = {name: f"constants: {name}" for name in constants}
    names |= {one.field.name: one.name for one in planned}
    return Plan(
        planned,
        {slot: value for found in constants.values() for slot, value in found},
        _items(planned, mapping.answers, rules),
        mapping.file.join_rows or bool({MOMENT, ITEM} & {one.field.name for one in planned}),
        names,
    )


def by_column(mapping: MappingFile) -> Mapping[str, ColumnMapping]:
    """The columns of a mapping under the names that a table gives them. Raises WrongMapping."""
    found = {column_named(name): said for name, said in mapping.columns.items()}
    if len(found) < len(mapping.columns):
        names = [column_named(name) for name in mapping.columns]
        raise WrongMapping(
            "The mapping file says {name} twice. Nothing was stored. Keep one of the two.",
            name=next(name for name in names if names.count(name) > 1),
        )
    return found


def _check_fields(given: Sequence[str], constants: Sequence[str]) -> None:
    _refuse(
        [name for name in REQUIRED if name not in (*given, *constants)],
        "The mapping file gives no column to {names}. Nothing was stored. Every record needs it: "
        "give a column that field, or say under constants what it is in every row.",
    )
    _refuse(
        sorted({name for name in given if given.count(name) > 1}),
        "The mapping file gives several columns to {names}. Nothing was stored. Keep one and "
        "ignore the others.",
    )
    _refuse(
        sorted({*given} & {*constants}),
        "The mapping file gives {names} a column and a constant. Nothing was stored. Keep one.",
    )
    _refuse(
        [name for name in ("client_ref", "trajectory_ref") if name in constants],
        "The mapping file gives every row the same {names}. Nothing was stored. Give it a column.",
    )
    _refuse(
        [name for name in (ITEM, ANSWER) if (name in given) != (ITEM in given or ANSWER in given)],
        "The mapping file gives no column to {names}. Nothing was stored. Where each row is one "
        "answer, one column says the item and one the answer.",
    )
    by_moment = [name for name in given if f".{MOMENT}." in name]
    if MOMENT not in (*given, *constants):
        _refuse(
            by_moment,
            "The mapping file says that {names} are of the moment of the row, and no column says "
            "that moment. Nothing was stored. Give a column the field moment.",
        )


def _refuse(names: Sequence[str], sentence: str) -> None:
    if names:
        raise WrongMapping(sentence, names=", ".join(names))


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    said: ColumnMapping
    field: str
    answers: Answers


def _planned(column: _Column, rules: Rules) -> PlannedColumn:
    said, scale = column.said, column.said.scale
    values = said.values
    if column.field.startswith("wellbeing."):
        scale = scale or column.answers.scale
        values = {**column.answers.values, **values}
    rules = replace(rules, notation=replace(rules.notation, scale=scale))
    known = row_field(column.field, rules)
    if known is not None and said.empty:
        raise WrongMapping(
            "The mapping file lets an empty cell of {column} clear what was there, and such a cell "
            "does not say what. Nothing was stored. Take it out.",
            column=column.name,
        )
    known = known or (age_at() if said.age_on else field_named(column.field, rules))
    words = _words(column.name, known, values)
    return PlannedColumn(column.name, known, words, said.empty == "clears", _age_day(said.age_on))


def _words(name: str, known: Field, values: Mapping[str, str]) -> Mapping[str, Found]:
    words: dict[str, Found] = {}
    for word, code in values.items():
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
    return words


def _constant(name: str, value: str, rules: Rules) -> Found:
    known = row_field(name, rules) or field_named(name, rules)
    try:
        found = known.code(value)
    except WrongValue:
        found = ()
    if not found:
        raise WrongMapping(
            "The mapping file gives {field} a constant that it cannot have: {code}. Nothing was "
            "stored. Correct it; docs/import.md lists the codes.",
            field=name,
            code=value,
        )
    return found


def _items(
    planned: Sequence[PlannedColumn], answers: Answers, rules: Rules
) -> Mapping[str, PlannedColumn]:
    column = next((one.name for one in planned if one.field.name == ANSWER), None)
    if column is None:
        return {}
    said = ColumnMapping(field=ANSWER)
    return {
        name: _planned(_Column(column, said, name, answers), rules)
        for name in item_names(rules.questionnaire)
    }


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
    """Raise WrongMapping unless the mapping speaks of exactly the columns of the file.

    A column that is known by its place alone may be empty, and then it is not there.
    """
    spoken_of = by_column(mapping)
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
        [name for name in missing if column_place(name) is None],
        "The mapping file mentions columns that the file does not have: {names}. Nothing was "
        "stored. Correct their names or take them out.",
    )
