"""Every sentence that a centre's owner may read has its Dutch."""

from pathlib import Path

import click
import pytest
import typer
from babel.messages.extract import extract_from_dir
from said_texts import said_in
from typer.core import TyperOption

from chassis.texts import Texts
from node.admission import eligibility
from node.cli import app
from node.commands import account, committee, duplicates, enrolment, store
from node.enrolment.coordinator_client import _SENTENCES
from node.importing import report, sectors

NODE = Path(__file__).parents[3] / "node"
RAISED = (
    "say", "texts", "WrongValue", "UnreadableFile", "NothingToImport", "WrongMapping",
    "OtherClient", "StoreError", "StoreExists", "StoreMissing", "StoreLocked", "StoreBusy",
    "KeyFileError", "BrokenLog", "AlreadyRunning", "NotJoinedYet", "WrongInvitation",
    "OtherRegion", "NotJoined", "NotOnRoster", "WrongDocument", "ExpiredProgramme", "Unreachable",
    "WrongServer", "RefusedRequest", "BackupThere", "BackupUnreadable", "FolderInUse",
    "NoPassphrase", "WeakPassphrase", "UnknownClients", "NoClientsHere", "HoldsClients",
    "WrongAddress", "NotWatched", "UnreadRoster", "NothingToUndo", "NoSuchPair", "__init__",
)  # fmt: skip
MINE = (
    "commands", "console.py", "service.py", "importing", "store", "rounds", "enrolment", "rights",
    "admission/unread_roster.py",
    "admission/eligibility.py",
)  # fmt: skip


def dutch_of(sentence: str) -> tuple[str, ...]:
    """The Dutch: one sentence, or one for each form that goes with a number."""
    for known in Texts.load(NODE / "locale", "nl").catalogues:
        if sentence in known.messages:
            return (known.messages[sentence],)
        if sentence in known.forms:
            return known.forms[sentence]
    return ()


def sentences() -> set[str]:
    found = extract_from_dir(NODE, keywords=dict.fromkeys(RAISED))
    said = {str(text) for file, _, text, _, _ in found if file.startswith(MINE)}
    said |= {one for one, *many in said_in(NODE) if many}
    command = typer.main.get_command(app)
    assert isinstance(command, click.Group)
    helps = {named.help for named in command.commands.values()}
    helps |= {
        option.help
        for named in command.commands.values()
        for option in named.params
        if isinstance(option, TyperOption)
    }
    told = {
        *store._LINE.values(),
        *account._WHAT.values(),
        *report.CHANGED.values(),
        *duplicates._PAIR.values(),
        *eligibility.WHY_NOT.values(),
        *eligibility.NOT_FOLLOWED.values(),
        *enrolment._WHEN.values(),
        *committee._WORDS.values(),
        *enrolment._READERS.values(),
        *_SENTENCES.values(),
    }
    return said | {text for text in helps if text} | told | {sectors._EXPECTED}


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_a_sentence_has_its_dutch_with_the_same_values(sentence: str) -> None:
    dutch = dutch_of(sentence)
    assert dutch, f"no Dutch for {sentence!r}"
    assert all(sorted(_braces(one)) == sorted(_braces(sentence)) for one in dutch)


def _braces(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
