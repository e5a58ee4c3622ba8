"""The demo's clients as records, for who needs no files: as a centre's store would give them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from schemas.record import DIMENSIONS, WHENS, Trajectory

_CENTS = ("price_client", "price_public", "price_employer")
_DATES = ("started_on", "ended_on", "job_started_on", "job_ended_on", "last_seen_on")
_ONLY_HERE = ("centre", "cohort", "postcode", "guidance_hours", "consent_statistics")
_ITEMS = (1, 2, 3)


def records(frame: pd.DataFrame) -> list[Trajectory]:
    """Return each row of `clients.generate` or `sources.load` as a record, in the same order.

    References stay the centre's own; a client is still a (centre, client_ref).
    """
    table = frame.astype(object).where(frame.notna(), None)
    return [_record(row) for row in table.to_dict("records")]


def _record(row: Mapping[Any, Any]) -> Trajectory:
    given = {
        name: value
        for name, value in row.items()
        if value is not None and name not in _ONLY_HERE and not name.startswith("wellbeing.")
    }
    for name in given.keys() & set(_CENTS):
        given[name] = round(100 * given[name])
    for name in given.keys() & set(_DATES):
        given[name] = given[name].date()
    for name in given.keys() & {"wage_before", "wage_12m", "birth_year"}:
        given[name] = int(given[name])
    if row.get("guidance_hours") is not None:
        given["guidance_quarters"] = round(4 * row["guidance_hours"])
    given["consent"] = {"statistics": row["consent_statistics"] == "yes"}
    given["wellbeing"] = {
        when: {dimension: _answers(row, when, dimension) for dimension in DIMENSIONS}
        for when in WHENS
        if f"wellbeing.{when}.{DIMENSIONS[0]}.1" in row
    }
    return Trajectory.model_validate(given)


def _answers(row: Mapping[Any, Any], when: str, dimension: str) -> tuple[int | None, ...]:
    values = (row[f"wellbeing.{when}.{dimension}.{item}"] for item in _ITEMS)
    return tuple(None if value is None else int(value) for value in values)
