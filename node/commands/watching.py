"""`watch`, `unwatch`, `watched` and `import-watched`: folders whose files are imported."""

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from chassis.commands import AsJson, Command, tell
from node.commands.importing import MappingPath
from node.console import DEFAULT_FOLDER, Folder, texts

_SETTLE = 3.0
Place = Annotated[Path, typer.Argument(help="The folder, on this computer or a drive of it.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("watch", cls=Command, help="Import every file that is put in a folder.")(watch)
    app.command("unwatch", cls=Command, help="Watch a folder no longer.")(unwatch)
    app.command("watched", cls=Command, help="Show the watched folders.")(show)
    app.command("import-watched", cls=Command, help="Look into watched folders now.")(look)


def watch(
    place: Place,
    mapping: MappingPath,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """Remember the folder and the mapping of what is put there."""
    from node.importing import watching
    from node.store import NodeStore

    where = place.resolve(strict=True)
    with NodeStore.open(folder).begin() as connection:
        watching.watch(connection, where, mapping)
    say = texts()
    tell(
        {"folder": str(where)},
        say("{folder} is watched. What is put there is imported while `run` runs, or when you say "
            "import-watched; it then moves to done or refused.", folder=str(where)),
        as_json=as_json,
    )  # fmt: skip


def unwatch(place: Place, folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Forget a folder."""
    from node.importing import watching
    from node.store import NodeStore

    where = place.resolve()
    with NodeStore.open(folder).begin() as connection:
        watching.unwatch(connection, where)
    sentence = texts()("{folder} is watched no longer. Its files stay.", folder=str(where))
    tell({"folder": str(where)}, sentence, as_json=as_json)


def show(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """List the watched folders."""
    from node.importing.watching import watched
    from node.store import NodeStore

    with NodeStore.open(folder).begin() as connection:
        found = [str(one.folder) for one in watched(connection)]
    none = texts()("No folder is watched.")
    tell({"folders": found}, *(found or [none]), as_json=as_json)


def look(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Import what is whole, and say what became of it."""
    from node.importing.watching import Watcher
    from node.store import NodeStore

    say = texts()
    now = datetime.now().astimezone
    watcher = Watcher(NodeStore.open(folder), say, now, os.urandom)
    watcher.look()
    time.sleep(_SETTLE)  # a file that is still being copied grows meanwhile
    outcomes = watcher.look()
    tell(
        {"files": [{"file": one.file, "where": one.where} for one in outcomes]},
        *(f"{one.file} -> {one.where}: {' '.join(one.sentences)}" for one in outcomes),
        *([] if outcomes else [say("Nothing new in the watched folders.")]),
        as_json=as_json,
    )
