"""`init` and `status`: make a centre's store, and say what is in it."""

import os
import time
from dataclasses import asdict
from datetime import datetime

import typer

from node.console import DEFAULT_FOLDER, AsJson, Command, Folder, tell, texts


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("init", cls=Command, help="Make this centre's encrypted store.")(init)
    app.command("status", cls=Command, help="Say how many records there are.")(status)


def init(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Make an encrypted store with a key of its own."""
    from node.intake.commit import reference_key
    from node.store import NodeStore, trail

    store = NodeStore.create(folder)
    with store.begin() as connection:
        reference_key(connection, os.urandom)
        trail.note(connection, int(time.time()), "store-made")
    say = texts()
    tell(
        {"folder": str(folder), "created": True},
        say("Store made in {folder}. Only this user can read it.", folder=str(folder)),
        say("Next: import FILE --mapping FILE. Nothing leaves this computer by that."),
        as_json=as_json,
    )


def status(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Say how many records there are and when a file was last read."""
    from node.store.glance import glance

    seen = glance(folder)
    last = seen.last_import
    say = texts()
    if last is None:
        sentence = say("No file was read yet. Next: import FILE --mapping FILE.")
    else:
        when = datetime.fromtimestamp(last.at).astimezone().strftime("%d/%m/%Y %H:%M")
        sentence = say(
            "Last read: {file}, {rows} rows, on {when}.",
            file=last.file,
            rows=last.rows,
            when=when,
        )
    tell(
        {"folder": str(folder), **asdict(seen)},
        say("{count} trajectories in {folder}.", count=seen.records, folder=str(folder)),
        sentence,
        as_json=as_json,
    )
