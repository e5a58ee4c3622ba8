"""`backup` and `restore`: one encrypted file to keep elsewhere, and a centre made of it again."""

import base64
import os
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, Command, tell
from chassis.errors import Refusal
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from chassis.texts import Texts

PASSPHRASE = "WEGWIJS_BACKUP_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret
_SHORTEST = 12
_CODE = re.compile(r"^([A-Z2-7]{4}-){7}[A-Z2-7]{4}$")

Target = Annotated[Path, typer.Argument(help="The backup file to write; not on this computer.")]
Source = Annotated[Path, typer.Argument(help="The backup file to read.")]


class NoPassphrase(Refusal):
    """The backup cannot be read without its passphrase or recovery code."""

    code = "no-passphrase"
    exit_code = 2


class WeakPassphrase(Refusal):
    """Who finds the file could guess it."""

    code = "weak-passphrase"
    exit_code = 2


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("backup", cls=Command, help="Write one encrypted file to keep elsewhere.")(backup)
    app.command("restore", cls=Command, help="Make a new store of a backup.")(restore)


def backup(file: Target, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Write a backup while the service runs, and read it back."""
    from chassis.store import audit_log
    from node.store import NodeStore
    from node.store.backup import write

    store, now, say = NodeStore.open(folder), unix_seconds(), texts()
    passphrase, made = _given(), None
    if passphrase is None:
        passphrase = made = base64.b32encode(os.urandom(20)).decode()
    rows = write(folder, file, passphrase, now)
    with store.begin() as connection:
        audit_log.note(connection, now, "backup-made", records=rows["record"])
    code = None if made is None else "-".join(re.findall("....", made))
    sentences = [
        say.count("Backup written to {file} and read back: {count} trajectory.",
                  "Backup written to {file} and read back: {count} trajectories.", rows["record"],
                  file=str(file), count=rows["record"]),
    ]  # fmt: skip
    if code is not None:
        sentences.append(
            say("Recovery code: {code}. Without it nobody can read the backup, and it is shown "
                "only now: write it down and keep it apart from the file.", code=code)
        )  # fmt: skip
    tell(
        {"file": str(file), "records": rows["record"], "recovery_code": code},
        *sentences,
        as_json=as_json,
    )


def _given() -> str | None:
    """The passphrase of the environment; a recovery code in any spelling. Raises WeakPassphrase."""
    given = os.environ.get(PASSPHRASE)
    if not given:
        return None
    if len(given) < _SHORTEST:
        raise WeakPassphrase(
            "WEGWIJS_BACKUP_PASSPHRASE is too short: it needs {count} characters or more. Nothing "
            "was changed.",
            count=_SHORTEST,
        )
    return _one_spelling(given)


def _one_spelling(given: str) -> str:
    code = given.strip().upper().replace(" ", "-")
    return code.replace("-", "") if _CODE.fullmatch(code) else given


def restore(file: Source, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Make a new store of a backup, that takes for granted what it may have forgotten."""
    from chassis.store import audit_log
    from node.admission import restored
    from node.store import NodeStore
    from node.store.backup import restore as unpack

    say, now = texts(), unix_seconds()
    made_at = unpack(file, folder, _given() or _asked(say), now)
    with NodeStore.open(folder).begin() as connection:
        restored.mark(connection, now)
        audit_log.note(connection, now, "restored", backup_made_at=made_at)
        gap = restored.last_gap(connection)
    day = datetime.fromtimestamp(made_at).astimezone().strftime("%d/%m/%Y %H:%M")
    tell(
        {"folder": str(folder), "backup_made_at": made_at, "no_numbers_until": str(gap)},
        say("Restored into {folder}: the backup of {day}.", folder=str(folder), day=day),
        *restore_sentences(say, str(gap)),
        say("Never start the old store again: two that answer for one centre stop each other."),
        say("Next: run. This centre makes new keys in the next round."),
        as_json=as_json,
    )


def _asked(say: "Texts") -> str:
    if not sys.stdin.isatty():
        raise NoPassphrase(
            "The backup cannot be read without its passphrase. Nothing was changed. Put the "
            "passphrase or the recovery code in WEGWIJS_BACKUP_PASSPHRASE."
        )
    return _one_spelling(typer.prompt(say("Passphrase or recovery code"), hide_input=True))


def restore_sentences(say: "Texts", last_gap: str) -> list[str]:
    """What a restored centre does otherwise, in plain words."""
    return [
        say("Everything that the region could have asked before the restore counts as paid for."),
        say("For clients who started in {cohort} or before, this centre takes part with zeros and "
            "noise only: it cannot know who was counted since the backup.", cohort=last_gap),
    ]  # fmt: skip
