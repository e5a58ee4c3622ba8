"""`serve`: everything a coordinator runs.

    main thread     signals, and two children that end with it: the SuperLink and the web process
    rounds thread   the engine, its Flower carrier, and registration of new centres
    web process     the public HTTPS port: pages, API, enrolment, fleet calls

What dies is started again; the state of rounds is in the database. SIGTERM and SIGINT end all.
"""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from chassis import logs
from chassis.clock import unix_seconds
from coordinator.carrier.superlink import Files, SuperLink, SuperLinkFailed
from coordinator.home import Home, address_of
from coordinator.store import CoordinatorStore, centres, rounds
from coordinator.web.launch import PortTaken, Web, WebFailed

if TYPE_CHECKING:
    from coordinator.carrier.flower import FlowerCarrier

log = logging.getLogger("wegwijs.service")

_WATCH = 1.0
_MOST_MEGABYTES = 600  # a fresh SuperLink takes 150
_TICK = 0.3
_AFTER_ERROR = 5.0
_REGISTER_AGAIN = 15.0


@dataclass(frozen=True, slots=True)
class _House:
    """What the threads share."""

    home: Home
    store: CoordinatorStore
    superlink: SuperLink
    web: Web
    stop: Event


def serve(folder: Path, pages_port: int | None = None) -> None:
    """Run until SIGTERM or SIGINT. Raises StoreMissing, PortTaken, WebFailed or
    SuperLinkFailed.

    `pages_port`: where to serve the pages on loopback too, without TLS.
    """
    logs.start()
    home, store, stop = Home(folder), CoordinatorStore.open(folder), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with store.begin() as connection:
        address = address_of(connection)
    home.renew_certificate(address, unix_seconds())
    tls = home.tls
    files = Files(
        home.flower, tls / "ca.pem", tls / "server.pem", tls / "server.key",
        home.superexec_secret,
    )  # fmt: skip
    superlink = SuperLink(files)
    house = _House(home, store, superlink, Web(folder, superlink.socket, pages_port), stop)
    try:
        house.web.start()  # it reads its modules while the SuperLink starts
        superlink.start()
        house.web.wait(stop)
        log.info("serving %s", address.url)
        _watch(house)
    finally:
        stop.set()
        house.web.stop()
        superlink.stop()
        log.info("stopped")


def _watch(house: _House) -> None:
    engine = Thread(target=_rounds, args=(house,), name="rounds", daemon=True)
    engine.start()
    while not house.stop.wait(_WATCH):
        if not house.superlink.alive:
            _again(house.superlink)
        elif house.superlink.megabytes > _MOST_MEGABYTES:
            _renew(house.superlink, house.store)
        if not house.web.alive:
            _web_again(house.web, house.stop)
        if not engine.is_alive():
            log.error("the rounds thread ended; the process ends, to be started again")
            break
    house.stop.set()
    engine.join(8)


def _renew(superlink: SuperLink, store: CoordinatorStore) -> None:
    """A SuperLink that grew large begins anew between two rounds: it keeps something of each run
    that is over."""
    with store.read() as connection:
        under_way = rounds.in_states(connection, ("ANNOUNCED", "OPEN", "CLOSING", "CERTIFIED"))
    if not under_way:
        log.info("the SuperLink takes %d MB", superlink.megabytes)
        superlink.kill()


def _again(superlink: SuperLink) -> None:
    log.warning("the SuperLink ended; it is started again")
    try:
        superlink.start()
    except SuperLinkFailed:
        log.warning("the SuperLink did not start; trying again")


def _web_again(web: Web, stop: Event) -> None:
    log.warning("the web process ended; it is started again")
    try:
        web.start()
        web.wait(stop)
    except (PortTaken, WebFailed):
        log.warning("the web process did not start; trying again")
        stop.wait(_AFTER_ERROR)


def _rounds(house: _House) -> None:
    """Engine and carrier live in this thread alone."""
    from coordinator.carrier.flower import FlowerCarrier
    from coordinator.carrier.flower_link import Link
    from coordinator.rounds.engine import Engine
    from coordinator.rounds.unusable import note as note_unusable

    home = house.home
    link = Link(house.superlink.socket, home.superexec_secret.read_bytes())
    carrier = FlowerCarrier(link, partial(note_unusable, house.store, unix_seconds))
    engine = Engine(house.store, carrier, home.identity(), unix_seconds)
    desk = _Registration(house.store, carrier, lambda: house.superlink.starts)

    def step() -> None:
        desk.refresh(time.monotonic())
        engine.tick()

    try:
        while not house.stop.wait(_TICK):
            _safely(house.stop, step)
    finally:
        carrier.close()


@dataclass
class _Registration:
    """Lets approved centres connect: again when the SuperLink was started again, which knows none.

    `starts`: how often it was started.
    """

    store: CoordinatorStore
    carrier: "FlowerCarrier"
    starts: Callable[[], int]
    known: tuple[int, frozenset[int]] = (0, frozenset())
    at: float = 0.0

    def refresh(self, now: float) -> None:
        """Tell the carrier; a SuperLink that does not answer is told at the next step."""
        starts = self.starts()
        with self.store.read() as connection:
            keys = centres.flower_keys(connection)
        wanted = (starts, frozenset(keys))
        if wanted == self.known and now - self.at < _REGISTER_AGAIN:
            return
        try:
            if keys:
                self.carrier.know(keys)
        except ConnectionError:
            if self.known[0] == starts:
                log.warning("the SuperLink does not answer; centres are registered later")
            self.known = (0, frozenset())
        else:
            self.known, self.at = wanted, now


def _safely(stop: Event, step: Callable[[], None]) -> None:
    """The one handler of the rounds thread: a failed step is logged and tried again."""
    try:
        step()
    except Exception as error:  # noqa: BLE001 - a failed step must not end the service
        log.error("a step of the rounds failed: %s", logs.place(error))  # noqa: TRY400 - no data
        stop.wait(_AFTER_ERROR)
