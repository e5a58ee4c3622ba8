"""The published releases as pages and API read them.

A release never changes once it is public: what is small of each is kept in memory for good, and
of those read last everything.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from coordinator.serve.bodies import Bodies
from coordinator.serve.problems import NotFound
from coordinator.store import CoordinatorStore, releases
from coordinator.store.releases import Listed, Wanted
from schemas.programme import Programme
from schemas.release import Cell, Figure, Release

Key = tuple[str, str, str, Cell]
"""(statistic@horizon, measure, variable, cell)."""

_KEPT, _HEADS = 8, 500
_FRESH = 1.0  # seconds; a release is seen this much later


@dataclass(frozen=True, slots=True)
class Head:
    """One release without its figures, and the programme it was asked under."""

    release: Release = field(repr=False)
    programme: Programme = field(repr=False)

    @property
    def delta(self) -> float:
        """The delta at which the release's epsilon holds."""
        return float(10.0**-self.release.delta_exponent)


@dataclass(frozen=True, slots=True)
class Shelved(Head):
    """One release with its figures."""

    figures: Mapping[Key, Figure] = field(repr=False)


H = TypeVar("H", bound=Head)


@dataclass
class Shelf:
    """Reads the store; safe to use from several threads. `ticks`: seconds that only rise."""

    store: CoordinatorStore
    ticks: Callable[[], float] = time.monotonic
    bodies: Bodies = field(default_factory=Bodies, repr=False)
    _list: tuple[float, list[Listed]] = (float("-inf"), [])
    _whole: "OrderedDict[str, Shelved]" = field(default_factory=OrderedDict, repr=False)
    _heads: "OrderedDict[str, Head]" = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def listed(self) -> list[Listed]:
        """Public releases, newest first, as they were at most a second ago."""
        seen, found = self._list
        if self.ticks() - seen > _FRESH:
            with self.store.read() as connection:
                found = releases.published(connection)
            self._list = (self.ticks(), found)
        return found

    def edition(self) -> tuple[str, int]:
        """What changes whenever a release is published."""
        found = self.listed()
        return (found[0].id if found else "", len(found))

    def get(self, name: str) -> Shelved:
        """Return a release with its figures. Raises NotFound."""
        return self._kept(self._whole, name) or self._fetch(name)

    def head(self, name: str) -> Head:
        """Return a release without its figures. Raises NotFound."""
        return self._kept(self._heads, name) or _head(self._fetch(name))

    def newest(self, statistic: str | None = None) -> Head | None:
        """Return the newest release, of those that hold a statistic when one is named."""
        for one in self.listed():
            if statistic is None or statistic in one.statistics:
                return self.head(one.id)
        return None

    def document(self, name: str) -> bytes:
        """The release byte for byte as published. Raises NotFound."""
        with self.store.read() as connection:
            document = releases.document_of(connection, name)
        if document is None:
            raise NotFound("there is no release with this name")
        return document

    def figures(self, wanted: Wanted, limit: int, offset: int) -> tuple[int, list[Figure]]:
        """(how many there are, those from `offset` on, at most `limit`)."""
        with self.store.read() as connection:
            return (
                releases.count(connection, wanted),
                releases.figures(connection, wanted, limit=limit, offset=offset),
            )

    def _fetch(self, name: str) -> Shelved:
        release = Release.from_canonical(self.document(name))
        by_key: dict[Key, Figure] = {}
        for one in release.figures:
            by_key[one.statistic, one.measure, one.variable, one.cell] = one
        whole = Shelved(release, release.programme.peek(Programme), by_key)
        with self._lock:
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
    return Head(whole.release.model_copy(update={"figures": ()}), whole.programme)
