"""Follow-up statistics: one person moves the vector as far as was paid for, never further."""

from datetime import date

import numpy as np
import pytest
from encode_people import programme_of, trajectory
from follow_up_people import DECLARED, people
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.encode import vector
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.people.population import belongs
from schemas import codes
from schemas.record import Trajectory

PROGRAMME = programme_of(*((statistic, 10_000) for statistic in DECLARED))
LAYOUT = make_layout(PROGRAMME, [ask.key for ask in PROGRAMME.asks])
CROWD = people(12, seed=6)

_day = st.one_of(st.none(), st.dates(date(2024, 1, 15), date(2029, 1, 1)))
_status = st.sampled_from(["employed", "self_employed", "unemployed", "inactive", "student", None])
_sector = st.one_of(st.none(), st.sampled_from(codes.sectors()))
_place = st.one_of(st.none(), st.sampled_from(codes.nuts(3)))
_yes_no = st.sampled_from(["yes", "no", None])
_wage = st.one_of(st.none(), st.sampled_from([0, 20_000]), st.integers(0, 20_000))
_late = st.one_of(st.none(), st.dates(date(2029, 1, 1), date(2035, 1, 1)))
ANYONE = st.builds(
    trajectory,
    ended_on=_day,
    status=st.sampled_from(["running", "completed", "stopped"]),
    residence=_place,
    workplace_12m=_place,
    sector_before=_sector,
    sector_desired=_sector,
    sector_12m=_sector,
    labour_status_before=_status,
    labour_status_6m=_status,
    labour_status_12m=_status,
    employer_changed_12m=_yes_no,
    role_changed_12m=_yes_no,
    training_started=_yes_no,
    training_completed=_yes_no,
    training_field=st.one_of(st.none(), st.sampled_from(codes.isced_fields())),
    employer_involved=_yes_no,
    job_started_on=_day,
    job_ended_on=_late,
    last_seen_on=_day,
    wage_before=_wage,
    wage_12m=_wage,
)


def within_sensitivity(moved: np.ndarray, layout: Layout) -> None:
    exact = [int(x) for x in moved]
    assert sum(map(abs, exact)) <= layout.moved.d1
    assert sum(x * x for x in exact) <= layout.moved.d2_squared
    assert all(max(map(abs, exact[block.slice])) <= block.most for block in layout.blocks)


@pytest.mark.slow
@given(person=ANYONE)
@settings(max_examples=2 * settings().max_examples)
def test_one_person_moves_one_entry_of_each_table_she_is_asked_in(person: Trajectory) -> None:
    """Never more than one step of the multiplier, and never less for who is in the population."""
    moved = encode([person], LAYOUT, PROGRAMME)
    within_sensitivity(moved, LAYOUT)
    for block in LAYOUT.blocks:
        statistic, there = LAYOUT.statistic(block.ask), moved[block.slice]
        asked = belongs(person, statistic.population, block.ask.horizon)
        assert np.count_nonzero(there) == asked
        assert there.sum() == asked * block.multiplier


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
    coverage = next(block for block in LAYOUT.blocks if block.ask.statistic == "coverage")
    assert before[coverage.start] == 2 * coverage.multiplier  # the clamp is at work
    within_sensitivity(after - before, LAYOUT)


def test_who_is_asked_everything_uses_the_whole_bound() -> None:
    person = trajectory(job_started_on=date(2024, 6, 1), labour_status_before="employed",
                        labour_status_12m="employed")  # fmt: skip
    moved = [int(x) for x in encode([person], LAYOUT, PROGRAMME)]
    assert sum(map(abs, moved)) == LAYOUT.moved.d1
    assert sum(x * x for x in moved) == LAYOUT.moved.d2_squared


def test_hardly_anything_of_a_price_is_lost() -> None:
    assert 0.999 * LAYOUT.declared < LAYOUT.cost <= LAYOUT.declared
