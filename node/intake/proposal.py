"""A first mapping for a file, proposed from its headers and words; the owner corrects it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from node.intake.fields import Field, Rules, field_named
from node.intake.headers import field_of
from node.intake.layout import FileLayout
from node.intake.mapping import ColumnMapping, MappingFile
from node.intake.refusal import (
    IntakeRefusal,
    NothingToImport,
    UnreadableFile,
    WrongMapping,
    WrongValue,
)
from node.intake.sectors import REVISIONS, Revision, section
from node.intake.table import Table, read_table
from node.intake.writing import key_of, text_of

_ROWS_TRIED, _ENOUGH, _MOST_WORDS = 6, 3, 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, the columns it ignores because nobody knows them, and words without a code."""

    mapping: MappingFile
    ignored: tuple[str, ...]
    unknown_words: Mapping[str, tuple[str, ...]]

    @property
    def has_sectors(self) -> bool:
        """Whether a column holds sectors, whose revision the owner has to confirm."""
        fields = [column.field or "" for column in self.mapping.columns.values()]
        return any(field.startswith("sector_") for field in fields)


def propose(path: Path, rules: Rules) -> Proposal:
    """Propose a mapping. Raises FileNotFoundError or an IntakeRefusal."""
    table, layout = _find_table(path, rules)
    rules = replace(rules, revision=_revision(table, rules))
    layout = layout.model_copy(update={"nace_revision": rules.revision})
    columns: dict[str, ColumnMapping] = {}
    unknown: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for place, name in enumerate(table.columns):
        field = _field(name, rules)
        if field is None or field.name in taken:
            columns[name] = ColumnMapping(ignore=True)
            continue
        taken.add(field.name)
        values, unknown[name] = _words(table, place, field)
        columns[name] = ColumnMapping(field=field.name, values=values)
    ignored = tuple(name for name, column in columns.items() if column.ignore)
    mapping = MappingFile(version=1, file=layout, columns=columns)
    return Proposal(mapping, ignored, {name: words for name, words in unknown.items() if words})


def as_written(mapping: MappingFile) -> dict[str, Any]:
    """Return a mapping as it is written down: what is not said is left out of the columns."""
    plain = mapping.model_dump(mode="json")
    for column in plain["columns"].values():
        for name in [name for name, value in column.items() if value in (None, {})]:
            del column[name]
    return plain


def _field(header: str, rules: Rules) -> Field | None:
    name = field_of(header, rules.questionnaire)
    try:
        return None if name is None else field_named(name, rules)
    except WrongMapping:  # not in the questionnaire, or special data without a basis
        return None


def _find_table(path: Path, rules: Rules) -> tuple[Table, FileLayout]:
    """Find the header: the first row with enough known names, else the first row."""
    refusal: IntakeRefusal | None = None
    found: tuple[Table, FileLayout] | None = None
    for row in range(1, _ROWS_TRIED + 1):
        try:
            table, layout = _with_sheets(path, FileLayout(header_row=row))
        except (UnreadableFile, NothingToImport) as error:  # a title row, or past the table
            refusal = refusal or error
            continue
        known = sum(field_of(name, rules.questionnaire) is not None for name in table.columns)
        if known >= _ENOUGH:
            return _without_totals(path, table, layout)
        found = found or (table, layout)
    if found is None:
        raise refusal or UnreadableFile("{file} holds no table.", file=path.name)
    return found


def _with_sheets(path: Path, layout: FileLayout) -> tuple[Table, FileLayout]:
    """Read all sheets when they have the same columns."""
    try:
        return read_table(path, layout), layout
    except WrongMapping:
        from node.intake.workbook import filled_sheets

        layout = layout.model_copy(update={"sheets": tuple(filled_sheets(path))})
        return read_table(path, layout), layout


def _without_totals(path: Path, table: Table, layout: FileLayout) -> tuple[Table, FileLayout]:
    last = table.rows[-1].cells
    if any(key_of(text_of(cell)).startswith(("totaal", "total")) for cell in last[:3]):
        layout = layout.model_copy(update={"skip_last_rows": 1})
        table = read_table(path, layout)
    return table, layout


def _revision(table: Table, rules: Rules) -> Revision:
    """Return the revision that explains more of the sectors; 2.1 when both explain as many."""
    known = {"2": 0, "2.1": 0}
    for place, name in enumerate(table.columns):
        if not (field_of(name, rules.questionnaire) or "").startswith("sector_"):
            continue
        for word in {text_of(row.cells[place]) for row in table.rows}:
            for revision in REVISIONS:
                with suppress(WrongValue):
                    section(word, revision)
                    known[revision] += 1
    return "2" if known["2"] > known["2.1"] else "2.1"


def _words(table: Table, place: int, field: Field) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the words of a column with their codes, and the words that have none."""
    if not field.codes and not field.name.startswith("sector_"):
        return {}, ()
    known: dict[str, str] = {}
    unknown: list[str] = []
    for word in dict.fromkeys(text_of(row.cells[place]) for row in table.rows):
        if len(known) + len(unknown) >= _MOST_WORDS:
            break
        try:
            found = field.parse(word)
        except WrongValue:
            unknown.append(word)
            continue
        code = found[0][1] if found else None
        if isinstance(code, bool):
            code = "yes" if code else "no"
        if isinstance(code, str) and code.casefold() != word.casefold():
            known[word] = code
    return known, tuple(unknown)
