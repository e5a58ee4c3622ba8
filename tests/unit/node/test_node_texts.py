"""Every sentence that a centre's owner may read has its Dutch."""

from pathlib import Path

import click
import pytest
import typer
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from typer.core import TyperOption

from node import (
    commands_account,
    commands_committee,
    commands_intake,
    commands_join,
    commands_store,
)
from node.cli import app
from node.intake import sectors
from node.participate.enrol_client import _SENTENCES

NODE = Path(__file__).parents[3] / "node"
RAISED = (
    "say", "texts", "WrongValue", "UnreadableFile", "NothingToImport", "WrongMapping",
    "OtherClient", "StoreError", "StoreExists", "StoreMissing", "StoreLocked", "StoreBusy",
    "KeyFileError", "BrokenTrail", "AlreadyRunning", "NotJoinedYet", "WrongInvitation",
    "OtherRegion", "NotJoined", "NotOnRoster", "WrongPaper", "ExpiredProgramme", "Unreachable",
    "WrongServer", "RefusedRequest", "BackupThere", "BackupUnreadable", "FolderInUse",
    "NoPassphrase", "WeakPassphrase", "UnknownClients", "NoClientsHere", "HoldsClients",
    "UnreadRoster", "__init__",
)  # fmt: skip
MINE = (
    "commands_", "console.py", "service.py", "intake", "store", "participate", "gate/reading.py",
)  # fmt: skip


def catalogue() -> dict[str, str]:
    with (NODE / "locale/nl/LC_MESSAGES/messages.po").open("rb") as source:
        return {str(m.id): str(m.string) for m in read_po(source, locale="nl") if m.id}


def sentences() -> set[str]:
    found = extract_from_dir(NODE, keywords=dict.fromkeys(RAISED))
    said = {str(text) for file, _, text, _, _ in found if file.startswith(MINE)}
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
        *commands_store._LINE.values(),
        *commands_account._WHAT.values(),
        *commands_intake._CHANGED.values(),
        *commands_join._WHEN.values(),
        *commands_committee._WORDS.values(),
        *commands_join._READERS.values(),
        *_SENTENCES.values(),
    }
    return said | {text for text in helps if text} | told | {sectors._EXPECTED}


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_a_sentence_has_its_dutch_with_the_same_values(sentence: str) -> None:
    dutch = catalogue().get(sentence)
    assert dutch, f"no Dutch for {sentence!r}"
    assert sorted(_braces(dutch)) == sorted(_braces(sentence))


def _braces(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]
