"""One person never moves the vector further than was paid for."""

import math
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from encode_people import answers_of, crowd, trajectory
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.encode import vector
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.measures.parts import Part, whole_within
from schemas import codes
from schemas.catalogue.default import programme_of_year
from schemas.record import DIMENSIONS, WHENS, Trajectory
from schemas.units import UnixSeconds

PROGRAMME = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))
LAYOUT = make_layout(PROGRAMME, [ask.key for ask in PROGRAMME.asks])
CROWD = crowd(12, seed=5)

_item = st.one_of(st.none(), st.integers(1, 7))
_status = st.sampled_from(["employed", "self_employed", "unemployed", "inactive", "student", None])
_sector = st.one_of(st.none(), st.sampled_from(codes.sectors()))
_moment = st.one_of(
    st.builds(answers_of, st.integers(1, 7)),
    st.fixed_dictionaries({d: st.lists(_item, max_size=8).map(tuple) for d in DIMENSIONS}),
)
ANYONE = st.builds(
    trajectory,
    ended_on=st.one_of(st.none(), st.dates(date(2024, 1, 15), date(2026, 1, 1))),
    job_ended_on=st.one_of(st.none(), st.dates(date(2023, 1, 1), date(2027, 1, 1))),
    status=st.sampled_from(["running", "completed", "stopped"]),
    residence=st.one_of(st.none(), st.sampled_from(codes.nuts(3))),
    sector_before=_sector,
    sector_12m=_sector,
    labour_status_before=_status,
    labour_status_6m=_status,
    labour_status_12m=_status,
    questionnaire=st.sampled_from(["werkgeluk-1", "unheard-of"]),
    wellbeing=st.dictionaries(st.sampled_from(WHENS), _moment),
)


def within_sensitivity(moved: np.ndarray, layout: Layout) -> None:
    exact = [int(x) for x in moved]
    assert sum(abs(x) for x in exact) <= layout.moved.d1
    assert sum(x * x for x in exact) <= layout.moved.d2_squared
    for block in layout.blocks:
        there = exact[block.slice]
        assert max(map(abs, there)) <= block.most
        assert sum(x * x for x in there) <= block.moved.d2_squared


@pytest.mark.slow
@given(person=ANYONE)
@settings(max_examples=3 * settings().max_examples)
def test_adding_one_person_stays_within_the_sensitivities(person: Trajectory) -> None:
    within_sensitivity(encode([person], LAYOUT, PROGRAMME), LAYOUT)


@pytest.mark.slow
@given(person=ANYONE)
@settings(max_examples=settings().max_examples // 2)
def test_adding_one_person_to_a_crowd_stays_within_the_sensitivities(person: Trajectory) -> None:
    before = encode(CROWD, LAYOUT, PROGRAMME)
    within_sensitivity(encode([*CROWD, person], LAYOUT, PROGRAMME) - before, LAYOUT)


@pytest.mark.slow
@given(person=ANYONE)
@settings(max_examples=settings().max_examples // 2)
def test_the_clamp_of_a_large_centre_does_not_raise_the_sensitivity(person: Trajectory) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector, "MOST_PEOPLE", 2)
        before = encode(CROWD, LAYOUT, PROGRAMME)
        after = encode([*CROWD, person], LAYOUT, PROGRAMME)
    assert before[0] == 2 * LAYOUT.blocks[0].multiplier  # the clamp is at work
    within_sensitivity(after - before, LAYOUT)


def test_the_vector_of_a_centre_stays_within_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector, "MOST_PEOPLE", 3)
    of_many = encode(CROWD * 4, LAYOUT, PROGRAMME)
    for block in LAYOUT.blocks:
        assert np.abs(of_many[block.slice]).max() <= 3 * block.most


def test_extreme_answers_use_the_whole_bound_and_no_more() -> None:
    wellbeing = {"intake": answers_of(1), "12m": answers_of(5)}
    person = trajectory(wellbeing=wellbeing)
    layout = make_layout(PROGRAMME, ["wellbeing_change@12m"])
    moved = encode([person], layout, PROGRAMME)
    block = next(b for b in layout.blocks if b.part.role == "sum")
    norm = math.sqrt(sum(int(x) ** 2 for x in moved[block.slice]))
    assert norm <= math.sqrt(block.moved.d2_squared)
    assert norm > 3 * block.multiplier - 3


_part = st.builds(
    lambda entry, longest, norm: Part(
        "sum", (), 6, Fraction(1), Fraction(longest, 1000), Fraction(norm, 1000) ** 2,
        Fraction(entry, 1000),
    ),
    st.integers(1, 5_000), st.integers(1, 20_000), st.integers(1, 9_000),
)  # fmt: skip
_number = st.one_of(
    st.floats(-10, 10),
    st.sampled_from([math.sqrt(1.5), 3 / math.sqrt(6), 1.1, 2.25, 1e9, -1e9, 0.0, 1e-300]),
)


@pytest.mark.heavy
@given(part=_part, row=st.lists(_number, min_size=6, max_size=6), m=st.integers(1, 100_000))
@settings(max_examples=5 * settings().max_examples)
def test_integers_obey_the_bounds_whatever_a_measure_computes(
    part: Part, row: list[float], m: int
) -> None:
    whole = [int(x) for x in whole_within(np.array([row]), part, m)[0]]
    assert sum(map(abs, whole)) <= part.unit_d1 * m
    assert sum(x * x for x in whole) <= part.unit_d2_squared * m * m
    assert max(map(abs, whole)) <= part.unit_entry * m
    assert all(x * y >= 0 for x, y in zip(whole, row, strict=True))


@given(row=st.lists(st.floats(-1, 1), min_size=6, max_size=6), m=st.integers(1, 100_000))
@settings(max_examples=2 * settings().max_examples)
def test_a_row_inside_its_bounds_is_only_rounded_toward_zero(row: list[float], m: int) -> None:
    part = Part("sum", (), 6, Fraction(1), Fraction(6), Fraction(9), Fraction(1))
    whole = whole_within(np.array([row]), part, m)[0]
    assert whole.tolist() == [math.trunc(x * m) for x in row]


@given(
    row=st.lists(st.floats(-2.25, 1.75), min_size=6, max_size=6).filter(
        lambda row: max(map(abs, row)) > 1e-9
    ),
    m=st.integers(1, 50_000),
)
@settings(max_examples=3 * settings().max_examples)
def test_a_row_scaled_to_the_norm_loses_less_than_one_step_in_each_entry(
    row: list[float], m: int
) -> None:
    points = np.array([row])
    scaled = points * (3 / np.linalg.norm(points))
    part = Part("sum", (), 6, Fraction(1), Fraction(9), Fraction(9), Fraction(3))
    whole = whole_within(scaled, part, m)[0]
    assert int((whole**2).sum()) <= 9 * m * m
    assert np.abs(whole - scaled * m).max() < 1 + 1e-6
