"""The published releases as pages and API read them: none whose signature does not hold.

A release never changes once it is public: its signature is checked when it is first read, and
what it says is kept in memory, its figures packed. No figure comes from anywhere else.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from threading import Lock
from typing import TypeVar

from chassis.web.bodies import Bodies
from chassis.web.problems import NotFound, Refused
from coordinator.certificates import KeyUnusable
from coordinator.home import Home
from coordinator.store import CoordinatorStore, drafts, releases
from coordinator.store.releases import Stored
from coordinator.web.public.figures import Figures, Key
from coordinator.web.public.selection import Names, Selection, names
from schemas.document import Document, MalformedDocument
from schemas.programme import Programme
from schemas.release import Figure, Release, ReleaseLine, Withheld
from schemas.signed import BadSignature, Signed

log = logging.getLogger("wegwijs.pages")

_REST = 0.1  # seconds
_FRESH = 1.0  # seconds; a release is seen this much later


@dataclass(frozen=True, slots=True)
class CachedRelease:
    """One release: its programme, what its figures are called, and they, opened when asked for."""

    release: Release = field(repr=False)
    programme: Programme = field(repr=False)
    named: Mapping[str, Names] = field(repr=False)
    kept: Figures = field(repr=False)

    @property
    def delta(self) -> float:
        """The delta at which the release's epsilon holds."""
        return float(10.0**-self.release.delta_exponent)

    def figure(self, key: Key) -> Figure | None:
        """One figure, or None."""
        statistic = key[0].partition("@")[0]
        return self.kept.of(self.release.id, statistic).by_key.get(key)

    @property
    def figures(self) -> Iterator[Figure]:
        """Every figure."""
        return self.kept.all(self.release.id)


D = TypeVar("D", bound=Document)


class Damaged(Refused):
    """What is stored under this name is not what the coordinator signed."""

    status = 500
    code = "release-damaged"

    def __init__(self) -> None:
        super().__init__(
            "this release was altered after it was signed, so it is not shown; its operator has to "
            "put the true one back"
        )


@dataclass
class ReleaseCache:
    """Reads the store; safe to use from several threads. `ticks`: seconds that only rise."""

    store: CoordinatorStore
    ticks: Callable[[], float] = time.monotonic
    bodies: Bodies = field(default_factory=Bodies, repr=False)
    _stored: tuple[float, list[Stored]] = (float("-inf"), [])
    _unpublished: tuple[float, list[tuple[bytes, Withheld]]] = (float("-inf"), [])
    _lines: dict[str, ReleaseLine] = field(default_factory=dict, repr=False)
    _damaged: set[str] = field(default_factory=set, repr=False)
    _figures: Figures = field(default_factory=Figures, repr=False)
    _read: dict[str, CachedRelease] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    @cached_property
    def signer(self) -> str:
        """This coordinator's key, from its folder: who writes the database does not have it."""
        return Home(self.store.folder).identity().public_hex

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
            if line.id not in self._read:
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
        return tuple(one for _, one in self._unshown())

    def withheld_as_signed(self) -> list[bytes]:
        """The same, byte for byte as the coordinator signed them."""
        return [raw for raw, _ in self._unshown()]

    def _unshown(self) -> list[tuple[bytes, Withheld]]:
        """Each with the bytes that say it, whose signature is checked when they are first read."""
        seen, found = self._unpublished
        if self.ticks() - seen > _FRESH:
            with self.store.read() as connection:
                stored = drafts.withheld_rounds(connection)
            known = dict(found)
            opened = ((raw, known.get(raw) or self._open(raw, Withheld)) for raw in stored)
            found = [(raw, one) for raw, one in opened if one is not None]
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

    def get(self, name: str) -> CachedRelease:
        """Return a release. Raises NotFound or Damaged."""
        return self._read.get(name) or self._fetch(name)

    def newest(self, statistic: str | None = None) -> CachedRelease | None:
        """Return the newest release, of those that hold a statistic when one is named."""
        wanted = [one for one in self.listed() if statistic is None or statistic in one.statistics]
        return self.first(wanted)

    def first(self, wanted: Iterable[ReleaseLine]) -> CachedRelease | None:
        """Return the first of these that is not damaged."""
        for one in wanted:
            with suppress(Damaged):
                return self.get(one.id)
        return None

    def document(self, name: str) -> bytes:
        """The release byte for byte as it was signed. Raises NotFound or Damaged."""
        return self._checked(name)[0]

    def figures(self, wanted: Selection, limit: int, offset: int) -> tuple[int, list[Figure]]:
        """(how many there are, those from `offset` on, at most `limit`). Raises Damaged."""
        self.get(wanted.release)
        found = wanted.of(self._figures.of(wanted.release, wanted.statistic).figures)
        return len(found), found[offset : offset + limit]

    def warm(self, rest: Callable[[float], object] = time.sleep) -> None:
        """Read every release once, newest first, so that no reader waits for the first look.

        `rest`: waits so many seconds between two, for others are served meanwhile.
        """
        for one in self.listed():
            with suppress(Damaged, NotFound):
                self.get(one.id)
            rest(_REST)

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

    def _fetch(self, name: str) -> CachedRelease:
        with self._lock:  # the first reader of a release reads it for the others
            if (found := self._read.get(name)) is not None:
                return found
            _, release = self._checked(name)
            self._figures.put(name, release.figures)
            bare, programme = release.model_copy(update={"figures": ()}), release.programme
            whole = CachedRelease(
                bare, programme.peek(Programme), names(release.figures), self._figures
            )
            self._read[name] = whole
            return whole
