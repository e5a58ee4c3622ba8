"""A matrix of counts: two code lists against each other, shaded in three classes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.present.axis import breaks
from chassis.present.estimates import Estimate, Reading, read
from chassis.texts import Language

Find = Callable[[str, str], Estimate | None]
"""(row, column) -> the estimate there, if it may be shown."""


@dataclass(frozen=True, slots=True)
class Box:
    """One cell; nothing in it when it is too small to show."""

    column: str
    estimate: Estimate | None = None
    reading: Reading | None = None
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of boxes."""

    label: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows and columns with at least one count to show; `unseen` names all others."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    unseen: tuple[str, ...]


def make_matrix(
    rows: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    find: Find,
    language: Language,
) -> Matrix:
    """Lay out estimates; rows and columns are (code, label)."""
    found = {
        (row, column): one
        for row, _ in rows
        for column, _ in columns
        if (one := find(row, column)) is not None
    }
    values = [one.value for one in found.values()]
    borders = breaks(values) if len(values) >= 3 else (float("inf"), float("inf"))

    def box(row: str, column: str) -> Box:
        one = found.get((row, column))
        if one is None:
            return Box(column)
        return Box(column, one, read(one, language), sum(one.value >= b for b in borders))

    seen_rows = [one for one in rows if any(row == one[0] for row, _ in found)]
    seen_columns = [one for one in columns if any(column == one[0] for _, column in found)]
    unseen = dict.fromkeys(
        label for code, label in (*rows, *columns) if (code, label) not in seen_rows + seen_columns
    )
    return Matrix(
        tuple(label for _, label in seen_columns),
        tuple(
            Row(label, tuple(box(code, column) for column, _ in seen_columns))
            for code, label in seen_rows
        ),
        tuple(unseen),
    )
