"""`import`: a centre's own file into its own store."""

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.commands import AsJson, Command, tell
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from node.importing.checking import Reading
    from node.importing.one_import import Done

MappingPath = Annotated[Path, typer.Option("--mapping", help="Mapping file of this export.")]
SkipWrong = Annotated[bool, typer.Option("--skip-wrong", help="Read the right rows only.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check only; store nothing.")]
File = Annotated[Path, typer.Argument(help="CSV, workbook or SPSS file of the centre.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("import", cls=Command, help="Read a file of clients into the store.")(import_file)


def import_file(
    file: File,
    mapping: MappingPath,
    skip_wrong: SkipWrong = False,
    dry_run: DryRun = False,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Read a file; unless all rows are right nothing is stored."""
    from node.importing.checking import read_file
    from node.importing.mapping import load_mapping
    from node.importing.one_import import Origin, bring_in, file_digest, rules_of
    from node.store import NodeStore

    store = NodeStore.open(folder)
    described = load_mapping(mapping)
    now = datetime.now().astimezone()
    reading = read_file(file, described, rules_of(store, described, now.date()))
    refuse_wrong(reading, skip_wrong=skip_wrong, as_json=as_json)
    origin = Origin(file.name, file_digest(file), described)
    done = bring_in(store, reading, origin, now, os.urandom, rehearse=dry_run)
    tell_done(file.name, reading, done, dry_run=dry_run, as_json=as_json)


def refuse_wrong(reading: "Reading", *, skip_wrong: bool, as_json: bool) -> None:
    """Raise WrongCells when cells are wrong and the owner does not want the right rows alone."""
    from node.importing.refusal import WrongCells
    from node.importing.report import wrong

    if reading.wrong and not skip_wrong:
        if as_json:
            tell(wrong(texts(), reading), as_json=True)
        raise WrongCells(reading.wrong, reading.rows)


def tell_done(name: str, reading: "Reading", done: "Done", *, dry_run: bool, as_json: bool) -> None:
    """Print what an import did, or would do."""
    from node.importing.report import facts, sentences

    say = texts()
    told = facts(say, name, reading, done, dry_run=dry_run)
    tell(told, *sentences(say, name, reading, done, dry_run=dry_run), as_json=as_json)
