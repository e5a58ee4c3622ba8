"""`run`, `pause`, `resume`: take part in rounds, or not for a while."""

from pathlib import Path
from typing import Annotated

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, Command, finite, tell
from node.console import DEFAULT_FOLDER, Folder, texts

Poll = Annotated[
    float,
    typer.Option(min=0.1, max=600, callback=finite, help="Seconds between questions for work."),
]
Unhurried = Annotated[
    float,
    typer.Option(min=0, max=600, callback=finite, help="Least seconds that a contribution takes."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("run", cls=Command, help="Take part in rounds until stopped.")(run)
    app.command("pause", cls=Command, help="Take part in no rounds for a while.")(pause)
    app.command("resume", cls=Command, help="Take part again.")(resume)


def run(folder: Folder = DEFAULT_FOLDER, poll: Poll = 10.0, unhurried: Unhurried = 10.0) -> None:
    """Answer the region's messages; connections go outward only."""
    from node.service import run as serve

    serve(folder, poll=poll, unhurried=unhurried)


def pause(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Refuse every round from now on; a round that was answered already is finished."""
    _set(folder, paused=True)
    sentence = texts()("Paused. No new round is answered until you say resume.")
    tell({"paused": True}, sentence, as_json=as_json)


def resume(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Answer rounds again."""
    _set(folder, paused=False)
    tell({"paused": False}, texts()("This centre takes part again."), as_json=as_json)


def _set(folder: Path, *, paused: bool) -> None:
    from chassis.store import audit_log, settings
    from node.store import NodeStore

    with NodeStore.open(folder).begin() as connection:
        settings.put(connection, "paused", b"1" if paused else b"")
        audit_log.note(connection, unix_seconds(), "paused" if paused else "resumed")
