"""Reliability: alpha and item-rest correlations from second moments."""

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from encode_people import answers_of, trajectory
from hypothesis import given
from hypothesis import strategies as st
from measure_people import Floats, Pool, Tally, people

from privacy.encode.vector import encode
from schemas.catalogue import reliability
from schemas.measures import Reliability
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS, Trajectory

STATISTIC = reliability.STATISTIC.model_copy(update={"horizons": ("intake",)})
EMPTY = Pool((), [(STATISTIC, 5_000)])


def turned(answers: dict[str, tuple[int, ...]], dimension: str) -> list[int]:
    items = built_in().items_of(dimension)  # type: ignore[arg-type]
    return [6 - a if i.reversed else a for i, a in zip(items, answers[dimension], strict=True)]


def straight(level: int) -> dict[str, tuple[int, ...]]:
    """The same answer to every item, once they are turned the same way."""
    return {
        d: tuple(6 - level if i.reversed else level for i in built_in().items_of(d))
        for d in DIMENSIONS
    }


_answer = st.one_of(st.none(), st.integers(1, 7))
ANYONE = st.builds(
    trajectory,
    questionnaire=st.sampled_from(["werkgeluk-1", "another"]),
    wellbeing=st.fixed_dictionaries(
        {
            "intake": st.one_of(
                st.builds(answers_of, st.integers(1, 7)),
                st.fixed_dictionaries(
                    {d: st.tuples(_answer, _answer, _answer) for d in DIMENSIONS}
                ),
                st.fixed_dictionaries(
                    {d: st.lists(_answer, max_size=5).map(tuple) for d in DIMENSIONS}
                ),
            )
        }
    ),
)


@given(person=ANYONE)
def test_nobody_moves_the_moments_further_than_was_paid_for(person: Trajectory) -> None:
    moved = [int(x) for x in encode([person], EMPTY.layout, EMPTY.programme)]
    assert sum(x * x for x in moved) <= EMPTY.layout.moved.d2_squared
    assert sum(map(abs, moved)) <= EMPTY.layout.moved.d1
    assert max(map(abs, moved)) <= EMPTY.layout.blocks[0].most


@pytest.mark.parametrize("level", [1, 5])
def test_answers_at_the_ends_move_them_exactly_as_far(level: int) -> None:
    moved = encode([trajectory(wellbeing={"intake": straight(level)})], EMPTY.layout,
                   EMPTY.programme)  # fmt: skip
    (block,) = EMPTY.layout.blocks
    assert int((moved**2).sum()) == block.part.unit_d2_squared * block.multiplier**2
    assert len(moved) == 6 * 10


def test_whoever_left_a_question_out_is_not_in_its_dimension() -> None:
    place = DIMENSIONS.index("safety")
    for safety in ((4, None, 4), (4, 4, 4, 4)):
        person = trajectory(wellbeing={"intake": answers_of(4) | {"safety": safety}})
        moved = encode([person], EMPTY.layout, EMPTY.programme).reshape(6, 10)
        assert [bool(row.any()) for row in moved] == [k != place for k in range(6)]
    for person in (
        trajectory(),
        trajectory(questionnaire="another", wellbeing={"intake": answers_of(4)}),
    ):
        assert not encode([person], EMPTY.layout, EMPTY.programme).any()


def test_it_is_measured_nationally_only() -> None:
    split = STATISTIC.model_copy(update={"views": ((), ("gender",))})
    with pytest.raises(ValueError, match="nationally"):
        _ = Pool((), [(split, 5_000)]).layout


def alpha_of(frame: pd.DataFrame) -> float:
    k = frame.shape[1]
    return float(k / (k - 1) * (1 - frame.var().sum() / frame.sum(axis=1).var()))


def test_without_noise_it_is_what_pandas_says() -> None:
    """Answers 1, 3 and 5 are -1, 0 and 1: nothing is cut by rounding."""
    rng, crowd, items = np.random.default_rng(3), [], defaultdict[str, list[list[int]]](list)
    for _ in range(2_000):
        answers = {}
        for dimension in DIMENSIONS:
            lean = rng.normal(0, 1)
            raw = [int(3 + 2 * np.clip(np.rint(lean + rng.normal(0, 0.8)), -1, 1)) for _ in "abc"]
            items[dimension].append(raw)
            answers[dimension] = tuple(raw)
            answers[dimension] = tuple(turned(answers, dimension))
        crowd.append(trajectory(wellbeing={"intake": answers}))
    pool = Pool(crowd, [(STATISTIC, 5_000)])
    figures = pool.figures(encode(crowd, pool.layout, pool.programme))
    for dimension in DIMENSIONS:
        frame = pd.DataFrame(items[dimension])
        found = figures["reliability@intake", "alpha", dimension, ()]
        assert found.unadjusted == pytest.approx(alpha_of(frame), abs=1e-9)
        assert found.n == pytest.approx(2_000)
        for k in range(3):
            rest = frame.drop(columns=k).sum(axis=1)
            found = figures["reliability@intake", "item_rest", f"{dimension}.{k + 1}", ()]
            assert found.unadjusted == pytest.approx(frame[k].corr(rest), abs=1e-9)


def exact(moments: Floats) -> dict[str, float]:
    """Alpha and correlations of each dimension, by their definitions, from pooled moments."""
    found = {}
    for place, dimension in enumerate(DIMENSIONS[: len(moments) // 10]):
        lanes = moments[1 + 10 * place : 10 + 10 * place] / moments[10 * place]
        means, matrix = lanes[:3], np.zeros((3, 3))
        matrix[np.triu_indices(3)] = lanes[3:]
        matrix = matrix + np.triu(matrix, 1).T - np.outer(means, means)
        found[dimension] = 1.5 * (1 - np.trace(matrix) / matrix.sum())
        for k in range(3):
            others = [j for j in range(3) if j != k]
            rest = matrix[np.ix_(others, others)].sum()
            found[f"{dimension}.{k + 1}"] = matrix[k, others].sum() / math.sqrt(matrix[k, k] * rest)
    return found


@pytest.mark.slow
def test_intervals_hold_as_often_as_they_say() -> None:
    """Two dimensions, at a price that gives each about the noise that all six have."""
    measure = STATISTIC.measure.model_copy(update={"variables": DIMENSIONS[:2]})
    statistic = STATISTIC.model_copy(update={"measure": measure})
    pool = Pool(people(2_000, 4), [(statistic, 1_750)])
    moments = pool.rows(statistic)["moment"]
    whole = exact(pool.even @ moments)
    tally: dict[str, Tally] = defaultdict(Tally)
    for weights, figures in pool.crowds(2_000, (200, 2_000, 5_000, 15_000), 11):
        for name, value in exact(weights @ moments).items():
            measure = "item_rest" if "." in name else "alpha"
            figure = figures["reliability@intake", measure, name, ()]
            tally[measure].add(figure, value, whole[name])
    for measure, found in tally.items():
        print(measure, found)
        assert found.given > 2_000
        assert found.holds(), (measure, str(found))


def test_few_people_give_nothing() -> None:
    crowd: list[Any] = people(150, 4)
    for some in ([], crowd):
        figures = EMPTY.figures(encode(some, EMPTY.layout, EMPTY.programme))
        found = figures["reliability@intake", "alpha", "meaning", ()]
        assert (found.estimate, found.band) == (None, "F")


def test_everybody_alike_gives_nothing() -> None:
    crowd = [trajectory(wellbeing={"intake": answers_of(4)})] * 3_000
    figures = EMPTY.figures(encode(crowd, EMPTY.layout, EMPTY.programme))
    assert figures["reliability@intake", "alpha", "meaning", ()].estimate is None
    assert figures["reliability@intake", "answered", "meaning", ()].estimate == pytest.approx(3_000)
    assert STATISTIC.measured_by(Reliability).items == 3
