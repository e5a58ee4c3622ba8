"""Each column of a table has a name of its own: its header, or else its place.

>>> column_names(["", "Klantnr", "Opmerking", "Opmerking"], 5)
('kolom 1', 'Klantnr', 'Opmerking', 'Opmerking (2)', 'kolom 5')
"""

import re
from collections.abc import Sequence

from node.importing.writing import clean

_COLUMN = "kolom"
_PLACE = re.compile(r"^(?:kolom|column|colonne) (\d{1,5})$")


def column_names(headers: Sequence[str], width: int) -> tuple[str, ...]:
    """Return `width` names, no two the same; places count from 1, as a spreadsheet shows them."""
    given = [*headers, *[""] * (width - len(headers))]
    taken = set(given)
    found: list[str] = []
    for place, header in enumerate(given, 1):
        name = header or f"{_COLUMN} {place}"
        if name in found or (not header and name in taken):
            name = _next(name, taken | set(found))
        found.append(name)
    return tuple(found)


def _next(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def column_named(name: str) -> str:
    """Return the name that a table gives a column of which a person writes the name or place."""
    place = column_place(name)
    return clean(name) if place is None else f"{_COLUMN} {place}"


def column_place(name: str) -> int | None:
    """Return the place, from 1, in a name such as `kolom 3` or `column 3`."""
    found = _PLACE.match(clean(name).casefold())
    return int(found[1]) if found else None
