"""Where the table stands in a file that nobody described yet: sheets, header, totals."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from node.importing.layout import FileLayout
from node.importing.refusal import IntakeRefusal, NothingToImport
from node.importing.sheets.sheet import Sheet, Sheets
from node.importing.table import Table, table_of
from node.importing.writing import key_of, text_of

_ROWS_TRIED, _ENOUGH = 6, 3
Known = Callable[[str], bool]


def find_table(file: str, sheets: Sheets, known: Known) -> tuple[Table, FileLayout]:
    """The table with the most known column names, and the layout that leads to it.

    Sheets with the same columns go together; others are named by the table's `left_out`. The
    header is the first row with enough known names, else the first that can be one. Raises
    NothingToImport.
    """
    filled = [sheet for sheet in sheets.read if sheet.blocks]
    found: list[tuple[int, Table, FileLayout]] = []
    for sheet in filled:
        table, layout = _of_sheet(file, sheet, known)
        if table is not None:
            found.append((_count(table.columns, known), table, layout))
    if not found:
        raise NothingToImport(
            "{file} has a header but no rows. Nothing was stored. Export it again and retry.",
            file=file,
        )
    _, best, layout = max(found, key=lambda one: one[0])
    same = [
        sheet
        for sheet in filled
        if any(_same(best, layout, table, its) for _, table, its in found
               if table.rows[0].sheet == sheet.name)
    ]  # fmt: skip
    layout = _naming(layout, same, filled)
    left_out = tuple(sheet.name for sheet in filled if sheet not in same)
    layout = _without_totals(layout, same)
    return table_of(file, Sheets(tuple(same), left_out), layout), layout


def _count(names: Sequence[str], known: Known) -> int:
    return sum(map(known, names))


def _of_sheet(file: str, sheet: Sheet, known: Known) -> tuple[Table | None, FileLayout]:
    """The layout with the most known names; when none has enough, the first that can be read."""
    found: list[tuple[Table, FileLayout]] = []
    for layout in _tried():
        with suppress(IntakeRefusal):  # a title row, or past the table
            found.append((table_of(file, Sheets((sheet,)), layout), layout))
    if not found:
        return None, FileLayout()
    best = max(found, key=lambda one: _count(one[0].columns, known))
    return best if _count(best[0].columns, known) >= _ENOUGH else found[0]


def _tried() -> Iterator[FileLayout]:
    rows = range(1, _ROWS_TRIED + 1)
    yield from (FileLayout(header_row=row) for row in rows)
    yield from (FileLayout(header_row=row, header_rows=2) for row in rows)


def _same(best: Table, layout: FileLayout, table: Table, its: FileLayout) -> bool:
    return set(table.columns) == set(best.columns) and its == layout


def _naming(layout: FileLayout, same: Sequence[Sheet], filled: Sequence[Sheet]) -> FileLayout:
    """A layout that names its sheets where the file holds several."""
    names = tuple(sheet.name for sheet in same)
    if len(filled) == 1:
        return layout
    if len(names) == 1:
        return layout.model_copy(update={"sheet": names[0]})
    return layout.model_copy(update={"sheets": names})


def _without_totals(layout: FileLayout, sheets: Sequence[Sheet]) -> FileLayout:
    """Leave the last row out when each sheet ends in a total."""
    for sheet in sheets:
        *_, last = sheet.rows(sheet.last, sheet.last)
        if not any(key_of(text_of(cell)).startswith(("totaal", "total")) for cell in last[1][:3]):
            return layout
    return layout.model_copy(update={"skip_last_rows": 1})
