"""The exact figures behind a demo's release, straight from the records of all its centres.

Only a demo can know them, for it owns every file. Plain pandas on purpose: nothing here is
shared with the encoders that are checked against it.
"""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from schemas import codes
from schemas.catalogue import BASIC
from schemas.cohort import Cohort
from schemas.measures import Count, Mean, Share
from schemas.questionnaire import Questionnaire, built_in
from schemas.record import DIMENSIONS, Dimension
from schemas.statistic import Horizon, Population, Statistic, View

Cell = tuple[tuple[str, str], ...]
Key = tuple[str, str, str, Cell]
"""(statistic@horizon, measure, variable or '', ((dimension, code), ...) as in the view)."""

Flags = NDArray[np.bool_]
_WORKING = ("employed", "self_employed")
_MONTHS: Mapping[str, int] = {"6m": 6, "12m": 12}


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the trajectories that count: of clients with consent, each client once.

    A client is a (centre, client_ref). Cohorts are taken in order; her earliest trajectory in a
    cohort counts unless one of hers counts already within three quarters before it.
    """
    consenting = frame[frame["consent_statistics"] == "yes"]
    ordered = consenting.sort_values(["centre", "client_ref", "started_on"], kind="stable")
    ordered = ordered.assign(cohort=[Cohort.of(day).index for day in ordered["started_on"]])
    last: dict[tuple[int, str], int] = {}
    takes = []
    for *client, cohort in zip(
        ordered["centre"], ordered["client_ref"], ordered["cohort"], strict=True
    ):
        before = last.get((client[0], client[1]))
        takes.append(before is None or cohort - before > 3)
        if takes[-1]:
            last[client[0], client[1]] = cohort
    return ordered[takes].reset_index(drop=True)


def pooled_truth(frame: pd.DataFrame) -> dict[Key, float]:
    """Return every figure of the basic statistics, exactly, over all centres together.

    `frame` is what `clients.generate` or `sources.load` returns; all of it is one period.
    Measures: `count`; `share` with `answered` (people whose situation is known); `mean` per
    variable with `answered` (people with that score), and nationally `sd` per variable (of the
    clipped values, divided by n). Empty cells have count or answered 0 and no share or mean.
    A statistic whose columns the frame lacks is left out.

    A mean is of clipped values: each score less its centre cut to [lower, upper], then the
    person's vector shrunk to an L2 norm of at most `norm`, and the centre added again.
    """
    people = _with_places(counted(frame))
    figures: dict[Key, float] = {}
    for statistic in BASIC:
        for horizon in statistic.horizons:
            try:
                figures.update(_of_one(people, statistic, horizon))
            except KeyError:  # this source has no such column: nothing was asked
                continue
    return figures


def _with_places(people: pd.DataFrame) -> pd.DataFrame:
    nuts3 = people["residence"]
    nuts2 = nuts3.map(dict(codes.nuts_parents()))
    nuts1 = nuts2.map(dict(codes.nuts_parents()))
    return people.assign(nuts3=nuts3, nuts2=nuts2, nuts1=nuts1)


def _of_one(people: pd.DataFrame, statistic: Statistic, horizon: Horizon) -> dict[Key, float]:
    key = f"{statistic.id}@{horizon}"
    chosen = people[_population(people, statistic.population)]
    match statistic.measure:
        case Count():
            cells = _count(chosen, statistic.views)
        case Share():
            cells = _share(chosen, statistic, _MONTHS[horizon])
        case Mean() as measure:
            cells = _mean(chosen, statistic.views, measure, horizon)
    return {(key, measure_, variable, cell): value for measure_, variable, cell, value in cells}


def _population(people: pd.DataFrame, population: Population) -> Flags:
    completed = (people["status"] == "completed").to_numpy()
    match population:
        case "all":
            return np.ones(len(people), dtype=bool)
        case "completed":
            return completed
        case "ended":
            return (people["status"] != "running").to_numpy()
        case "in_work_after" | "in_work_both":
            after = completed & people["labour_status_12m"].isin(_WORKING).to_numpy()
            if population == "in_work_after":
                return after
            return after & people["labour_status_before"].isin(_WORKING).to_numpy()


Figures = Iterator[tuple[str, str, Cell, float]]


def _cells(people: pd.DataFrame, view: View) -> Iterator[tuple[Cell, Flags]]:
    """Yield each cell of a view with the people in it; every code, empty or not."""
    lists = {name: _codes_of(name) for name in view}
    number = np.zeros(len(people), dtype=int)
    for name, codes_of in lists.items():
        place = {code: index for index, code in enumerate(codes_of)}
        column = people[name].fillna(codes.UNKNOWN).map(place).to_numpy(dtype=int)
        number = number * len(codes_of) + column
    for index, cell in enumerate(product(*lists.values())):
        yield tuple(zip(view, cell, strict=True)), number == index


def _codes_of(dimension: str) -> tuple[str, ...]:
    if dimension.startswith("nuts"):
        return (*codes.nuts(int(dimension[-1])), codes.UNKNOWN)
    return (*codes.sectors(), codes.UNKNOWN)


def _count(people: pd.DataFrame, views: tuple[View, ...]) -> Figures:
    for view in views:
        for cell, here in _cells(people, view):
            yield "count", "", cell, float(here.sum())


def durable(people: pd.DataFrame, months: int) -> tuple[Flags, Flags]:
    """Return (situation known, durable match) so many calendar months after the end.

    Durable: in work then, and no first job that ended before; the day is cut to the month's end.
    """
    status = people[f"labour_status_{months}m"]
    horizon = people["ended_on"] + pd.DateOffset(months=months)
    broke = (people["job_ended_on"] < horizon).to_numpy(dtype=bool)
    known = (status.notna() & people["ended_on"].notna()).to_numpy(dtype=bool)
    return known, known & status.isin(_WORKING).to_numpy() & ~broke


def at_work(people: pd.DataFrame, months: int) -> tuple[Flags, Flags]:
    """Return (labour status known, in work) so many months after the end."""
    status = people[f"labour_status_{months}m"]
    known = status.notna().to_numpy(dtype=bool)
    return known, known & status.isin(_WORKING).to_numpy()


def _share(people: pd.DataFrame, statistic: Statistic, months: int) -> Figures:
    outcome = statistic.measured_by(Share).outcome
    known, held = (at_work if outcome == "at_work" else durable)(people, months)
    for view in statistic.views:
        for cell, here in _cells(people, view):
            answered = float((here & known).sum())
            yield "answered", "", cell, answered
            if answered:
                yield "share", "", cell, float((here & held).sum()) / answered


def scores(people: pd.DataFrame, form: Questionnaire, when: str) -> NDArray[np.float64]:
    """Return scores on 1..5, shape (people, 6); NaN with fewer than half of the items."""
    columns = [_score(people, form, when, dimension) for dimension in DIMENSIONS]
    return np.stack(columns, axis=1)


def _score(
    people: pd.DataFrame, form: Questionnaire, when: str, dimension: Dimension
) -> NDArray[np.float64]:
    items = form.items_of(dimension)
    names = [f"wellbeing.{when}.{dimension}.{number}" for number in range(1, len(items) + 1)]
    answers = people[names].to_numpy(dtype=float, na_value=np.nan)
    turned = np.array([item.reversed for item in items])
    answers = np.where(turned, form.lowest + form.highest - answers, answers)
    given = (~np.isnan(answers)).sum(axis=1)
    mean = np.nansum(answers, axis=1) / np.maximum(given, 1)
    scale = 1 + 4 * (mean - form.lowest) / (form.highest - form.lowest)
    return np.where(2 * given >= len(items), scale, np.nan)


def _mean(
    people: pd.DataFrame, views: tuple[View, ...], measure: Mean, horizon: Horizon
) -> Figures:
    form = built_in()
    values = scores(people, form, horizon)
    if measure.value == "change":
        values = values - scores(people, form, "intake")
    clipped = _clipped(values, measure)
    for view in views:
        for cell, here in _cells(people, view):
            for variable, column in zip(measure.variables, clipped.T, strict=True):
                inside = column[here & ~np.isnan(column)]
                yield "answered", variable, cell, float(len(inside))
                if len(inside) == 0:
                    continue
                yield "mean", variable, cell, float(inside.mean())
                if not view:
                    yield "sd", variable, cell, float(inside.std())


def _clipped(values: NDArray[np.float64], measure: Mean) -> NDArray[np.float64]:
    order = [DIMENSIONS.index(variable) for variable in measure.variables]
    centre = np.array(measure.centres) / 1000
    entry = np.clip(values[:, order] - centre, measure.lower / 1000, measure.upper / 1000)
    norm = np.sqrt(np.nansum(entry**2, axis=1, keepdims=True))
    shrunk = entry * np.minimum(1.0, measure.norm / 1000 / np.maximum(norm, 1e-12))
    return np.asarray(shrunk + centre)
