"""Records into the store: references become HMACs, and all of it happens or nothing does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from node.intake.refusal import NothingToImport, OtherClient
from node.store import papers, records, trail
from node.store.database import Connection
from schemas.record import Trajectory

_KEY = "reference_key"


@dataclass(frozen=True, slots=True)
class Source:
    """The file that records came from; `digest` is its SHA-256, hexadecimal."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: rows that are new, changed, or stood there already."""

    new: int
    changed: int
    same: int


def reference_key(connection: Connection, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return the key of this node's pseudonyms, made at first use. It never leaves the store."""
    key = papers.get(connection, _KEY)
    if key is None:
        key = random_bytes(32)
        papers.put(connection, _KEY, key)
    return key


def pseudonymised(trajectory: Trajectory, key: bytes) -> Trajectory:
    """Replace both references by their HMACs."""
    return trajectory.model_copy(
        update={
            "client_ref": records.pseudonym(key, "client", trajectory.client_ref),
            "trajectory_ref": records.pseudonym(key, "trajectory", trajectory.trajectory_ref),
        }
    )


def preview(connection: Connection, trajectories: Sequence[Trajectory]) -> Imported:
    """Say what `commit` would do, without writing. Raises OtherClient."""
    key = papers.get(connection, _KEY)
    if key is None:
        return Imported(len(trajectories), 0, 0)
    return _sorted(connection, [pseudonymised(t, key) for t in trajectories])[0]


def commit(
    connection: Connection,
    trajectories: Sequence[Trajectory],
    source: Source,
    at: int,
    random_bytes: Callable[[int], bytes],
) -> Imported:
    """Store records that came from one file; the caller's transaction makes it all or nothing.

    A trajectory that stands there already is replaced; a withdrawal of consent that was recorded
    here stays. Raises OtherClient, or NothingToImport when there is no record.
    """
    if not trajectories:
        raise NothingToImport("No row is right. Nothing was stored. Correct the file and retry.")
    key = reference_key(connection, random_bytes)
    done, writes = _sorted(connection, [pseudonymised(t, key) for t in trajectories])
    batch = records.add_batch(connection, source.name, source.digest, at, len(trajectories))
    records.keep(connection, writes, batch)
    trail.note(
        connection, at, "imported", batch=batch, sha256=source.digest, new=done.new,
        changed=done.changed, same=done.same,
    )  # fmt: skip
    return done


def _sorted(
    connection: Connection, trajectories: Sequence[Trajectory]
) -> tuple[Imported, list[Trajectory]]:
    """Return what is new, changed and the same, and the records to write."""
    wanted = [t.trajectory_ref for t in trajectories]
    known = {t.trajectory_ref: t for t in records.of_trajectories(connection, wanted)}
    other = sum(
        t.trajectory_ref in known and known[t.trajectory_ref].client_ref != t.client_ref
        for t in trajectories
    )
    if other:
        raise OtherClient(
            "{count} trajectory numbers of this file belong to another client here. Nothing was "
            "stored. If the numbers start again each year, put the year before them.",
            count=other,
        )
    merged = [_with_withdrawal(t, known.get(t.trajectory_ref)) for t in trajectories]
    writes = [t for t in merged if known.get(t.trajectory_ref) != t]
    new = sum(t.trajectory_ref not in known for t in writes)
    return Imported(new, len(writes) - new, len(merged) - len(writes)), writes


def _with_withdrawal(new: Trajectory, old: Trajectory | None) -> Trajectory:
    """A client who withdrew here is not signed up again by an old export."""
    if old is None or old.consent.withdrawn_on is None or new.consent.withdrawn_on is not None:
        return new
    given = new.consent.given_on
    if given is not None and given > old.consent.withdrawn_on:
        return new
    consent = new.consent.model_copy(update={"withdrawn_on": old.consent.withdrawn_on})
    return new.model_copy(update={"consent": consent})
