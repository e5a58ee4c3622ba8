"""How every command speaks: sentences for people, or JSON with `--json`."""

from pathlib import Path
from typing import Annotated

import typer

from chassis.errors import WrongInput
from chassis.texts import Texts, from_environment

Folder = Annotated[
    Path,
    typer.Option("--dir", envvar="WEGWIJS_COORDINATOR_DIR", help="folder of this coordinator"),
]
AuthorityFolder = Annotated[
    Path,
    typer.Option("--dir", envvar="WEGWIJS_AUTHORITY_DIR", help="folder of the authority's key"),
]
Out = Annotated[Path, typer.Option("--out", help="file to write")]


def texts() -> Texts:
    """The catalogue in the operator's language."""
    return Texts.load(Path(__file__).parents[1] / "locale", from_environment())


def read_file(path: Path) -> bytes:
    """Read a file that the operator named. Raises WrongInput."""
    try:
        return path.read_bytes()
    except OSError:
        raise WrongInput("{file} cannot be read", file=path) from None


def write_file(path: Path, body: bytes, *, private: bool = False) -> None:
    """Write a file that the operator named, whole or not at all. Raises WrongInput.

    `private`: at no moment can anybody else on this machine read it.
    """
    half = path.with_name(path.name + ".half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half.unlink(missing_ok=True)
        half.touch(mode=0o600 if private else 0o666, exist_ok=False)
        half.write_bytes(body)
        half.replace(path)
    except OSError:
        raise WrongInput("{file} cannot be written", file=path) from None


def date_of(moment: int) -> str:
    """A day in Europe's order of ISO 8601, UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).date().isoformat()
