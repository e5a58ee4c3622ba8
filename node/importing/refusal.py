"""Why a file is not read. A sentence is an English template; `chassis.texts` translates it.

IntakeRefusal
├── UnreadableFile    not a table that can be read
├── WrongAddress      a database that is not there, or may not be asked so
├── NotWatched        the folder is not one of those that are watched
├── NothingToImport   no rows to read
├── NoClientsHere     the store is a witness's, which holds no clients
├── WrongMapping      the mapping file is not valid, or does not fit the file
├── WrongCells        some cells are not what their field asks
├── OtherClient       a trajectory in the file stands in the store for another client
├── Contradiction     rows do not go together with what earlier files said of the same people
├── NoSuchPair        no two clients wait under that number
├── NothingToUndo     there is no import that can be undone
└── UnknownClients    a client who withdraws or is erased has no record here
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chassis.errors import Refusal
from chassis.texts import Texts

MOST_SHOWN, MOST_LINES = 60, 20
Values = Mapping[str, object]


class IntakeRefusal(Refusal, ValueError):
    """The file was not imported; the store is as it was. Values never hold a client's data."""

    code = "intake"
    exit_code = 2


class UnreadableFile(IntakeRefusal):
    """The file is not a table that can be read."""

    code = "unreadable-file"


class WrongAddress(IntakeRefusal):
    """The database is not there, or its address may not be given so."""

    code = "wrong-address"


class NotWatched(IntakeRefusal):
    """The folder is not one of those that are watched."""

    code = "not-watched"
    exit_code = 4


class NothingToImport(IntakeRefusal):
    """The file holds no rows."""

    code = "nothing-to-import"


class NoClientsHere(IntakeRefusal):
    """The store is a witness's. A witness certifies sums, and no client's record is safe there."""

    code = "no-clients-here"
    exit_code = 3


class WrongMapping(IntakeRefusal):
    """The mapping file is not valid, or speaks of other columns than the file has."""

    code = "wrong-mapping"


class OtherClient(IntakeRefusal):
    """A trajectory reference of the file belongs to another client in the store."""

    code = "other-client"
    exit_code = 3


class NothingToUndo(IntakeRefusal):
    """There is no import that can be undone."""

    code = "nothing-to-undo"
    exit_code = 4


class NoSuchPair(IntakeRefusal):
    """No two clients wait under that number."""

    code = "no-such-pair"
    exit_code = 4


class UnknownClients(IntakeRefusal):
    """A client who withdraws, or is to be erased, has no record in the store."""

    code = "unknown-clients"
    exit_code = 4


class WrongValue(Refusal, ValueError):
    """One cell is not what its field asks; the sentence names what was expected."""


class Contradiction(IntakeRefusal):
    """Rows do not go together with what earlier files said of the same people."""

    code = "contradiction"
    exit_code = 3

    def __init__(self, found: Sequence[tuple[str, WrongValue]]) -> None:
        super().__init__(
            "{count} row does not go together with what stands here of the same person. Nothing "
            "was stored. Correct the file; or say under the column, in the mapping file, that an "
            "empty cell clears what was there.",
            count=len(found),
        )
        self.counted(
            "{count} rows do not go together with what stands here of the same people. Nothing "
            "was stored. Correct the file; or say under the column, in the mapping file, that an "
            "empty cell clears what was there.",
            len(found),
        )
        self.found = found

    def lines(self, texts: Texts) -> list[str]:
        """Return one line for each of the first such rows."""
        return [
            texts("row {row}; expected: {expected}", row=place,
                  expected=texts(wrong.message, **wrong.values))
            for place, wrong in self.found[:MOST_LINES]
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class WrongCell:
    """Where a wrong value stands. The value is a client's: shown to the owner, never logged."""

    sheet: str
    row: int
    column: str
    value: str = field(repr=False)
    expected: str
    values: Values = field(default_factory=dict)

    def expectation(self, texts: Texts) -> str:
        """Return what was expected, in the reader's language."""
        return texts(self.expected, **self.values)

    @property
    def shown(self) -> str:
        """The value, short and without control characters that a terminal would obey."""
        visible = "".join(letter if letter.isprintable() else "?" for letter in self.value)
        return visible if len(visible) <= MOST_SHOWN else visible[:MOST_SHOWN] + "..."


class WrongCells(IntakeRefusal):
    """Some rows are wrong, so none was imported."""

    code = "wrong-cells"

    def __init__(self, cells: tuple[WrongCell, ...], rows: int) -> None:
        bad = len({(cell.sheet, cell.row) for cell in cells})
        super().__init__(
            "There is a problem in {bad} of {rows} rows. Nothing was stored. Correct the cells "
            "below in your file, or read the right rows only with --skip-wrong.",
            bad=bad,
            rows=rows,
        )
        self.cells = cells

    def lines(self, texts: Texts) -> list[str]:
        """Return one line for each of the first wrong cells."""
        found = [
            texts(
                'row {row}, {column}: "{value}"; expected: {expected}',
                row=f"{cell.sheet} {cell.row}".strip(),
                column=cell.column,
                value=cell.shown,
                expected=cell.expectation(texts),
            )
            for cell in self.cells[:MOST_LINES]
        ]
        more = len(self.cells) - len(found)
        return [*found, texts("and {more} more", more=more)] if more else found
