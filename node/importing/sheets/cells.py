"""One cell as JSON, and back: JSON itself knows no dates and no times."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | datetime | date | time | timedelta | None
PLAIN = frozenset({str, int, float, bool, type(None)})

_READ: Mapping[str, Callable[[str], Cell]] = {
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
    "span": lambda text: timedelta(seconds=float(text)),
}


def written(cell: object) -> object:
    """What JSON holds of a cell: itself, or a pair of kind and text."""
    if type(cell) in PLAIN:
        return cell
    if isinstance(cell, datetime):
        return ["moment", cell.isoformat()]
    if isinstance(cell, date):
        return ["day", cell.isoformat()]
    if isinstance(cell, time):
        return ["time", cell.isoformat()]
    if isinstance(cell, timedelta):
        return ["span", str(cell.total_seconds())]
    return str(cell)


def read(pair: list[str]) -> Cell:
    """The cell that such a pair stands for. Raises KeyError or ValueError."""
    kind, text = pair
    return _READ[kind](text)


def is_empty(cell: object) -> bool:
    """Whether nothing stands in a cell, or spaces alone."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
