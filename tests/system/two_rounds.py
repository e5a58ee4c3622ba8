"""The two rounds of the region of real processes, and what was seen in them.

In the first round three centres are killed before they contribute, so it is given up. In the
second a node is killed while it computes, another before it sends what it stored, three are
asleep, and then the coordinator is killed too; everybody comes back and the round ends.
"""

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scene import PLANTED, Said, Scene, run

from coordinator.rounds.contributions import Arrived
from coordinator.rounds.opening import view_of
from coordinator.store import CoordinatorStore
from coordinator.store import rounds as their_rounds
from deploy.demo.processes import wait_until
from node.store import rounds
from privacy.secure_sum.masks import Words
from privacy.secure_sum.wire import Contribution
from schemas.release import Release
from schemas.signed import Signed

ALL = tuple(range(1, 11))
LOST = (3, 7, 10)
COMPUTING, SENDING = 4, 5
ASLEEP = (6, 8, 9)
SECONDS = 300.0

Ledgers = dict[int, Any]


@dataclass
class Missed:
    """The first round: what was seen in it."""

    before: Ledgers
    meanwhile: Ledgers
    refused: Said
    state_after_refusal: str
    after: Ledgers


@dataclass
class Survived:
    """The second round: what was seen in it."""

    number: int
    contributions_at_the_kill: int
    stored_when_computing: bytes | None
    charges_when_computing: Ledgers
    first_vector: NDArray[np.int64]
    stored_when_sending: bytes
    charges_when_sending: Ledgers
    ledgers: Ledgers
    egress: dict[int, list[tuple[str, int | None, bytes]]]
    release_file: Path
    release: Release
    received: dict[int, bytes]
    masked: dict[int, Words]
    vectors: dict[int, NDArray[np.int64]]
    kept: dict[int, NDArray[np.int64]]


def miss(scene: Scene) -> Missed:
    """Three centres are killed before they contribute; the round is given up."""
    region, before = scene.region, scene.ledgers()
    number = scene.announce()
    region.wait_for(number, "prekeys=10", seconds=SECONDS)
    for node in LOST:
        scene.centre(node).service.kill()
    region.coordinate("round", "open", str(number))
    region.wait_for(number, "contributions=7", seconds=SECONDS)
    spent = {node: scene.centre(node).run("ledger") for node in (1, LOST[0])}
    folder = ("--dir", str(region.coordinator))
    refused = run("wegwijs-coordinator", "round", "close", str(number), *folder)
    state = region.round_status(number)["state"]
    region.coordinate("round", "abandon", str(number))
    region.wait_for(number, "state=ABANDONED", seconds=SECONDS)
    region.wait_ended([c for c in region.centres if region.id_of(c) not in LOST], seconds=SECONDS)
    return Missed(before, spent, refused, state, scene.ledgers())


def survive(scene: Scene) -> Survived:
    """After the missed round: nodes and coordinator are killed, others sleep; all come back."""
    region = scene.region
    for node in LOST:
        scene.centre(node).service.start()
    number = scene.announce()
    region.wait_for(number, "prekeys=10", seconds=SECONDS)
    scene.hold(COMPUTING, "computing")
    scene.hold(SENDING, "sending")
    for node in ASLEEP:
        scene.signal(node, signal.SIGSTOP)
    region.coordinate("round", "open", str(number))
    region.wait_for(number, "contributions=5", seconds=SECONDS)
    scene.wait_at(COMPUTING, "computing")
    scene.wait_at(SENDING, "sending")
    for node in (COMPUTING, SENDING):
        scene.centre(node).service.kill()
    answered = region.round_status(number)["contributions"]
    region.service.kill()

    first = np.load(scene.tap(COMPUTING) / f"vector-{number}.npy")
    nothing, whole = (_message(scene, node, number) for node in (COMPUTING, SENDING))
    charges = {node: scene.centre(node).run("ledger") for node in (COMPUTING, SENDING)}

    scene.let_go(COMPUTING, "computing")
    scene.let_go(SENDING, "sending")
    for node in ASLEEP:
        scene.signal(node, signal.SIGCONT)
    for node in (COMPUTING, SENDING):
        scene.centre(node).service.start()
    region.service.start()
    wait_until("the coordinator again", region._serving, seconds=SECONDS)
    region.wait_for(number, "contributions=10", seconds=SECONDS)
    received, masked = _received(scene, number)  # kept until the sum
    region.coordinate("round", "close", str(number))
    done = region.wait_for(number, "state=PUBLISHED", seconds=SECONDS)
    region.wait_ended(region.centres, seconds=SECONDS)
    path = scene.fetch(done["release"])
    return Survived(
        number, answered, nothing, {COMPUTING: charges[COMPUTING]}, first, whole or b"",
        {SENDING: charges[SENDING]}, scene.ledgers(), scene.egress((PLANTED, COMPUTING, SENDING)),
        path, Signed.from_canonical(path.read_bytes()).peek(Release), received, masked,
        {node: np.load(scene.tap(node) / f"vector-{number}.npy") for node in ALL},
        {node: np.load(scene.tap(node) / f"kept-{number}.npy") for node in ALL},
    )  # fmt: skip


def _message(scene: Scene, node: int, number: int) -> bytes | None:
    """The contribution that a node stored for a round."""
    with scene.store(node).begin() as connection:
        found = [one for one in rounds.all_rounds(connection) if one.number == number]
    return found[0].message if found else None


def _received(scene: Scene, number: int) -> tuple[dict[int, bytes], dict[int, Words]]:
    """What the coordinator has of each centre, and the masked vectors in it."""
    with CoordinatorStore.open(scene.region.coordinator).begin() as connection:
        stored = their_rounds.of(connection, number)
        assert stored is not None
        view = view_of(connection, stored)
        kept = Arrived(connection, view).all()
        slots = their_rounds.answers(connection, number, "slots")
        masked = {node: one.vector for node, one in kept.items()}
    whole = {
        node: Contribution(
            node, view.rid, masked[node], one.commitments, slots[node], one.header.signature
        ).to_bytes()
        for node, one in kept.items()
    }
    return whole, masked
