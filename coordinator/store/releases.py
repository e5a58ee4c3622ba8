"""Published releases: the whole file, and its figures as rows."""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from coordinator.store.tables import figure, release
from schemas.release import Release


@dataclass(frozen=True, slots=True)
class Summary:
    """A line in the list of releases."""

    id: str
    number: int
    period: str
    published_at: int
    in_sum: int
    on_roster: int
    epsilon: float
    figures: int


def publish(connection: Connection, new: Release) -> None:
    """Keep a release with its figures."""
    connection.execute(
        insert(release).values(
            id=new.id,
            number=new.round,
            period=new.period,
            published_at=new.published_at,
            in_sum=len(new.in_sum),
            on_roster=new.on_roster,
            epsilon=new.epsilon,
            figures=len(new.figures),
            body=new.canonical().decode(),
        )
    )
    rows = [
        {
            **f.model_dump(mode="python", exclude={"cell"}),
            "cell": json.dumps(f.cell),
            "release": new.id,
            "place": place,
        }
        for place, f in enumerate(new.figures)
    ]
    connection.execute(insert(figure), rows)


def summaries(connection: Connection) -> list[Summary]:
    """All releases, newest first."""
    rows = connection.execute(select(release).order_by(release.c.published_at.desc(),
                                                       release.c.number.desc()))  # fmt: skip
    return [
        Summary(
            r.id, r.number, r.period, r.published_at, r.in_sum, r.on_roster, r.epsilon, r.figures
        )
        for r in rows
    ]


def body_of(connection: Connection, release_id: str) -> str | None:
    """The canonical text of a release, or None."""
    return connection.execute(select(release.c.body).where(release.c.id == release_id)).scalar()
