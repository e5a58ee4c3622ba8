"""`withdraw` and `erase`: what a client may ask of her centre."""

import sys
import time
from datetime import datetime

import typer

from chassis.commands import AsJson, Command, tell
from chassis.errors import WrongInput
from chassis.texts import Texts
from node.console import DEFAULT_FOLDER, Folder, texts


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("withdraw", cls=Command, help="Count a client no more; her records stay.")(withdraw)
    app.command("erase", cls=Command, help="Delete all records of a client.")(erase)


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
