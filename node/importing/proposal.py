"""A first mapping for a file, proposed from its headers and words; the owner corrects it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from node.importing.column_proposal import ColumnProposal, Counts, proposed
from node.importing.fields import REQUIRED, ROW_MOMENT, Rules
from node.importing.finding import find_table
from node.importing.headers import Guess, guess, is_personal
from node.importing.layout import FileLayout
from node.importing.long_form import ANSWER, ITEM, MOMENT, ROW_FIELDS
from node.importing.mapping import Answers, ColumnMapping, MappingFile
from node.importing.revision import revision_of
from node.importing.sheets.read import read_sheets
from node.importing.sheets.sheet import Sheets
from node.importing.survey_tools import IMPORT_ID, SurveyTool, is_known, tool_of
from node.importing.table import Table, read_table
from node.importing.whole_columns import holds_days, shown
from node.importing.writing import text_of

_LIKELY, _UNSURE = 70, 50
_MOST_DIFFERENT, _ROWS_LOOKED_AT = 2_000, 4
IGNORED = ColumnMapping(ignore=True)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping, and what its owner has to know of it.

    `columns`: those that are given a field; `ignored`: the others; `rivals`: those that would be a
    field that another column has; `left_out`: sheets that are not read; `tool`: the survey tool;
    `chosen`: columns about which the owner's earlier choice is taken, made at `chosen_at`.
    """

    mapping: MappingFile
    columns: tuple[ColumnProposal, ...]
    ignored: tuple[str, ...]
    rivals: tuple[str, ...]
    left_out: tuple[str, ...]
    tool: str | None
    chosen: tuple[str, ...] = ()
    chosen_at: int | None = None

    @property
    def fields(self) -> frozenset[str]:
        """The fields that a column or a constant gives."""
        given = {name for one in self.columns for name in one.said.names}
        return frozenset(given | self.mapping.constants.keys())

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that every record needs and nothing in the file gives."""
        return tuple(name for name in REQUIRED if name not in self.fields)

    @property
    def consent(self) -> str | None:
        """The column that is proposed as the consent to be counted."""
        found = (one.name for one in self.columns if "consent_statistics" in one.said.names)
        return next(found, None)

    @property
    def has_sectors(self) -> bool:
        """Whether a column holds sectors, whose revision the owner has to confirm."""
        return any(name.startswith("sector_") for name in self.fields)


def propose(path: Path, rules: Rules) -> Proposal:
    """Propose a mapping. Raises FileNotFoundError or an IntakeRefusal."""
    return propose_for(path.name, read_sheets(path), rules, partial(read_table, path))


def propose_for(
    file: str, sheets: Sheets, rules: Rules, read_again: Callable[[FileLayout], Table]
) -> Proposal:
    """Propose a mapping for what was read. Raises an IntakeRefusal."""
    table, layout = _table(file, sheets, rules, read_again)
    cells = _cells(table)
    tool = tool_of(table.columns)
    guesses = _guesses(table, cells, tool, rules)
    revision = revision_of([cells[n] for n, g in guesses.items() if g.field.startswith("sector_")])
    rules = replace(rules, revision=revision)
    found = [proposed(name, one, cells[name], rules) for name, one in guesses.items()]
    best, rivals = _best([one for one in found if one is not None])
    columns = _in_one_order(_with_references(best), cells)
    said = {one.name: one.said for one in columns}
    scores = {word: score for one in columns for word, score in one.scores.items()}
    mapping = MappingFile(
        version=1,
        file=layout.model_copy(update={"nace_revision": revision}),
        answers=Answers(values=scores),
        columns={name: said.get(name, IGNORED) for name in table.columns},
    )
    ignored = tuple(name for name in table.columns if name not in said and name not in rivals)
    return Proposal(mapping, columns, ignored, rivals, table.left_out, tool.name if tool else None)


def as_written(mapping: MappingFile) -> dict[str, Any]:
    """Return a mapping as it is written down: what is not said of a column is left out."""
    plain = mapping.model_dump(mode="json", exclude_defaults=True)
    return plain | {"file": mapping.file.model_dump(mode="json", exclude_none=True)}


def _table(
    file: str, sheets: Sheets, rules: Rules, read_again: Callable[[FileLayout], Table]
) -> tuple[Table, FileLayout]:
    """Find the table; a file whose first row is a client's has no header."""

    def known(header: str) -> bool:
        found = guess(header, rules.questionnaire)
        return is_known(header) or (found is not None and found.sure >= _LIKELY)

    table, layout = find_table(file, sheets, known)
    changes: dict[str, int] = {}
    if not any(map(known, table.columns)) and any(map(_is_data, table.columns)):
        changes = {"header_row": 0, "header_rows": 1}
    elif below := _rows_below(table):
        changes = {"skip_rows_below_header": below}
    if changes:
        layout = layout.model_copy(update=changes)
        table = read_again(layout)
    return table, layout


def _is_data(header: str) -> bool:
    """A date, a number of its own or an address is no column name."""
    return "@" in header or header.replace("/", "").replace("-", "").replace(".", "").isdecimal()


def _rows_below(table: Table) -> int:
    """How many rows below the header end in the one that Qualtrics adds."""
    for number, row in enumerate(table.rows[:_ROWS_LOOKED_AT], 1):
        if any(isinstance(cell, str) and cell.startswith(IMPORT_ID) for cell in row.cells):
            return number
    return 0


def _cells(table: Table) -> Mapping[str, Counts]:
    """The different cells of each column; of columns with very many, the first."""
    found: list[Counter[Any]] = [Counter() for _ in table.columns]
    for row in table.rows:
        for cell, counts in zip(row.cells, found, strict=True):
            if cell in counts or len(counts) < _MOST_DIFFERENT:
                counts[cell] += 1
    return dict(zip(table.columns, found, strict=True))


def _guesses(
    table: Table, cells: Mapping[str, Counts], tool: SurveyTool | None, rules: Rules
) -> Mapping[str, Guess]:
    found: dict[str, Guess] = {}
    for name in table.columns:
        if tool is not None and tool.knows(name):
            field = tool.field_of(name)
            one = Guess(field, _UNSURE) if field else None
        else:
            one = None if is_personal(name) else guess(name, rules.questionnaire)
        if one is not None:
            found[name] = one
    return _in_long_form(found, cells)


def _in_long_form(found: Mapping[str, Guess], cells: Mapping[str, Counts]) -> Mapping[str, Guess]:
    """A column of moments or items means something only where rows repeat their client."""
    repeated = any(
        one.field in ("client_ref", "trajectory_ref")
        and any(count > 1 for cell, count in cells[name].items() if text_of(cell))
        for name, one in found.items()
    )
    fields = {one.field for one in found.values()}
    by_item = repeated and {ITEM, ANSWER} <= fields
    by_moment = repeated and MOMENT in fields
    wanted = ({ITEM, ANSWER} if by_item else set()) | ({MOMENT} if by_moment else set())
    return {
        name: replace(one, field=one.field.replace("intake", ROW_MOMENT))
        if by_moment and one.unsaid
        else one
        for name, one in found.items()
        if one.field not in ROW_FIELDS or one.field in wanted
    }


def _best(found: Sequence[ColumnProposal]) -> tuple[list[ColumnProposal], tuple[str, ...]]:
    """Of columns that would be the same field, the surest; and the others' names."""
    best: dict[str, ColumnProposal] = {}
    for one in found:
        if one.fields not in best or one.sure > best[one.fields].sure:
            best[one.fields] = one
    kept = [one for one in found if best[one.fields] is one]
    return kept, tuple(one.name for one in found if best[one.fields] is not one)


def _in_one_order(
    columns: Sequence[ColumnProposal], cells: Mapping[str, Counts]
) -> tuple[ColumnProposal, ...]:
    """Where one column has the month first, dates that can be read in two ways have it too."""
    if not any(one.said.dates == "month-first" for one in columns):
        return tuple(columns)
    return tuple(_month_first(one) if _either(one, cells) else one for one in columns)


def _either(one: ColumnProposal, cells: Mapping[str, Counts]) -> bool:
    seen = shown(dict.fromkeys(cells[one.name], ""))
    return (
        holds_days(one.said)
        and seen.either is not None
        and seen.day_first is None
        and seen.real is None
    )


def _month_first(one: ColumnProposal) -> ColumnProposal:
    said = one.said.model_copy(update={"dates": "month-first"})
    return replace(one, said=said, sure=min(one.sure, _LIKELY))


def _with_references(columns: Sequence[ColumnProposal]) -> tuple[ColumnProposal, ...]:
    """One number serves for client and trajectory where the file has no other."""
    references = [one for one in columns if {*one.said.names} & {"client_ref", "trajectory_ref"}]
    if len(references) != 1:
        return tuple(columns)
    (only,) = references
    both = ColumnMapping(fields=("client_ref", "trajectory_ref"))
    serving = replace(only, said=both, sure=min(only.sure, _UNSURE))
    return tuple(serving if one is only else one for one in columns)
