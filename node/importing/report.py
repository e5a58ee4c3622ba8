"""What an import did, in sentences and in facts."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from chassis.texts import Texts
from node.admission import eligibility
from node.importing.checking import Reading
from node.importing.commit import Imported
from node.importing.one_import import Done

CHANGED = {
    "filled": "Filled in where nothing stood: {fields}.",
    "replaced": "Replaced by what this file says: {fields}.",
    "emptied": "Taken away by this file: {fields}.",
}


def facts(say: Texts, name: str, reading: Reading, done: Done, *, dry_run: bool) -> dict[str, Any]:
    """For programs: counts, and every wrong cell."""
    return {
        "file": name,
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
        "no_consent_column": _silent(reading),
        "dry_run": dry_run,
        "sheets_not_read": list(reading.left_out),
        **wrong(say, reading),
    }


def wrong(say: Texts, reading: Reading) -> dict[str, Any]:
    """Every wrong cell, for programs."""
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


def sentences(say: Texts, name: str, reading: Reading, done: Done, *, dry_run: bool) -> list[str]:
    """For the owner: what was read, what changed, and who counts before and after."""
    return [
        *_what_happened(say, name, reading, done.imported, dry_run=dry_run),
        *_counted(say, done, silent=_silent(reading)),
    ]


def _silent(reading: Reading) -> bool:
    return ("consent", "statistics") not in reading.columns.given


def _what_happened(
    say: Texts, name: str, reading: Reading, done: Imported, *, dry_run: bool
) -> list[str]:
    counts = {"new": done.new, "changed": done.changed, "same": done.same}
    found = [
        say.count("{file}: {rows} row read.", "{file}: {rows} rows read.", reading.rows,
                  file=name, rows=reading.rows),
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


def _changes(say: Texts, done: Imported) -> Iterator[str]:
    """What became of values that stood here, in counts."""
    for kind, counts in asdict(done.changes).items():
        if counts:
            fields = ", ".join(f"{name} ({count})" for name, count in sorted(counts.items()))
            yield say(CHANGED[kind], fields=fields)
    if done.agreed_before:
        yield say.count(
            "{count} row says nothing under consent, and counts by the consent of an earlier file. "
            'If an empty cell means no, write so in the mapping file: "empty": "clears".',
            "{count} rows say nothing under consent, and count by the consent of an earlier file. "
            'If an empty cell means no, write so in the mapping file: "empty": "clears".',
            done.agreed_before, count=done.agreed_before,
        )  # fmt: skip


def _counted(say: Texts, done: Done, *, silent: bool) -> Iterator[str]:
    """Who was counted before, who is now, and why the others are not."""
    yield say("Before this file: {counted} of {clients}.",
              counted=done.before.counted, clients=done.before.clients)  # fmt: skip
    yield from eligibility.sentences(say, done.after)
    if done.imported.waiting:
        yield say("{count} clients may be one person with another, under two numbers. They do not "
                  "count before you settle it. Next: duplicates.",
                  count=done.imported.waiting)  # fmt: skip
    if silent and done.after.why_not.get("no_consent"):
        yield say("No column of this file is consent_statistics, and without consent nobody is "
                  "counted. Give that field to the column that says who agreed.")  # fmt: skip


def not_read(say: Texts, sheets: tuple[str, ...]) -> str:
    """Name the sheets that nobody asked for."""
    return say("Sheets that are not read: {sheets}.", sheets=", ".join(sheets))
