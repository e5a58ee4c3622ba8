"""The published releases as pages and API read them: none whose signature does not hold.

A release never changes once it is public: what is small of each is kept in memory for good, and
of those read last everything. Every figure comes from a document whose signature was checked.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import TypeVar

from coordinator.enrol.certificates import KeyUnusable
from coordinator.enrol.office import Office
from coordinator.serve.bodies import Bodies
from coordinator.serve.problems import Damaged, NotFound
from coordinator.serve.wanted import Names, Wanted, names, pack, unpack
from coordinator.store import CoordinatorStore, drafts, releases
from coordinator.store.releases import Stored
from schemas.document import Document, MalformedDocument
from schemas.programme import Programme
from schemas.release import Cell, Figure, Release, ReleaseLine, Withheld
from schemas.signed import BadSignature, Signed

log = logging.getLogger("wegwijs.pages")

Key = tuple[str, str, str, Cell]
"""(statistic@horizon, measure, variable, cell)."""

_KEPT, _HEADS = 8, 500
_OPENED = 64  # statistics of a release, each of some hundred figures
_REST = 0.1  # seconds
_FRESH = 1.0  # seconds; a release is seen this much later


@dataclass(frozen=True, slots=True)
class Head:
    """One release without its figures: its programme, and what its figures are called."""

    release: Release = field(repr=False)
    programme: Programme = field(repr=False)
    named: Mapping[str, Names] = field(repr=False)

    @property
    def delta(self) -> float:
        """The delta at which the release's epsilon holds."""
        return float(10.0**-self.release.delta_exponent)


@dataclass(frozen=True, slots=True)
class Shelved(Head):
    """One release with its figures."""

    figures: Mapping[Key, Figure] = field(repr=False)


H = TypeVar("H", bound=Head)
D = TypeVar("D", bound=Document)


@dataclass
class Shelf:
    """Reads the store; safe to use from several threads. `ticks`: seconds that only rise."""

    store: CoordinatorStore
    ticks: Callable[[], float] = time.monotonic
    bodies: Bodies = field(default_factory=Bodies, repr=False)
    _stored: tuple[float, list[Stored]] = (float("-inf"), [])
    _unpublished: tuple[float, list[bytes]] = (float("-inf"), [])
    _lines: dict[str, ReleaseLine] = field(default_factory=dict, repr=False)
    _damaged: set[str] = field(default_factory=set, repr=False)
    _packed: dict[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    _opened: "OrderedDict[tuple[str, str], tuple[Figure, ...]]" = field(
        default_factory=OrderedDict, repr=False
    )
    _whole: "OrderedDict[str, Shelved]" = field(default_factory=OrderedDict, repr=False)
    _heads: "OrderedDict[str, Head]" = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @cached_property
    def signer(self) -> str:
        """This coordinator's key, from its folder: who writes the database does not have it."""
        return Office(self.store.folder).identity().public_hex

    def listed(self) -> list[ReleaseLine]:
        """Public releases, newest first, as they were at most a second ago."""
        found = [self._line(one) for one in self._all()]
        return [one for one in found if one is not None and one.id not in self._damaged]

    def damaged(self) -> list[str]:
        """Ids of releases that were found not to be as they were signed; they are not shown."""
        return [one.id for one in self._all() if one.id in self._damaged]

    def look_through(self) -> None:
        """Find out which releases are damaged, without reading what they say."""
        for line in self.listed():
            if line.id not in self._heads:
                with self.store.read() as connection:
                    document = releases.document_of(connection, line.id)
                if sha256(document or b"").hexdigest() != line.envelope:
                    self._condemn(line.id)

    def edition(self) -> tuple[str, int, int, int]:
        """What changes whenever a release is published, withheld, or found to be damaged."""
        found = self.listed()
        return (found[0].id if found else "", len(found), len(self._damaged), len(self._unshown()))

    def withheld(self) -> tuple[Withheld, ...]:
        """Rounds that are not published, newest first, as they were at most a second ago."""
        opened = (self._open(raw, Withheld) for raw in self._unshown())
        return tuple(one for one in opened if one is not None)

    def withheld_as_signed(self) -> list[bytes]:
        """The same, byte for byte as the coordinator signed them."""
        return [raw for raw in self._unshown() if self._open(raw, Withheld)]

    def _unshown(self) -> list[bytes]:
        seen, found = self._unpublished
        if self.ticks() - seen > _FRESH:
            with self.store.read() as connection:
                found = drafts.withheld_rounds(connection)
            self._unpublished = (self.ticks(), found)
        return found

    def _all(self) -> list[Stored]:
        seen, found = self._stored
        if self.ticks() - seen > _FRESH:
            with self.store.read() as connection:
                found = releases.published(connection)
            self._stored = (self.ticks(), found)
        return found

    def _line(self, stored: Stored) -> ReleaseLine | None:
        if stored.id not in self._lines and stored.id not in self._damaged:
            line = self._open(stored.line, ReleaseLine)
            if line is None or (line.id, line.round) != (stored.id, stored.round):
                self._condemn(stored.id)
            else:
                self._lines[stored.id] = line
        return self._lines.get(stored.id)

    def _condemn(self, name: str) -> None:
        if name in self._damaged:
            return
        self._damaged.add(name)
        log.error("release %s is not as this coordinator signed it; it is not shown", name)

    def get(self, name: str) -> Shelved:
        """Return a release with its figures. Raises NotFound or Damaged."""
        return self._kept(self._whole, name) or self._fetch(name)

    def head(self, name: str) -> Head:
        """Return a release without its figures. Raises NotFound or Damaged."""
        return self._kept(self._heads, name) or _head(self._fetch(name))

    def newest(self, statistic: str | None = None) -> Head | None:
        """Return the newest release, of those that hold a statistic when one is named."""
        wanted = [one for one in self.listed() if statistic is None or statistic in one.statistics]
        return self.first(wanted, self.head)

    def first(self, wanted: Iterable[ReleaseLine], read: Callable[[str], H]) -> H | None:
        """Read the first of these that is not damaged."""
        for one in wanted:
            with suppress(Damaged):
                return read(one.id)
        return None

    def document(self, name: str) -> bytes:
        """The release byte for byte as it was signed. Raises NotFound or Damaged."""
        return self._checked(name)[0]

    def figures(self, wanted: Wanted, limit: int, offset: int) -> tuple[int, list[Figure]]:
        """(how many there are, those from `offset` on, at most `limit`). Raises Damaged."""
        found = wanted.of(self._of_statistic(wanted.release, wanted.statistic))
        return len(found), found[offset : offset + limit]

    def warm(self, rest: Callable[[float], object] = time.sleep) -> None:
        """Read every release once, newest first, so that no reader waits for the first look.

        `rest`: waits so many seconds between two, for others are served meanwhile.
        """
        for one in self.listed():
            with suppress(Damaged, NotFound):
                self.head(one.id)
            rest(_REST)

    def _of_statistic(self, name: str, statistic: str) -> tuple[Figure, ...]:
        with self._lock:
            opened = self._opened.get((name, statistic))
            if opened is not None:
                self._opened.move_to_end((name, statistic))
                return opened
        if name not in self._packed:
            self._fetch(name)
        opened = unpack(self._packed[name].get(statistic))
        with self._lock:
            self._opened[name, statistic] = opened
            while len(self._opened) > _OPENED:
                self._opened.popitem(last=False)
        return opened

    def _checked(self, name: str) -> tuple[bytes, Release]:
        with self.store.read() as connection:
            document = releases.document_of(connection, name)
        if document is None:
            raise NotFound("there is no release with this name")
        release = None if name in self._damaged else self._open(document, Release)
        if release is None or release.id != name:
            self._condemn(name)
            raise Damaged
        return document, release

    def _open(self, raw: bytes, kind: type[D]) -> D | None:
        """The document, or None when this coordinator did not sign it so."""
        try:
            return Signed.from_canonical(raw).open(kind, self.signer)
        except (BadSignature, MalformedDocument, KeyUnusable):
            return None

    def _fetch(self, name: str) -> Shelved:
        _, release = self._checked(name)
        by_key: dict[Key, Figure] = {}
        for one in release.figures:
            by_key[one.statistic, one.measure, one.variable, one.cell] = one
        programme = release.programme.peek(Programme)
        whole = Shelved(release, programme, names(release.figures), by_key)
        with self._lock:
            self._packed[name] = pack(release.figures)
            self._whole[name] = whole
            self._heads[name] = _head(whole)
            while len(self._whole) > _KEPT:
                self._whole.popitem(last=False)
            while len(self._heads) > _HEADS:
                self._heads.popitem(last=False)
        return whole

    def _kept(self, those: "OrderedDict[str, H]", name: str) -> H | None:
        with self._lock:
            found = those.get(name)
            if found is not None:
                those.move_to_end(name)
            return found


def _head(whole: Shelved) -> Head:
    return Head(whole.release.model_copy(update={"figures": ()}), whole.programme, whole.named)
