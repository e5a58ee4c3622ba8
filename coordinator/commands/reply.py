"""How every command speaks: sentences for people, or JSON with `--json`."""

from pathlib import Path
from typing import Annotated

import typer

from chassis.texts import Texts, from_environment

Folder = Annotated[
    Path,
    typer.Option("--dir", envvar="WEGWIJS_COORDINATOR_DIR", help="folder of this coordinator"),
]
AuthorityFolder = Annotated[
    Path,
    typer.Option("--dir", envvar="WEGWIJS_AUTHORITY_DIR", help="folder of the authority's key"),
]
LARGEST = 2**31 - 1  # as a database counts
Number = Annotated[int, typer.Argument(min=1, max=LARGEST, help="number of the round")]
CentreNumber = Annotated[int, typer.Argument(min=1, max=LARGEST, help="id of the centre")]
Out = Annotated[Path, typer.Option("--out", help="file to write")]


def texts() -> Texts:
    """The catalogue in the operator's language."""
    return Texts.load(Path(__file__).parents[1] / "locale", from_environment())


def date_of(moment: int) -> str:
    """A day in Europe's order of ISO 8601, UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).date().isoformat()
