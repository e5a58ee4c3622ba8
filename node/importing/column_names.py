"""Each column of a table has a name of its own: its header, or else its place.

>>> column_names(["", "Klantnr", "Opmerking", "Opmerking"], 5)
('kolom 1', 'Klantnr', 'Opmerking', 'Opmerking (2)', 'kolom 5')
"""

from collections.abc import Sequence


def column_names(headers: Sequence[str], width: int) -> tuple[str, ...]:
    """Return `width` names, no two the same; places count from 1, as a spreadsheet shows them."""
    given = [*headers, *[""] * (width - len(headers))]
    taken = set(given)
    found: list[str] = []
    for place, header in enumerate(given, 1):
        name = header or f"kolom {place}"
        if name in found or (not header and name in taken):
            name = _next(name, taken | set(found))
        found.append(name)
    return tuple(found)


def _next(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
