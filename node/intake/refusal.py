"""Why a file is not read. A sentence is an English template; `schemas.language` translates it.

IntakeRefusal
├── UnreadableFile    not a table that can be read
├── NothingToImport   no rows to read
├── WrongMapping      the mapping file is not valid, or does not fit the file
├── WrongCells        some cells are not what their field asks
└── OtherClient       a trajectory in the file stands in the store for another client
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

Values = Mapping[str, str | int]


class IntakeRefusal(ValueError):
    """The file was not imported; the store is as it was. Values never hold a client's data."""

    code: ClassVar[str] = "intake"
    exit_status: ClassVar[int] = 2

    def __init__(self, sentence: str, **values: str | int) -> None:
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence, self.values = sentence, values


class UnreadableFile(IntakeRefusal):
    """The file is not a table that can be read."""

    code = "unreadable-file"


class NothingToImport(IntakeRefusal):
    """The file holds no rows."""

    code = "nothing-to-import"


class WrongMapping(IntakeRefusal):
    """The mapping file is not valid, or speaks of other columns than the file has."""

    code = "wrong-mapping"


class OtherClient(IntakeRefusal):
    """A trajectory reference of the file belongs to another client in the store."""

    code = "other-client"
    exit_status = 3


class WrongValue(ValueError):
    """One cell is not what its field asks; `sentence` names what was expected."""

    def __init__(self, sentence: str, **values: str | int) -> None:
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence, self.values = sentence, values


@dataclass(frozen=True, slots=True)
class WrongCell:
    """Where a wrong value stands. The value is a client's: shown to the owner, never logged."""

    sheet: str
    row: int
    column: str
    value: str = field(repr=False)
    expected: str
    values: Values = field(default_factory=dict)


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
