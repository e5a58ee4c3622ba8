"""Published releases: the whole file, and its figures as rows for filtered questions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select

from coordinator.store.tables import figure, release
from schemas.release import Cell, Figure, Release

_NUMBERS = (
    "estimate", "unadjusted", "noise_se", "sampling_se", "noise_lo", "noise_hi", "lo", "hi",
    "response", "n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A release without its figures."""

    id: str
    round: int
    period: str
    published_at: int
    in_sum: int
    on_roster: int
    epsilon: float
    figures: int
    asks: tuple[str, ...]

    @property
    def statistics(self) -> frozenset[str]:
        """Ids of the statistics that it holds."""
        return frozenset(ask.partition("@")[0] for ask in self.asks)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures; None means any. `view`: dimensions, `()` is national; `within`: codes."""

    release: str
    statistic: str | None = None
    horizon: str | None = None
    measure: str | None = None
    variable: str | None = None
    view: tuple[str, ...] | None = None
    within: Cell = ()
    bands: tuple[str, ...] | None = None


def publish(connection: Connection, new: Release) -> None:
    """Make a release public, with its figures; one for each round, ever."""
    connection.execute(
        insert(release).values(
            id=new.id,
            round=new.round,
            period=new.period,
            published_at=new.published_at,
            in_sum=len(new.in_sum),
            on_roster=new.on_roster,
            epsilon=new.epsilon,
            figures=len(new.figures),
            asks=" ".join(new.asks),
            body=new.canonical().decode(),
        )
    )
    rows = [_figure_row(new.id, place, one) for place, one in enumerate(new.figures)]
    connection.execute(insert(figure), rows)


def _figure_row(name: str, place: int, one: Figure) -> dict[str, object]:
    statistic, _, horizon = one.statistic.partition("@")
    return {
        "release": name,
        "place": place,
        "statistic": statistic,
        "horizon": horizon,
        "measure": one.measure,
        "variable": one.variable,
        "view": ",".join(dimension for dimension, _ in one.cell),
        "cell": _spell(one.cell),
        "band": one.band,
        **{column: getattr(one, column) for column in _NUMBERS},
    }


def _spell(cell: Cell) -> str:
    return json.dumps([list(pair) for pair in cell], separators=(",", ":"))


def published(connection: Connection) -> list[Listed]:
    """Public releases, newest first."""
    columns = [release.c[name] for name in Listed.__dataclass_fields__]
    rows = connection.execute(select(*columns).order_by(release.c.round.desc())).mappings()
    return [Listed(**{**row, "asks": tuple(row["asks"].split())}) for row in rows]


def document_of(connection: Connection, name: str) -> bytes | None:
    """Return the canonical bytes of a release, or None."""
    body = connection.execute(select(release.c.body).where(release.c.id == name)).scalar()
    return None if body is None else str(body).encode()


def body_of(connection: Connection, name: str) -> Release | None:
    """Return a release in full, or None."""
    body = document_of(connection, name)
    return None if body is None else Release.from_canonical(body)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    plain = {
        "release": wanted.release, "statistic": wanted.statistic, "horizon": wanted.horizon,
        "measure": wanted.measure, "variable": wanted.variable,
        "view": None if wanted.view is None else ",".join(wanted.view),
    }  # fmt: skip
    found = [figure.c[name] == value for name, value in plain.items() if value is not None]
    found += [
        figure.c.cell.contains(_spell((pair,))[1:-1], autoescape=True) for pair in wanted.within
    ]
    if wanted.bands is not None:
        found.append(or_(*(figure.c.band == band for band in wanted.bands)))
    return found


def figures(
    connection: Connection, wanted: Wanted, *, limit: int = 100_000, offset: int = 0
) -> list[Figure]:
    """Figures of a release in its own order."""
    query = select(figure).where(*_conditions(wanted)).order_by(figure.c.place)
    return [_figure(row) for row in connection.execute(query.limit(limit).offset(offset))]


def count(connection: Connection, wanted: Wanted) -> int:
    """How many figures `figures` would give without a limit."""
    query = select(func.count()).select_from(figure).where(*_conditions(wanted))
    return int(connection.execute(query).scalar_one())


def _figure(row: Row[Any]) -> Figure:
    cell: Sequence[Sequence[str]] = json.loads(row.cell)
    return Figure(
        statistic=f"{row.statistic}@{row.horizon}",
        measure=row.measure,
        variable=row.variable,
        cell=tuple((dimension, code) for dimension, code in cell),
        band=row.band,
        **{column: getattr(row, column) for column in _NUMBERS},
    )
