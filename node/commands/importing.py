"""`import`: a centre's own file into its own store."""

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.commands import AsJson, Command, tell
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from chassis.texts import Texts
    from node.admission.eligibility import Eligibility
    from node.importing.checking import Reading
    from node.importing.commit import Imported
    from node.importing.fields import Rules
    from node.importing.mapping import MappingFile
    from node.store import NodeStore

MappingPath = Annotated[Path, typer.Option("--mapping", help="Mapping file of this export.")]
SkipWrong = Annotated[bool, typer.Option("--skip-wrong", help="Read the right rows only.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check only; store nothing.")]
File = Annotated[Path, typer.Argument(help="CSV, workbook or SPSS file of the centre.")]


_CHANGED = {
    "filled": "Filled in where nothing stood: {fields}.",
    "replaced": "Replaced by what this file says: {fields}.",
    "emptied": "Taken away by this file: {fields}.",
}


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
    from node.importing.refusal import WrongCells
    from node.store import NodeStore

    store = NodeStore.open(folder)
    described = load_mapping(mapping)
    reading = read_file(file, described, rules_for(store, described))
    if reading.wrong and not skip_wrong:
        if as_json:
            tell(_wrong(reading), as_json=True)
        raise WrongCells(reading.wrong, reading.rows)
    done = _store(store, file, (described, reading), rehearse=dry_run)
    silent = ("consent", "statistics") not in reading.columns.given
    tell(
        {
            "file": file.name,
            "rows": reading.rows,
            "new": done.imported.new,
            "changed": done.imported.changed,
            "same": done.imported.same,
            "skipped": reading.skipped,
            "erased": done.imported.erased,
            "values": asdict(done.imported.changes),
            "agreed_before": done.imported.agreed_before,
            "waiting": done.imported.waiting,
            "eligible_before": asdict(done.before),
            "eligible": asdict(done.after),
            "no_consent_column": silent,
            "dry_run": dry_run,
            "sheets_not_read": list(reading.left_out),
            **_wrong(reading),
        },
        *_sentences(texts(), file, reading, done.imported, dry_run=dry_run),
        *_counted(texts(), done, silent=silent),
        as_json=as_json,
    )


def rules_for(store: "NodeStore", described: "MappingFile | None") -> "Rules":
    """Return what the check depends on: today, the questionnaire, a basis for special data."""
    from chassis.store import settings
    from node.importing.commit import check_holds_clients
    from node.importing.fields import Rules
    from node.importing.questionnaires import questionnaire_named

    name = described.file.questionnaire if described else "werkgeluk-1"
    with store.begin() as connection:
        check_holds_clients(connection)  # before a file of clients is read
        questionnaire = questionnaire_named(connection, name)
        basis = settings.get(connection, "special_category_basis")
    today = datetime.now().astimezone().date()
    revision = described.file.nace_revision if described else None
    return Rules(today, revision, questionnaire, special_category=basis is not None)


@dataclass(frozen=True, slots=True)
class _Done:
    """What an import did, and who was counted before it and is after it."""

    imported: "Imported"
    before: "Eligibility"
    after: "Eligibility"


def _store(
    store: "NodeStore", file: Path, read: tuple["MappingFile", "Reading"], *, rehearse: bool
) -> _Done:
    """Add the records to the store; a rehearsal does all of it and takes it back."""
    from node.admission.eligibility import eligibility, remembered
    from node.importing.commit import Source, commit
    from node.importing.remembered import remember

    described, reading = read
    now, digest = time.time(), hashlib.sha256(file.read_bytes()).hexdigest()
    today = datetime.fromtimestamp(now).astimezone().date()
    source = Source(file.name, digest, reading.columns, reading.places)
    with store.begin() as connection:
        before = remembered(connection, today)
        with connection.begin_nested() as attempt:
            imported = commit(connection, reading.trajectories, source, int(now), os.urandom)
            remember(connection, described, int(now))
            if rehearse:
                after = eligibility(connection, today)
                attempt.rollback()
            else:
                after = remembered(connection, today)
    return _Done(imported, before, after)


def _counted(say: "Texts", done: _Done, *, silent: bool) -> Iterator[str]:
    """Who was counted before, who is now, and why the others are not."""
    from node.admission.eligibility import sentences

    yield say("Before this file: {counted} of {clients}.",
              counted=done.before.counted, clients=done.before.clients)  # fmt: skip
    yield from sentences(say, done.after)
    if done.imported.waiting:
        yield say("{count} clients may be one person with another, under two numbers. They do not "
                  "count before you settle it. Next: duplicates.",
                  count=done.imported.waiting)  # fmt: skip
    if silent and done.after.why_not.get("no_consent"):
        yield say("No column of this file is consent_statistics, and without consent nobody is "
                  "counted. Give that field to the column that says who agreed.")  # fmt: skip


def _wrong(reading: "Reading") -> dict[str, Any]:
    say = texts()
    return {
        "wrong": [
            {
                "sheet": cell.sheet,
                "row": cell.row,
                "column": cell.column,
                "value": cell.value,
                "expected": cell.expectation(say),
            }
            for cell in reading.wrong
        ]
    }


def _sentences(
    say: "Texts", file: Path, reading: "Reading", done: "Imported", *, dry_run: bool
) -> list[str]:
    counts = {"new": done.new, "changed": done.changed, "same": done.same}
    found = [
        say.count("{file}: {rows} row read.", "{file}: {rows} rows read.", reading.rows,
                  file=file.name, rows=reading.rows),
        say("{new} new, {changed} changed, {same} already there.", **counts),
    ]  # fmt: skip
    found += _changes(say, done)
    if reading.left_out:
        found.append(not_read(say, reading.left_out))
    if reading.skipped:
        found.append(say.count("{skipped} wrong row was skipped.",
                               "{skipped} wrong rows were skipped.", reading.skipped,
                               skipped=reading.skipped))  # fmt: skip
    if done.erased:
        found.append(say.count(
            "{erased} row was left out: its client was erased here, and did not agree anew since.",
            "{erased} rows were left out: their clients were erased here, and did not agree anew "
            "since.", done.erased, erased=done.erased,
        ))  # fmt: skip
    if dry_run:
        found.append(say("This was a check: nothing was stored."))
    else:
        found.append(say("Nothing left this computer."))
    return found


def _changes(say: "Texts", done: "Imported") -> Iterator[str]:
    """What became of values that stood here, in counts."""
    for kind, counts in asdict(done.changes).items():
        if counts:
            fields = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
            yield say(_CHANGED[kind], fields=fields)
    if done.agreed_before:
        yield say.count(
            "{count} row says nothing under consent, and counts by the consent of an earlier file. "
            'If an empty cell means no, write so in the mapping file: "empty": "clears".',
            "{count} rows say nothing under consent, and count by the consent of an earlier file. "
            'If an empty cell means no, write so in the mapping file: "empty": "clears".',
            done.agreed_before, count=done.agreed_before,
        )  # fmt: skip


def not_read(say: "Texts", sheets: tuple[str, ...]) -> str:
    """Name the sheets that nobody asked for."""
    return say("Sheets that are not read: {sheets}.", sheets=", ".join(sheets))
