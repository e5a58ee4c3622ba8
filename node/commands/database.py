"""`import-database` and `suggest-database`: a table or query of the centre's own database."""

import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.commands import AsJson, Command
from node.commands.importing import DryRun, MappingPath, refuse_wrong, tell_done
from node.commands.suggesting import proposed, tell_proposal
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from node.importing.sheets.sheet import Sheets

PASSWORD = "WEGWIJS_DATABASE_PASSWORD"  # noqa: S105 - a name
Address = Annotated[
    str, typer.Argument(help="postgresql://user@server/name, mysql://... or sqlite:///file.")
]
What = Annotated[str, typer.Argument(help="A table, or a query in quotes; it may only read.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write the mapping.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    reading = "Read a table of your own database into the store."
    proposing = "Propose a mapping for a table of your own database."
    app.command("import-database", cls=Command, help=reading)(import_database)
    app.command("suggest-database", cls=Command, help=proposing)(suggest)


def import_database(
    address: Address,
    what: What,
    mapping: MappingPath,
    dry_run: DryRun = False,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Read rows of a database as if they stood in a file."""
    from node.importing.checking import checked
    from node.importing.mapping import load_mapping
    from node.importing.one_import import Origin, bring_in, rules_of
    from node.importing.table import table_of
    from node.store import NodeStore

    store = NodeStore.open(folder)
    described = load_mapping(mapping)
    now = datetime.now().astimezone()
    rules = rules_of(store, described, now.date())
    name, sheets = _read(address, what)
    reading = checked(table_of(name, sheets, described.file), described, rules)
    refuse_wrong(reading, skip_wrong=False, as_json=as_json)
    origin = Origin(name, sheets.digest, described)
    done = bring_in(store, reading, origin, now, os.urandom, rehearse=dry_run)
    tell_done(name, reading, done, dry_run=dry_run, as_json=as_json)


def suggest(
    address: Address,
    what: What,
    out: Out,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Write a proposed mapping; the owner reads it before using it."""
    from node.importing.proposal import propose_for
    from node.importing.table import table_of

    name, sheets = _read(address, what)
    again = partial(table_of, name, sheets)
    proposal = proposed(folder, lambda rules: propose_for(name, sheets, rules, again))
    tell_proposal(proposal, out, as_json=as_json)


def _read(address: str, what: str) -> "tuple[str, Sheets]":
    from node.importing.database import Question, read_database

    asked = Question(query=what) if " " in what.strip() else Question(table=what.strip())
    return asked.name, read_database(address, asked, _password)


def _password() -> str:
    """Of the environment, or asked: never an argument, which others can see."""
    said = os.environ.get(PASSWORD)
    if said is not None:
        return said
    asked: str = typer.prompt(texts()("Password of the database"), hide_input=True, err=True)
    return asked
