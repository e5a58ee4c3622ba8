"""Records into the store: references become HMACs, and all of it happens or nothing does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from chassis.store import audit_log, settings
from node.importing import lookalikes
from node.importing.adding import Changes, Columns, added
from node.importing.refusal import (
    Contradiction,
    NoClientsHere,
    NothingToImport,
    OtherClient,
    WrongValue,
)
from node.store import earlier, numbers, records, withdrawals
from node.store.database import Connection
from node.store.withdrawals import NONE, Withdrawal
from schemas.record import Trajectory

REFERENCE_KEY = "reference_key"


@dataclass(frozen=True, slots=True)
class Source:
    """The file that records came from; `digest` is its SHA-256, hexadecimal.

    `columns`: what the file speaks of; `places`: where in it each record stands.
    """

    name: str
    digest: str
    columns: Columns = field(default_factory=Columns)
    places: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows that are new, changed, or stood there already; and those left out,
    for their client was erased here after she agreed.

    `changes`: the values that changed in records that stood here; `agreed_before`: rows whose
    cell of consent is empty, while an earlier file says that she agreed; `waiting`: clients who
    do not count before it is settled whether they are somebody else.
    """

    new: int
    changed: int
    same: int
    erased: int = 0
    changes: Changes = field(default_factory=Changes)
    agreed_before: int = 0
    waiting: int = 0


def reference_key(connection: Connection, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return the key of this node's pseudonyms, made at first use. It never leaves the store."""
    key = settings.get(connection, REFERENCE_KEY)
    if key is None:
        key = random_bytes(32)
        settings.put(connection, REFERENCE_KEY, key)
    return key


def check_holds_clients(connection: Connection) -> None:
    """Raise NoClientsHere in a witness's store."""
    if settings.get(connection, "role") == b"witness":
        raise NoClientsHere(
            "This store belongs to a witness, which holds no clients. Nothing was read and nothing "
            "was stored. Name the centre's own store with --dir."
        )


def pseudonymised(trajectory: Trajectory, key: bytes, person: Mapping[str, str]) -> Trajectory:
    """Replace both references by their HMACs; of a person with several numbers, by the first."""
    client = records.pseudonym(key, "client", trajectory.client_ref)
    return trajectory.model_copy(
        update={
            "client_ref": person.get(client, client),
            "trajectory_ref": records.pseudonym(key, "trajectory", trajectory.trajectory_ref),
        }
    )


def commit(
    connection: Connection,
    trajectories: Sequence[Trajectory],
    source: Source,
    at: int,
    random_bytes: Callable[[int], bytes],
) -> Imported:
    """Store records that came from one file; the caller's transaction makes it all or nothing.

    To a trajectory that stands there already is added what the file says of it. Who withdrew
    here stays withdrawn, with all her trajectories, until she agrees anew; who was erased does not
    come back with an older agreement. Raises OtherClient, Contradiction, NoClientsHere, or
    NothingToImport when there is no record.
    """
    check_holds_clients(connection)
    if not trajectories:
        raise NothingToImport("No row is right. Nothing was stored. Correct the file and retry.")
    key = reference_key(connection, random_bytes)
    person = numbers.persons(connection)
    coded = [pseudonymised(t, key, person) for t in trajectories]
    found = _sorted(connection, coded, source)
    batch = records.add_batch(connection, source.name, source.digest, at, len(trajectories))
    places = {t.trajectory_ref: place for t, place in zip(coded, source.places, strict=False)}
    _write(connection, found, batch, places)
    numbers.note(connection, _spellings(trajectories, key))
    done = replace(found.done, waiting=lookalikes.find(connection))
    audit_log.note(
        connection, at, "imported", batch=batch, sha256=source.digest, new=done.new,
        changed=done.changed, same=done.same, erased=done.erased,
    )  # fmt: skip
    return done


def _spellings(trajectories: Sequence[Trajectory], key: bytes) -> dict[str, str]:
    """For the HMAC of each client number, that of what all its spellings have in common."""
    return {
        records.pseudonym(key, "client", reference): records.pseudonym(
            key, "spelling", lookalikes.spelling(reference)
        )
        for reference in dict.fromkeys(t.client_ref for t in trajectories)
    }


def _write(connection: Connection, found: "_Sorted", batch: int, places: Mapping[str, str]) -> None:
    """Write what changes, and keep what was there so that this import can be undone."""
    earlier.begin(connection, batch)
    earlier.note_records(connection, batch, found.writes)
    records.keep(connection, found.writes, batch, places)
    earlier.note_withdrawals(connection, batch, found.withdrawn)
    withdrawals.note(connection, found.withdrawn)
    earlier.withdrawals_written(connection, found.withdrawn)


@dataclass(frozen=True, slots=True)
class _Sorted:
    done: Imported
    writes: list[Trajectory] = field(repr=False)
    withdrawn: Mapping[str, Withdrawal] = field(repr=False)


def _sorted(connection: Connection, trajectories: Sequence[Trajectory], source: Source) -> _Sorted:
    """Return what is new, changed, the same or left out, and what to write."""
    wanted = [t.trajectory_ref for t in trajectories]
    known = {t.trajectory_ref: t for t in records.of_trajectories(connection, wanted)}
    _check_clients(trajectories, known)
    said = _said(trajectories)
    held = withdrawals.of_clients(connection, {t.client_ref for t in trajectories})
    both = {c: held.get(c, NONE).and_also(said.get(c, NONE)) for c in held.keys() | said.keys()}
    stays = [not _agreed_until(t, both.get(t.client_ref, NONE).erased_on) for t in trajectories]
    grown = _grown(trajectories, known, source, stays)
    merged = [as_withdrawn(t, known.get(t.trajectory_ref), both) for t in grown]
    others = [
        t for t in records.of_clients(connection, sorted(said)) if t.trajectory_ref not in wanted
    ]
    known |= {t.trajectory_ref: t for t in others}
    merged += [t for one in others if (t := as_withdrawn(one, None, both)) != one]
    writes = [t for t in merged if known.get(t.trajectory_ref) != t]
    changed = [t for t in writes if t.trajectory_ref in known]
    done = Imported(
        new=len(writes) - len(changed),
        changed=len(changed),
        same=len(merged) - len(writes),
        erased=stays.count(False),
        changes=Changes.between((known[t.trajectory_ref], t) for t in changed),
        agreed_before=_agreed_before(trajectories, known, source.columns),
    )
    return _Sorted(done, writes, said)


def _grown(
    trajectories: Sequence[Trajectory],
    known: Mapping[str, Trajectory],
    source: Source,
    stays: Sequence[bool],
) -> list[Trajectory]:
    """Each record with what the file adds to it, without those left out. Raises Contradiction."""
    found: list[Trajectory] = []
    wrong: list[tuple[str, WrongValue]] = []
    for number, (new, stay) in enumerate(zip(trajectories, stays, strict=True)):
        if not stay:
            continue
        old = known.get(new.trajectory_ref)
        try:
            found.append(new if old is None else added(old, new, source.columns))
        except WrongValue as contradiction:
            place = source.places[number] if source.places else str(number + 1)
            wrong.append((place, contradiction))
    if wrong:
        raise Contradiction(wrong)
    return found


def _agreed_before(
    trajectories: Sequence[Trajectory], known: Mapping[str, Trajectory], columns: Columns
) -> int:
    slot = ("consent", "statistics")
    if slot not in columns.given or slot in columns.cleared:
        return 0
    silent = (t for t in trajectories if "statistics" not in t.consent.model_fields_set)
    return sum(t.trajectory_ref in known and known[t.trajectory_ref].consent.counts for t in silent)


def _check_clients(trajectories: Sequence[Trajectory], known: Mapping[str, Trajectory]) -> None:
    other = sum(
        t.trajectory_ref in known and known[t.trajectory_ref].client_ref != t.client_ref
        for t in trajectories
    )
    if other:
        raise OtherClient(
            "{count} trajectory number of this file belongs to another client here. Nothing was "
            "stored. If the numbers start again each year, put the year before them.",
            count=other,
        ).counted(
            "{count} trajectory numbers of this file belong to another client here. Nothing was "
            "stored. If the numbers start again each year, put the year before them.",
            other,
        )


def _said(trajectories: Sequence[Trajectory]) -> dict[str, Withdrawal]:
    """Who withdraws by these records."""
    found: dict[str, Withdrawal] = {}
    for t in trajectories:
        if t.consent.withdrawn_on is not None:
            one = Withdrawal(withdrawn_on=t.consent.withdrawn_on)
            found[t.client_ref] = found.get(t.client_ref, NONE).and_also(one)
    return found


def _agreed_until(one: Trajectory, day: date | None) -> bool:
    """Whether this record's client agreed to it up to that day, and not after; who noted no day
    of agreement did so when the guidance began."""
    return day is not None and (one.consent.given_on or one.started_on) <= day


def as_withdrawn(
    new: Trajectory, old: Trajectory | None, withdrawn: Mapping[str, Withdrawal]
) -> Trajectory:
    """A client who withdrew is not signed up again by an old export, nor by another trajectory."""
    if new.consent.withdrawn_on is not None:
        return new
    day = withdrawn.get(new.client_ref, NONE).withdrawn_on
    if not _agreed_until(new, day):
        day = old.consent.withdrawn_on if old is not None else None
        given = new.consent.given_on
        if day is None or (given is not None and given > day):
            return new
    consent = new.consent.model_copy(update={"withdrawn_on": day})
    return new.model_copy(update={"consent": consent})
