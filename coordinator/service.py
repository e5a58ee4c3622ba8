"""`serve`: one process with everything a coordinator runs.

    main thread     signals, and the SuperLink child (it ends with the thread that forked it)
    web thread      the public HTTPS port
    rounds thread   the engine, its Flower carrier, and registration of new centres

What dies is started again; the state of rounds is in the database. SIGTERM and SIGINT end all.
"""

import logging
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from coordinator.enrol.office import Address, Office, address_of
from coordinator.enrol.papers import approved
from coordinator.refusal import NotYet
from coordinator.rounds.superlink import Files, SuperLink, SuperLinkFailed
from coordinator.store import CoordinatorStore, trail
from schemas import logbook

if TYPE_CHECKING:
    import uvicorn

    from coordinator.rounds.flower import FlowerCarrier

log = logging.getLogger("wegwijs.service")

_WATCH = 1.0
_SWITCH = 0.001  # seconds; a reader is served while the rounds thread computes
_TICK = 0.3
_AFTER_ERROR = 5.0
_REGISTER_AGAIN = 15.0


class PortTaken(NotYet):
    """Something else listens on the public port."""

    code = "port-taken"


def clock() -> int:
    """Unix seconds."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class _House:
    """What the threads share."""

    office: Office
    store: CoordinatorStore
    address: Address
    pages_port: int | None
    superlink: SuperLink
    stop: Event


def serve(folder: Path, pages_port: int | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises StoreMissing, PortTaken or SuperLinkFailed.

    `pages_port`: where to serve the pages on loopback too, without TLS.
    """
    logbook.start()
    sys.setswitchinterval(_SWITCH)
    office, store, stop = Office(folder), CoordinatorStore.open(folder), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with store.begin() as connection:
        address = address_of(connection)
    office.renew_certificate(address, clock())
    tls = office.tls
    files = Files(
        office.flower, tls / "ca.pem", tls / "server.pem", tls / "server.key",
        office.superexec_secret,
    )  # fmt: skip
    house = _House(office, store, address, pages_port, SuperLink(files), stop)
    try:
        house.superlink.start()
        _watch(house)
    finally:
        stop.set()
        house.superlink.stop()
        log.info("stopped")


def _watch(house: _House) -> None:
    servers = _servers(house)
    threads = [
        *(Thread(target=server.run, name="web", daemon=True) for server in servers.values()),
        Thread(target=_rounds, args=(house,), name="rounds", daemon=True),
    ]
    for thread in threads:
        thread.start()
    for (port, server), thread in zip(servers.items(), threads, strict=False):
        _wait_for_port(house, server, thread, port)
    log.info("serving %s", house.address.url)
    while not house.stop.wait(_WATCH):
        if not house.superlink.alive:
            _again(house.superlink)
        if not all(thread.is_alive() for thread in threads):
            log.error("a thread ended; the process ends, to be started again")
            break
    house.stop.set()
    for server in servers.values():
        server.should_exit = True
    for thread in threads:
        thread.join(8)


def _servers(house: _House) -> "dict[int, uvicorn.Server]":
    from coordinator.serve.ports import pages_port, public_port

    address = house.address
    link = house.superlink.socket
    servers = {address.port: public_port(house.office, house.store, clock, address, link)}
    if house.pages_port is not None:
        servers[house.pages_port] = pages_port(house.store, clock, address, house.pages_port)
    return servers


def _again(superlink: SuperLink) -> None:
    log.warning("the SuperLink ended; it is started again")
    try:
        superlink.start()
    except SuperLinkFailed:
        log.warning("the SuperLink did not start; trying again")


def _wait_for_port(house: _House, web: "uvicorn.Server", thread: Thread, port: int) -> None:
    """Raise PortTaken when the web thread gives up before it listens."""
    while not web.started and not house.stop.is_set():
        if not thread.is_alive():
            raise PortTaken("port {port} is taken already", port=port)
        house.stop.wait(0.05)


def _rounds(house: _House) -> None:
    """Engine and carrier live in this thread alone."""
    from coordinator.rounds.engine import Engine
    from coordinator.rounds.flower import FlowerCarrier
    from coordinator.rounds.flower_link import Link

    office = house.office
    link = Link(house.superlink.socket, office.superexec_secret.read_bytes())
    carrier = FlowerCarrier(link, partial(_note_fault, house.store))
    engine = Engine(house.store, carrier, office.identity(), clock)
    desk = _Registration(house.store, carrier)

    def step() -> None:
        desk.refresh(time.monotonic())
        engine.tick()

    try:
        while not house.stop.wait(_TICK):
            _safely(house.stop, step)
    finally:
        carrier.close()


def _note_fault(store: CoordinatorStore, centre: int, fault: str) -> None:
    """A centre whose answer could not be used is named in the audit log."""
    with store.begin() as connection:
        trail.note(connection, clock(), "answer-unusable", centre=centre, fault=fault)


@dataclass
class _Registration:
    """Lets approved centres connect; again after a while, for the SuperLink may have been away."""

    store: CoordinatorStore
    carrier: "FlowerCarrier"
    known: frozenset[int] = frozenset()
    at: float = 0.0

    def refresh(self, now: float) -> None:
        with self.store.begin() as connection:
            keys = {centre.id: centre.flower_key for centre in approved(connection)}
        if keys.keys() == self.known and now - self.at < _REGISTER_AGAIN:
            return
        if keys:
            self.carrier.know(keys)
        self.known, self.at = frozenset(keys), now


def _safely(stop: Event, step: Callable[[], None]) -> None:
    """The one handler of the rounds thread: a failed step is logged and tried again."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 - a failed step must not end the service
        log.error("a step of the rounds failed: %s", logbook.place(error))  # noqa: TRY400 - no data
        stop.wait(_AFTER_ERROR)
