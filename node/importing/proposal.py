"""A first mapping for a file, proposed from its headers and words; the owner corrects it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from node.importing.fields import Field, Rules, field_named
from node.importing.finding import find_table
from node.importing.headers import field_of
from node.importing.mapping import ColumnMapping, MappingFile
from node.importing.refusal import WrongMapping, WrongValue
from node.importing.sectors import REVISIONS, Revision, section
from node.importing.sheets.read import read_sheets
from node.importing.table import Table
from node.importing.writing import text_of

_MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, the columns it ignores because nobody knows them, and words without a code.

    `left_out`: sheets of the file that it does not read.
    """

    mapping: MappingFile
    ignored: tuple[str, ...]
    unknown_words: Mapping[str, tuple[str, ...]]
    left_out: tuple[str, ...] = ()

    @property
    def has_sectors(self) -> bool:
        """Whether a column holds sectors, whose revision the owner has to confirm."""
        fields = [column.field or "" for column in self.mapping.columns.values()]
        return any(field.startswith("sector_") for field in fields)


def propose(path: Path, rules: Rules) -> Proposal:
    """Propose a mapping. Raises FileNotFoundError or an IntakeRefusal."""
    table, layout = find_table(path.name, read_sheets(path), partial(_is_known, rules))
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
    left = {name: words for name, words in unknown.items() if words}
    return Proposal(mapping, ignored, left, table.left_out)


def as_written(mapping: MappingFile) -> dict[str, Any]:
    """Return a mapping as it is written down: what is not said of a column is left out."""
    plain = mapping.model_dump(mode="json", exclude_defaults=True)
    return plain | {"file": mapping.file.model_dump(mode="json", exclude_none=True)}


def _field(header: str, rules: Rules) -> Field | None:
    name = field_of(header, rules.questionnaire)
    try:
        return None if name is None else field_named(name, rules)
    except WrongMapping:  # not in the questionnaire, or special data without a basis
        return None


def _is_known(rules: Rules, header: str) -> bool:
    return field_of(header, rules.questionnaire) is not None


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
