"""`undo-import`: the last import is taken back."""

import time
from datetime import datetime

import typer

from chassis.commands import AsJson, Command, tell
from node.console import DEFAULT_FOLDER, Folder, texts


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("undo-import", cls=Command, help="Take back the last import.")(undo_import)


def undo_import(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Put every record back as it was before the last file was read."""
    from node.admission.eligibility import remembered, sentences
    from node.importing.undoing import undo
    from node.store import NodeStore

    now = time.time()
    today = datetime.fromtimestamp(now).astimezone().date()
    with NodeStore.open(folder).begin() as connection:
        done = undo(connection, int(now))
        counted = remembered(connection, today)
    say = texts()
    when = datetime.fromtimestamp(done.batch.at).astimezone().strftime("%d/%m/%Y %H:%M")
    told = [
        say("Taken back: {file}, read on {when}.", file=done.batch.file, when=when),
        say("{gone} records are gone again, {restored} are what they were. Who withdrew or was "
            "erased since stays so.", gone=done.gone, restored=done.restored),
    ]  # fmt: skip
    if done.counted:
        told.append(say.count(
            "{count} of their clients was counted in a round before this. What is in a sum stays "
            "in it, and what it cost stays spent.",
            "{count} of their clients were counted in a round before this. What is in a sum stays "
            "in it, and what it cost stays spent.", done.counted, count=done.counted,
        ))  # fmt: skip
    tell(
        {"file": done.batch.file, "gone": done.gone, "restored": done.restored,
         "counted": done.counted},
        *told, *sentences(say, counted),
        as_json=as_json,
    )  # fmt: skip
