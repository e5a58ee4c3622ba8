"""`suggest-mapping`: what the columns of a file probably are, for the owner to correct.

What is printed holds names of columns and words that stand in several rows; no client's values.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chassis.commands import AsJson, Command, tell
from node.commands.importing import File
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from chassis.texts import Texts
    from node.importing.column_proposal import ColumnProposal
    from node.importing.fields import Rules
    from node.importing.proposal import Proposal

Out = Annotated[Path | None, typer.Option("--out", help="Where to write the mapping.")]
_SURE = 90


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("suggest-mapping", cls=Command, help="Propose a mapping for a file.")(suggest)


def suggest(
    file: File, out: Out = None, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False
) -> None:
    """Write a proposed mapping beside the file; the owner reads it before using it."""
    from node.importing.proposal import propose

    proposal = proposed(folder, lambda rules: propose(file, rules))
    target = out or file.with_name(f"{file.stem}.mapping.json")
    tell_proposal(proposal, target, as_json=as_json)


def tell_proposal(proposal: "Proposal", target: Path, *, as_json: bool) -> None:
    """Write a proposed mapping where none is yet, and say what the owner has to look at."""
    from node.importing.proposal import as_written

    text = json.dumps(as_written(proposal.mapping), ensure_ascii=False, indent=1) + "\n"
    with target.open("x", encoding="utf-8") as sink:  # never over a mapping that was corrected
        sink.write(text)
    say = texts()
    sentences = [
        say.count("{target}: {known} column recognised. Read it before you use it.",
                  "{target}: {known} columns recognised. Read it before you use it.",
                  len(proposal.columns), target=str(target), known=len(proposal.columns)),
        *_who_counts(say, proposal),
        *_where_from(say, proposal),
        *_to_check(say, proposal),
        *_words(say, proposal.columns),
        *_not_used(say, proposal),
    ]  # fmt: skip
    tell(_in_json(target, proposal), *sentences, as_json=as_json)


def proposed(folder: Path, propose: "Callable[[Rules], Proposal]") -> "Proposal":
    """Propose; where there is a store, from what the owner chose for the same source before."""
    from chassis.store.errors import StoreMissing
    from node.importing.one_import import rules_of, rules_without_store
    from node.importing.remembered import recall, with_choices
    from node.store import NodeStore

    today = datetime.now().astimezone().date()
    try:
        store = NodeStore.open(folder)
    except StoreMissing:  # a proposal needs no store
        return propose(rules_without_store(today))
    proposal = propose(rules_of(store, None, today))
    with store.begin() as connection:
        remembered = recall(connection, tuple(proposal.mapping.columns))
    return proposal if remembered is None else with_choices(proposal, remembered)


def _in_json(target: Path, proposal: "Proposal") -> dict[str, Any]:
    return {
        "mapping": str(target),
        "columns": len(proposal.columns),
        "certainty": {one.name: {"fields": [*one.said.names], "sure": one.sure}
                      for one in proposal.columns},
        "consent": proposal.consent,
        "missing": [*proposal.missing],
        "survey_tool": proposal.tool,
        "chosen_before": [*proposal.chosen],
        "ignored": [*proposal.ignored],
        "rivals": [*proposal.rivals],
        "sheets_not_read": [*proposal.left_out],
        "unknown_words": {one.name: [*one.unknown] for one in proposal.columns if one.unknown},
    }  # fmt: skip


def _who_counts(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    """Without consent nobody counts: that is said first, and loudly."""
    if proposal.consent is None and "consent_statistics" not in proposal.fields:
        yield say("PLEASE NOTE: NO COLUMN SAYS CONSENT. Nobody of whom only this file speaks will "
                  "be counted. Add a column with yes, no or the date of the signature, and give it "
                  "the field consent_statistics.")  # fmt: skip
    elif proposal.consent is not None and proposal.consent not in proposal.chosen:
        yield say("{column} is proposed as the client's consent to be counted in statistics. "
                  "Keep it only if that is what clients agreed to.",
                  column=proposal.consent)  # fmt: skip
    if proposal.missing:
        yield say("Nothing in this file gives {names}, and every record needs it: give a column "
                  "that field, or say under constants what it is in every row.",
                  names=", ".join(proposal.missing))  # fmt: skip


def _where_from(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    if proposal.tool:
        yield say("This looks like an export of {tool}.", tool=proposal.tool)
    if proposal.chosen and proposal.chosen_at is not None:
        day = datetime.fromtimestamp(proposal.chosen_at).astimezone().strftime("%d/%m/%Y")
        yield say("{count} columns are as you chose for this source on {day}.",
                  count=len(proposal.chosen), day=day)  # fmt: skip
    if proposal.left_out:
        from node.importing.report import not_read

        yield not_read(say, proposal.left_out)
    if proposal.mapping.file.header_row == 0:
        yield say("The first row seems to be a client's, so columns are called by their place.")


def _to_check(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    sure = [one.name for one in proposal.columns if one.sure >= _SURE]
    if sure:
        yield say("Sure: {names}.", names=", ".join(sure))
    for one in sorted(proposal.columns, key=lambda one: one.sure):
        if one.sure < _SURE:
            yield say("Please check: {column} as {fields}, {sure}% sure.",
                      column=one.name, fields=one.fields, sure=one.sure)  # fmt: skip
        if one.said.dates == "month-first":
            yield say("{column}: dates have the month first there.", column=one.name)
        if one.said.decimal == ".":
            yield say("{column}: 2,760 is read there as two thousand.", column=one.name)
        if one.off_scale:
            yield say("{column}: some scores are not on the questionnaire's scale. Say under "
                      "answers what the scale of the file is.", column=one.name)  # fmt: skip
    if proposal.has_sectors:
        yield _sectors(say, proposal)


def _sectors(say: "Texts", proposal: "Proposal") -> str:
    revision = proposal.mapping.file.nace_revision
    if revision is None:
        return say("Letters of NACE after J moved in 2025. If this file has them, say under file "
                   'which are meant: "nace_revision": "2" where Q is care, "2.1" where R is; until '
                   "then such rows are refused.")  # fmt: skip
    return say("Sectors are read as NACE Rev. {revision}; the letters after J moved in 2025.",
               revision=revision)  # fmt: skip


def _words(say: "Texts", columns: Sequence["ColumnProposal"]) -> Iterator[str]:
    scores = {word: score for one in columns for word, score in one.scores.items()}
    if scores:
        listed = ", ".join(f"{word} = {score}" for word, score in scores.items())
        yield say("Please check under answers, for all items at once, what these words mean: "
                  "{words}.", words=listed)  # fmt: skip
    items = {word: None for one in columns if _is_item(one) for word in one.unknown}
    if items:
        yield say("Say under answers, for all items at once, what these words mean: {words}.",
                  words=", ".join(items))  # fmt: skip
    for one in columns:
        if one.unknown and not _is_item(one):
            yield say("{column}: say under values what these words mean: {words}.",
                      column=one.name, words=", ".join(one.unknown))  # fmt: skip
        if one.rare:
            yield say("{column}: {count} more words stand in one row each and are not shown here; "
                      "import names them with their row.", column=one.name, count=one.rare,
                      )  # fmt: skip


def _is_item(one: "ColumnProposal") -> bool:
    return one.fields.startswith(("wellbeing.", "answer"))


def _not_used(say: "Texts", proposal: "Proposal") -> Iterator[str]:
    if proposal.rivals:
        yield say("Ignored, as another column is more surely the same field: {names}.",
                  names=", ".join(proposal.rivals))  # fmt: skip
    if proposal.ignored:
        yield say("Not recognised, so ignored: {names}.", names=", ".join(proposal.ignored))
