"""From the words of a URL to which figures are wanted; whatever is not known is refused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from chassis.web.problems import Refused
from coordinator.web.public.release_cache import CachedRelease
from coordinator.web.public.selection import NOTHING, Selection
from privacy.people.dimensions import categories
from schemas.release import Band, MeasureName
from schemas.statistic import Horizon, Statistic, TableDimension, View

MOST = 10_000
_USUAL = 1_000
NATIONAL = "national"
_PLAIN = {
    "release": "id of a release; the newest with this statistic when absent",
    "horizon": f"one of the statistic's: {', '.join(get_args(Horizon))}",
    "measure": f"one of the statistic's: {', '.join(get_args(MeasureName))}",
    "variable": "what is scored, paid or chosen, such as meaning; the catalogue lists them",
    "view": f"dimensions of one table with commas between them, or {NATIONAL}",
    "bands": "letters with commas between them, such as A,B,C",
    "limit": f"most rows in one answer, 1 to {MOST}; {_USUAL} when absent",
    "offset": "rows to pass over",
    "format": "json or csv",
}
DESCRIBED = _PLAIN | dict.fromkeys(get_args(TableDimension), "code of this dimension")
"""Every filter of the API, with what it takes."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which figures of a statistic, and which part of them."""

    wanted: Selection
    limit: int
    offset: int


def words_of(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Return the words of a query string. Raises Refused when one stands there twice."""
    words = dict(pairs)
    if len(words) != len(pairs):
        twice = next(
            name for name, count in Counter(name for name, _ in pairs).items() if count > 1
        )
        raise Refused("{name} stands twice in the question; ask once for each", name=twice[:40])
    return words


def read(words: Mapping[str, str], statistic: Statistic, cached: CachedRelease) -> Question:
    """Return the question that a query string asks. Raises Refused with a sentence."""
    dimensions = dimensions_of(statistic)
    for name in words:
        if name not in _PLAIN and name not in dimensions:
            known = ", ".join((*_PLAIN, *dimensions))
            raise Refused(f"{name[:40]!r} is not a filter of {statistic.id}; there are: {known}")
    named = cached.named.get(statistic.id, NOTHING)
    wanted = Selection(
        cached.release.id,
        statistic.id,
        horizon=_one_of(words, "horizon", statistic.horizons),
        measure=_one_of(words, "measure", named.measures),
        variable=_one_of(words, "variable", ("", *named.variables)),
        view=_view(words.get("view"), statistic),
        within=tuple(
            (dimension, _code(words[dimension], dimension))
            for dimension in dimensions
            if dimension in words
        ),
        bands=_bands(words.get("bands")),
    )
    limit = _whole(words, "limit", _USUAL, range(1, MOST + 1))
    return Question(wanted, limit, _whole(words, "offset", 0, range(10**9 + 1)))


def dimensions_of(*statistics: Statistic) -> tuple[TableDimension, ...]:
    """The dimensions of all views, each once, in the order of the declarations."""
    found = (d for one in statistics for view in one.views for d in view)
    return tuple(dict.fromkeys(found))


def _one_of(words: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    given = words.get(name)
    if given is not None and given not in allowed:
        known = ", ".join(filter(None, allowed)) or "none"
        raise Refused(f"{given[:40]!r} is no {name} here; there are: {known}")
    return given


def _view(given: str | None, statistic: Statistic) -> View | None:
    if given is None:
        return None
    spelled = {",".join(view) or NATIONAL: view for view in statistic.views}
    if given not in spelled:
        raise Refused(f"{given[:40]!r} is no view; there are: {'; '.join(spelled)}")
    return spelled[given]


def _code(given: str, dimension: TableDimension) -> str:
    if given not in categories(dimension):
        known = ", ".join(categories(dimension))
        raise Refused(f"{given[:40]!r} is no code of {dimension}; there are: {known}")
    return given


def _bands(given: str | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    bands = tuple(dict.fromkeys(part.strip().upper() for part in given.split(",")))
    if not set(bands) <= set(get_args(Band)):
        raise Refused("bands are letters A, B, C, D or F with commas between them")
    return bands


def _whole(words: Mapping[str, str], name: str, usual: int, allowed: range) -> int:
    given = words.get(name, str(usual))
    if not (given.isascii() and given.isdigit()) or len(given) > 10 or int(given) not in allowed:
        raise Refused(f"{name} is a whole number from {allowed[0]} to {allowed[-1]}")
    return int(given)
