"""`duplicates`: who may be one person under two numbers, and what the owner decides of it."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from chassis.commands import AsJson, Command, tell
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from chassis.texts import Texts
    from node.store.lookalikes import Lookalike, Place

Decision = Annotated[
    Literal["same", "different"] | None,
    typer.Argument(help="What pairs are: one person, or two. Without it they are listed."),
]
Pairs = Annotated[list[int] | None, typer.Argument(help="Numbers of the pairs.")]
Every = Annotated[bool, typer.Option("--all", help="All pairs that wait.")]

_PAIR = {
    "traits": "{id}. {one} and {other}: the same year of birth, place and gender, at the same "
    "time, and nothing that differs.",
    "spelling": "{id}. {one} and {other}: client numbers that differ in spelling only.",
}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("duplicates", cls=Command, help="Settle who is one person under two numbers.")(
        duplicates
    )


def duplicates(
    decision: Decision = None,
    pairs: Pairs = None,
    every: Every = False,
    folder: Folder = DEFAULT_FOLDER,
    as_json: AsJson = False,
) -> None:
    """List the pairs that wait, or settle some."""
    from node.admission.eligibility import remembered, sentences
    from node.importing.settling import settle
    from node.store import NodeStore, lookalikes

    now = time.time()
    today = datetime.fromtimestamp(now).astimezone().date()
    with NodeStore.open(folder).begin() as connection:
        if decision is not None:
            ids = [p.id for p in lookalikes.unsettled(connection)] if every else pairs or []
            settle(connection, ids, int(now), same=decision == "same")
        left = [
            (
                pair,
                lookalikes.place_of(connection, pair.one),
                lookalikes.place_of(connection, pair.other),
            )
            for pair in lookalikes.unsettled(connection)
        ]
        counted = remembered(connection, today)
    say = texts()
    facts = [
        {"id": pair.id, "why": pair.why, "one": _facts(one), "other": _facts(other)}
        for pair, one, other in left
    ]
    told = [_sentence(say, *found) for found in left]
    if left:
        told.append(say("The second of each pair does not count before you settle it. The same "
                        "person: duplicates same NUMBER. Two people: duplicates different "
                        "NUMBER."))  # fmt: skip
    else:
        told.append(say("No clients look like one person under two numbers."))
    tell({"pairs": facts}, *told, *sentences(say, counted), as_json=as_json)


def _facts(place: "Place | None") -> dict[str, str | None]:
    return {"file": place.file, "row": place.row} if place else {"file": None, "row": None}


def _sentence(say: "Texts", pair: "Lookalike", one: "Place | None", other: "Place | None") -> str:
    return say(_PAIR[pair.why], id=pair.id, one=_where(say, one), other=_where(say, other))


def _where(say: "Texts", place: "Place | None") -> str:
    """Where the owner finds a client; nothing of hers is shown."""
    if place is None:
        return say("a client without a file")
    if place.row is None:
        return place.file
    return say("{file}, row {row}", file=place.file, row=place.row)
