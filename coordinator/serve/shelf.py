"""The published releases as pages and API read them.

A release never changes once it is public, so those read last are kept in memory.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from coordinator.serve.problems import NotFound
from coordinator.store import CoordinatorStore, releases
from coordinator.store.releases import Listed, Wanted
from schemas.programme import Programme
from schemas.release import Cell, Figure, Release

Key = tuple[str, str, str, Cell]
"""(statistic@horizon, measure, variable, cell)."""

_KEPT = 8


@dataclass(frozen=True, slots=True)
class Shelved:
    """One release: its bytes, what they say, and the programme it was asked under."""

    document: bytes = field(repr=False)
    release: Release = field(repr=False)
    programme: Programme = field(repr=False)
    figures: Mapping[Key, Figure] = field(repr=False)

    @property
    def delta(self) -> float:
        """The delta at which the release's epsilon holds."""
        return float(10.0**-self.release.delta_exponent)


@dataclass(frozen=True)
class Shelf:
    """Reads the store; safe to use from several threads."""

    store: CoordinatorStore
    _read: OrderedDict[str, Shelved] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def listed(self) -> list[Listed]:
        """Public releases, newest first."""
        with self.store.read() as connection:
            return releases.published(connection)

    def get(self, name: str) -> Shelved:
        """Return a release. Raises NotFound."""
        with self._lock:
            found = self._read.get(name) or self._fetch(name)
            self._read[name] = found
            self._read.move_to_end(name)
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
            return found

    def newest(self, statistic: str | None = None) -> Shelved | None:
        """Return the newest release, of those that hold a statistic when one is named."""
        for one in self.listed():
            shelved = self.get(one.id)
            asked = {ask.partition("@")[0] for ask in shelved.release.asks}
            if statistic is None or statistic in asked:
                return shelved
        return None

    def figures(self, wanted: Wanted, limit: int, offset: int) -> tuple[int, list[Figure]]:
        """(how many there are, those from `offset` on, at most `limit`)."""
        with self.store.read() as connection:
            return (
                releases.count(connection, wanted),
                releases.figures(connection, wanted, limit=limit, offset=offset),
            )

    def _fetch(self, name: str) -> Shelved:
        with self.store.read() as connection:
            document = releases.document_of(connection, name)
        if document is None:
            raise NotFound("there is no release with this name")
        release = Release.from_canonical(document)
        by_key: dict[Key, Figure] = {}
        for one in release.figures:
            by_key[one.statistic, one.measure, one.variable, one.cell] = one
        return Shelved(document, release, release.programme.peek(Programme), by_key)
