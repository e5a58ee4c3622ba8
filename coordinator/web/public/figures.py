"""The figures of the releases: packed those of all, open those of the statistics read last."""

import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

from pydantic import TypeAdapter

from schemas.release import Cell, Figure

Key = tuple[str, str, str, Cell]
"""(statistic@horizon, measure, variable, cell)."""

_FIGURES = TypeAdapter(tuple[Figure, ...])
_OPEN = 48  # statistics of a release, each of some hundred figures


@dataclass(frozen=True)
class Opened:
    """The figures of one statistic of a release, in their order."""

    figures: tuple[Figure, ...] = field(repr=False)

    @cached_property
    def by_key(self) -> Mapping[Key, Figure]:
        """Each by what it is of."""
        return {(one.statistic, one.measure, one.variable, one.cell): one for one in self.figures}


NONE = Opened(())


@dataclass
class Figures:
    """Of every release that was put here, under its name; safe to use from several threads."""

    _packed: dict[str, Mapping[str, bytes]] = field(default_factory=dict, repr=False)
    _open: "OrderedDict[tuple[str, str], Opened]" = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def put(self, release: str, figures: Sequence[Figure]) -> None:
        """Keep the figures of a release for good."""
        self._packed[release] = _pack(figures)

    def of(self, release: str, statistic: str) -> Opened:
        """Those of a statistic; none of one that was not asked."""
        name = release, statistic
        with self._lock:
            found = self._open.get(name)
            if found is not None:
                self._open.move_to_end(name)
                return found
        packed = self._packed[release].get(statistic)
        if packed is None:
            return NONE
        found = _unpack(packed)
        with self._lock:
            self._open[name] = found
            while len(self._open) > _OPEN:
                self._open.popitem(last=False)
        return found

    def all(self, release: str) -> Iterator[Figure]:
        """Every figure of a release, statistic by statistic; none of them is kept open."""
        for packed in self._packed[release].values():
            yield from _unpack(packed).figures


def _pack(figures: Iterable[Figure]) -> Mapping[str, bytes]:
    by_statistic: dict[str, list[Figure]] = {}
    for one in figures:
        by_statistic.setdefault(one.statistic.partition("@")[0], []).append(one)
    return {
        name: zlib.compress(_FIGURES.dump_json(tuple(those)), 1)
        for name, those in by_statistic.items()
    }


def _unpack(packed: bytes) -> Opened:
    return Opened(_FIGURES.validate_json(zlib.decompress(packed)))
