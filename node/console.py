"""What all commands of `wegwijs-node` share: where the store is, and the words of a centre."""

from pathlib import Path
from typing import Annotated

import typer

from chassis.texts import Texts, from_environment

Folder = Annotated[
    Path,
    typer.Option("--dir", envvar="WEGWIJS_NODE_DIR", help="Folder that holds the centre's store."),
]
DEFAULT_FOLDER = Path("wegwijs-node")


def texts() -> Texts:
    """Return the texts of the node in the language of WEGWIJS_LANG."""
    return Texts.load(Path(__file__).parent / "locale", from_environment())
