"""`init` and `status`: make a centre's store, and say what is in it."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from chassis.clock import unix_seconds
from chassis.commands import AsJson, Command, tell
from node.console import DEFAULT_FOLDER, Folder, texts

if TYPE_CHECKING:
    from chassis.texts import Texts
    from node.admission.eligibility import Eligibility
    from node.admission.unread_roster import Unread
    from node.store.summary import Summary


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("init", cls=Command, help="Make this centre's encrypted store.")(init)
    app.command("status", cls=Command, help="Say what this centre holds and does.")(status)


def init(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Make an encrypted store with a key of its own."""
    from chassis.store import audit_log
    from node.importing.commit import reference_key
    from node.store import NodeStore

    store = NodeStore.create(folder)
    with store.begin() as connection:
        reference_key(connection, os.urandom)
        audit_log.note(connection, unix_seconds(), "store-made")
    say = texts()
    tell(
        {"folder": str(folder), "created": True},
        say("Store made in {folder}. Only this user can read it.", folder=str(folder)),
        say("Next: import FILE --mapping FILE. Nothing leaves this computer by that."),
        say("A witness has no file to read. Next for a witness: join INVITATION."),
        as_json=as_json,
    )


def status(folder: Folder = DEFAULT_FOLDER, as_json: AsJson = False) -> None:
    """Say what is held, where this centre takes part and how that goes."""
    from node.store.summary import summary

    seen = summary(folder, unix_seconds())
    unread = _unread(folder) if seen.newer_roster else None
    counted = _counted(folder) if seen.records else None
    say = texts()
    tell(
        {
            "folder": str(folder),
            **asdict(seen),
            "unread_roster": unread and asdict(unread),
            "eligibility": counted and asdict(counted),
        },
        *_held(say, seen, folder),
        *_counted_sentences(say, counted),
        *_region(say, seen, unread),
        *_warnings(say, seen),
        as_json=as_json,
    )


def _unread(folder: Path) -> "Unread | None":
    """A roster that the owner did not read, and whether it stops this node."""
    from node.admission.committee_demands import demanded
    from node.admission.unread_roster import unread
    from node.store import NodeStore
    from privacy.secure_sum.parameters import Policy

    with NodeStore.open(folder).begin() as connection:
        return unread(connection, demanded(connection, Policy()))


def _counted(folder: Path) -> "Eligibility":
    """Who will be counted, as things stand."""
    from node.admission.eligibility import remembered
    from node.store import NodeStore

    with NodeStore.open(folder).begin() as connection:
        return remembered(connection, datetime.now().astimezone().date())


def _counted_sentences(say: "Texts", counted: "Eligibility | None") -> Iterator[str]:
    from node.admission.eligibility import sentences

    yield from sentences(say, counted) if counted is not None else ()


def _held(say: "Texts", seen: "Summary", folder: Path) -> Iterator[str]:
    """What is in the store: records, or nothing but keys."""
    last = seen.last_import
    if seen.witness and not seen.records:
        yield say("A witness: {folder} holds keys and no records.", folder=str(folder))
        return
    yield say.count("{count} trajectory in {folder}.", "{count} trajectories in {folder}.",
                    seen.records, count=seen.records, folder=str(folder))  # fmt: skip
    if last is None:
        yield say("No file was read yet. Next: import FILE --mapping FILE.")
    else:
        when = datetime.fromtimestamp(last.at).astimezone().strftime("%d/%m/%Y %H:%M")
        yield say.count("Last read: {file}, {rows} row, on {when}.",
                        "Last read: {file}, {rows} rows, on {when}.", last.rows,
                        file=last.file, rows=last.rows, when=when)  # fmt: skip


_LINE = {
    "connected": "Connected since {when}.",
    "waiting": "The region could not be reached since {when}; the service keeps trying.",
    "refused": "Not let in since {when}: the region does not know this centre yet.",
    "clock": "Not let in since {when}: the clock of this computer is more than five minutes off. "
    "Nothing was lost. Set the clock right; the service then connects by itself.",
    "stopped": "The service was stopped on {when}. Start it with run.",
}


def _region(say: "Texts", seen: "Summary", unread: "Unread | None") -> Iterator[str]:
    """Where this centre takes part, whether it is connected, and in how many rounds it was."""
    if seen.region is None:
        yield say("Not joined to a region yet: nothing leaves. Next: join INVITATION.")
        return
    yield _part(say, seen, unread)
    if unread is not None and unread.why is None:
        yield say("A newer roster (epoch {epoch}) came since you agreed; rounds go on meanwhile. "
                  "To read what changed: approve.", epoch=unread.epoch)  # fmt: skip
    if seen.key_words is not None:
        yield key_sentence(say, seen.key_words, witness=seen.witness)
    if seen.connection in _LINE and seen.connection_at is not None:
        when = datetime.fromtimestamp(seen.connection_at).astimezone().strftime("%d/%m/%Y %H:%M")
        yield say(_LINE[seen.connection], when=when)
    else:
        yield say("The service did not run yet. Start it with run.")
    if seen.clock_ahead > 0:
        yield say("The clock of this computer is {n} seconds fast.", n=seen.clock_ahead)
    elif seen.clock_ahead < 0:
        yield say("The clock of this computer is {n} seconds slow.", n=-seen.clock_ahead)
    yield _rounds(say, seen)


def _part(say: "Texts", seen: "Summary", unread: "Unread | None") -> str:
    """Whether rounds are answered, and what to do when they are not."""
    url = seen.region or ""
    if seen.paused:
        return say("Joined at {url}, and paused: no new round is answered. Next: resume.", url=url)
    if not seen.approved:
        return say("Joined at {url}. It takes part in nothing before you agree to the newest "
                   "programme. Next: approve.", url=url)  # fmt: skip
    if unread is not None and unread.why is not None:
        return say("Joined at {url}. No new round is answered, and nothing is spent, before you "
                   "have read the newest roster: {why}. Next: approve.",
                   url=url, why=say(unread.why))  # fmt: skip
    return say("Takes part at {url}.", url=url)


def _rounds(say: "Texts", seen: "Summary") -> str:
    if seen.witness:
        opened = seen.committee.get("ANSWERED", 0)
        return say("Rounds: {certified} certified, {opened} of these opened, {given_up} given up.",
                   certified=opened + seen.committee.get("SIGNED", 0), opened=opened,
                   given_up=seen.committee.get("ABANDONED", 0))  # fmt: skip
    return say("Rounds: {inside} in a published sum, {sent} under way, {given_up} given up.",
               inside=seen.rounds.get("in_sum", 0), sent=seen.rounds.get("sent", 0),
               given_up=seen.rounds.get("abandoned", 0))  # fmt: skip


def key_sentence(say: "Texts", words: str, *, witness: bool) -> str:
    """What the region asks for by telephone."""
    if witness:
        return say("The six words of this witness's key: {words}.", words=words)
    return say("The six words of this centre's key: {words}.", words=words)


def _warnings(say: "Texts", seen: "Summary") -> Iterator[str]:
    if seen.halted_at is not None:
        day = datetime.fromtimestamp(seen.halted_at).astimezone().strftime("%d/%m/%Y %H:%M")
        yield say("Stopped on {day}: the region has seen newer messages of this centre than this "
                  "store knows, so its disk was put back or copied. It answers nothing any more. "
                  "Restore the newest backup into a new folder; without one, make a backup of "
                  "this store and restore that.", day=day)  # fmt: skip
    if seen.restored_at is not None:
        from node.commands.backup import restore_sentences
        from privacy.accounting.register import QUARTERS_APART
        from schemas.cohort import Cohort

        when, until = (
            datetime.fromtimestamp(at, UTC).date()
            for at in (seen.restored_at, max(seen.restored_at, seen.forgotten_until or 0))
        )
        yield say("Restored from a backup on {day}.", day=when.strftime("%d/%m/%Y"))
        yield from restore_sentences(say, str(Cohort.of(until).next(QUARTERS_APART)))
    for number in seen.stuck:
        yield stuck_sentence(say, number)


def stuck_sentence(say: "Texts", number: int) -> str:
    """What to say of a round that never ended."""
    return say("Round {number} never ended here: what it cost stays spent. If the region gives it "
               "up, it comes back.", number=number)  # fmt: skip
