"""A published release of synthetic clients, in a real store: made once, read by many tests."""

import atexit
import fcntl
import hashlib
import hmac
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from cast import tape
from region import NOW, Region, make_region

from coordinator.certificates import write_signing_key
from coordinator.store import CoordinatorStore, releases
from coordinator.store.database import Connection
from deploy.demo import clients
from deploy.demo.records import records
from privacy.secure_sum.keys import Identity
from schemas.record import Trajectory
from schemas.release import Release
from schemas.signed import Signed

CLIENTS = 6_000
ABSENT = 3
COORDINATOR = Identity.new(tape("coordinator"))


def people(count: int) -> Mapping[int, Sequence[Trajectory]]:
    """The demo's clients by centre, 1 to 10, with references as a node's store keeps them."""
    frame = clients.generate(2024, count)
    by_centre: dict[int, list[Trajectory]] = {}
    for centre, one in zip(frame.centre, records(frame), strict=True):
        own = {
            name: hmac.new(f"{name} {centre}".encode(), getattr(one, name).encode(), hashlib.sha256)
            for name in ("client_ref", "trajectory_ref")
        }
        kept = one.model_copy(update={name: code.hexdigest() for name, code in own.items()})
        by_centre.setdefault(int(centre) + 1, []).append(kept)
    return dict(sorted(by_centre.items()))


def run_round(region: Region, asks: Sequence[str]) -> None:
    """One round from announcement to publication, without one centre."""
    number = region.announce(asks)
    region.ticks()
    region.carrier.kill(ABSENT)
    region.ask("open", number)
    region.ticks()
    region.ask("close", number)
    region.ticks(6)
    assert region.status(number)["state"] == "PUBLISHED"


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="wegwijs-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def published() -> CoordinatorStore:
    """A store with one release: every ask of the programme, nine of ten centres.

    Processes of one `pytest -n` make it once, and each reads a copy of its own.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return _run(_folder()).store
    made, own = Path(tempfile.gettempdir()) / f"wegwijs-test-{run}", _folder() / "coordinator"
    made.mkdir(mode=0o700, exist_ok=True)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    with (made / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made / "done").exists():
            _run(made / "region")
            (made / "done").touch()
    shutil.copytree(made / "region" / "coordinator", own)
    return CoordinatorStore.open(own)


def _run(folder: Path) -> Region:
    region = make_region(folder, people(CLIENTS))
    run_round(region, [ask.key for ask in region.programme.asks])
    return region


def clock() -> int:
    """The time at which the release was made."""
    return NOW


def the_release() -> Release:
    """What stands in that store."""
    with published().read() as connection:
        raw = releases.document_of(connection, "year-2024-r1")
    assert raw is not None
    return Signed.from_canonical(raw).open(Release, COORDINATOR.public_hex)


def signing_store(folder: Path) -> CoordinatorStore:
    """An empty store beside the key of the coordinator that signed that release."""
    store = CoordinatorStore.create(folder)
    write_signing_key(folder / "coordinator.key", COORDINATOR)
    return store


def publish(connection: Connection, release: Release) -> None:
    """Publish what that coordinator would sign."""
    releases.publish(connection, release, COORDINATOR)
