"""`withdraw`, `erase`, `restrict`, `lift-restriction` and `copy`: what a client may ask."""

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from chassis.commands import AsJson, Command, tell
from chassis.errors import WrongInput
from chassis.texts import Texts
from node.console import DEFAULT_FOLDER, Folder, texts

Out = Annotated[Path, typer.Option("--out", help="New file for the copy (JSON).")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("withdraw", cls=Command, help="Count a client no more; her records stay.")(withdraw)
    app.command("erase", cls=Command, help="Delete all records of a client.")(erase)
    app.command("restrict", cls=Command, help="Keep a client's records and use them no more.")(
        restrict
    )
    app.command("lift-restriction", cls=Command, help="Use a client's records again.")(
        lift_restriction
    )
    app.command("copy", cls=Command, help="Write what is held of a client, for her.")(copy)


def withdraw(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Ask for client numbers, and count them no more."""
    clients, found = _leave(folder, erase=False)
    say = texts()
    tell(
        {"clients": clients, "trajectories": found},
        say("{clients} withdrawn, with {trajectories}: no values are given any more, also when an "
            "older export is read in.", **_counted(say, clients, found)),
        say("What is in a sum already stays in it."),
        as_json=as_json,
    )  # fmt: skip


def _counted(say: Texts, clients: int, trajectories: int) -> dict[str, str]:
    """How many of both, in words that go together with their numbers."""
    return {
        "clients": say.count("{n} client", "{n} clients", clients, n=clients),
        "trajectories": say.count(
            "{n} trajectory", "{n} trajectories", trajectories, n=trajectories
        ),
    }


def erase(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Ask for client numbers, and delete what is held of them."""
    clients, found = _leave(folder, erase=True)
    say = texts()
    tell(
        {"clients": clients, "trajectories": found},
        say("{clients} erased, with {trajectories}. Kept is a keyed code of each, so that no older "
            "export brings them back and none is counted twice.", **_counted(say, clients, found)),
        say("Backups made before still hold them: make a new one and destroy those, and delete "
            "the files they were read from."),
        say("What is in a sum already stays in it."),
        as_json=as_json,
    )  # fmt: skip


def restrict(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Ask for client numbers, and use their records no more until that is lifted."""
    from node.rights import restricting
    from node.store import NodeStore

    store, now, references = NodeStore.open(folder), time.time(), _references()
    day = datetime.fromtimestamp(now).astimezone().date()
    with store.begin() as connection:
        clients = restricting.restrict(connection, references, day, int(now))
    say = texts()
    counted = say.count("{n} client", "{n} clients", clients, n=clients)
    tell(
        {"clients": clients},
        say("Restricted: {clients}. Their records stay, and give no values in any round before "
            "lift-restriction.", clients=counted),
        as_json=as_json,
    )  # fmt: skip


def lift_restriction(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Ask for client numbers, and use their records again."""
    from node.rights import restricting
    from node.store import NodeStore

    store, references = NodeStore.open(folder), _references()
    with store.begin() as connection:
        clients = restricting.lift(connection, references, int(time.time()))
    say = texts()
    counted = say.count("{n} client", "{n} clients", clients, n=clients)
    sentence = say("No longer restricted: {clients}.", clients=counted)
    tell({"clients": clients}, sentence, as_json=as_json)


def copy(out: Out, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Ask for one client number, and write what is held into a new file of this user alone."""
    from node.rights.copying import copy_of
    from node.store import NodeStore

    store, references = NodeStore.open(folder), _references()
    if len(references) != 1:
        raise WrongInput("A copy is of one client. Nothing was written. Give one client number.")
    with store.begin() as connection:
        found = copy_of(connection, references[0], int(time.time()))
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            json.dump(found, target, ensure_ascii=False, indent=1)
    sentence = texts()("Written to {file}. It holds what this client told: give it to her alone, "
                       "and delete it here.", file=str(out))  # fmt: skip
    tell({"file": str(out), "trajectories": len(found["trajectories"])}, sentence, as_json=as_json)


def _leave(folder: Folder, *, erase: bool) -> tuple[int, int]:
    from node.rights.withdrawing import Leaving, leave
    from node.store import NodeStore

    store, now = NodeStore.open(folder), time.time()
    wish = Leaving(datetime.fromtimestamp(now).astimezone().date(), int(now), erase)
    references = _references()
    with store.begin() as connection:
        return leave(connection, references, wish)


def _references() -> list[str]:
    """Asked, or one a line on standard input: what is typed behind a command, others can read."""
    from node.importing.choices import reference

    if sys.stdin.isatty():
        lines = [str(typer.prompt(texts()("Number of the client, as in your file")))]
    else:
        try:
            lines = sys.stdin.read().splitlines()
        except UnicodeDecodeError:
            raise WrongInput(
                "What was typed is not text in UTF-8. Nothing was changed. Give one client number "
                "a line."
            ) from None
    return [reference(line) for line in lines if line.strip()]
