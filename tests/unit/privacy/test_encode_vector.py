"""What one record adds, and to which cell."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from encode_people import answers_of, crowd, declared, programme_of, trajectory

from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.measures.adjusted import cells
from privacy.people.population import months_after
from schemas.catalogue.default import programme_of_year
from schemas.measures import Count
from schemas.programme import Programme
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS, Trajectory
from schemas.units import UnixSeconds

PROGRAMME = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))


def national(key: str, *records: Trajectory, programme: Programme = PROGRAMME) -> list[float]:
    """What records add nationally to the first role of an ask, in real units."""
    layout = make_layout(programme, [key])
    block = layout.blocks[0]
    return list(encode(records, layout, programme)[block.slice] / block.multiplier)


def outcome(horizon: str = "6m", **fields: Any) -> str:
    found = national(f"durable_match@{horizon}", trajectory(**fields))
    return ["yes", "no", "not answered"][found.index(1)] if any(found) else "not asked"


def answered(key: str, **fields: Any) -> list[str]:
    """Which of an ask's variables somebody who is asked has."""
    layout = make_layout(PROGRAMME, [key])
    block = next(b for b in layout.blocks if b.part.role == "known")
    there = encode([trajectory(**fields)], layout, PROGRAMME)[block.slice]
    assert set(np.abs(there)) == {block.multiplier}
    return [name for name, lane in zip(DIMENSIONS, there, strict=True) if lane > 0]


def test_at_work_after_six_months_is_a_durable_match() -> None:
    assert outcome(labour_status_6m="employed") == "yes"
    assert outcome(labour_status_6m="self_employed") == "yes"
    assert outcome("12m", labour_status_12m="employed") == "yes"


@pytest.mark.parametrize("status", ["unemployed", "inactive", "student"])
def test_not_at_work_is_no_durable_match(status: str) -> None:
    assert outcome(labour_status_6m=status) == "no"


def test_a_first_job_that_ended_before_the_horizon_was_not_durable() -> None:
    def ended(day: date, **fields: Any) -> str:
        return outcome(labour_status_6m="employed", job_ended_on=day, **fields)

    assert ended(date(2024, 9, 29)) == "no"  # six months after 31 March: 30 September
    assert ended(date(2024, 9, 30)) == "yes"


def test_the_horizon_is_cut_to_the_end_of_a_short_month() -> None:
    assert months_after(date(2024, 8, 31), 6) == date(2025, 2, 28)
    assert months_after(date(2023, 8, 31), 6) == date(2024, 2, 29)
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_after(date(2024, 12, 1), 12) == date(2025, 12, 1)


def test_an_unknown_situation_is_not_answered() -> None:
    assert outcome(labour_status_6m=None) == "not answered"
    assert outcome(labour_status_6m="employed", ended_on=None) == "not answered"
    assert outcome("12m", labour_status_6m="employed") == "not answered"


@pytest.mark.parametrize("status", ["running", "stopped"])
def test_only_who_completed_is_asked_about_a_match(status: str) -> None:
    assert outcome(status=status, labour_status_6m="employed") == "not asked"


@pytest.mark.parametrize(
    ("before", "after", "status", "counts"),
    [
        ("employed", "self_employed", "completed", 1),
        ("unemployed", "employed", "completed", 0),
        ("employed", "student", "completed", 0),
        ("employed", None, "completed", 0),
        ("employed", "employed", "stopped", 0),
    ],
)
def test_flows_are_of_people_who_completed_and_worked_at_both_moments(
    before: str, after: str | None, status: str, counts: int
) -> None:
    record = trajectory(labour_status_before=before, labour_status_12m=after, status=status)
    assert national("sector_flows@12m", record) == [counts]


def test_scores_count_from_their_public_centre() -> None:
    record = trajectory(wellbeing={"intake": answers_of(3)})
    layout = make_layout(PROGRAMME, ["wellbeing@intake"])
    m = layout.blocks[0].multiplier
    form = built_in()
    expected = [form.score(d, answers_of(3)[d]) or 0 for d in DIMENSIONS]
    step = 1 / m
    assert national("wellbeing@intake", record) == pytest.approx(
        [score - 3.25 for score in expected], abs=step
    )


def test_a_change_is_later_minus_intake_of_the_same_person() -> None:
    low = {d: tuple(2 if not i.reversed else 4 for i in built_in().items_of(d)) for d in DIMENSIONS}
    high = {d: tuple(3 for _ in built_in().items_of(d)) for d in DIMENSIONS}
    record = trajectory(wellbeing={"intake": low, "end": high, "12m": low})
    assert national("wellbeing_change@end", record) == pytest.approx([1] * 6, abs=1e-3)
    assert national("wellbeing_change@12m", record) == pytest.approx([0] * 6, abs=1e-3)


def test_a_missing_score_takes_nothing_from_the_others() -> None:
    complete = answers_of(4)
    lacking = {**complete, "balance": tuple(None for _ in complete["balance"])}
    assert answered("wellbeing@6m", wellbeing={"6m": complete}) == list(DIMENSIONS)
    assert answered("wellbeing@6m", wellbeing={"6m": lacking}) == list(DIMENSIONS[:-1])
    assert answered("wellbeing@6m", wellbeing={"end": complete}) == []
    one, other = (
        national("wellbeing@6m", trajectory(wellbeing={"6m": felt})) for felt in (complete, lacking)
    )
    assert other == [*one[:-1], 0]


def test_a_questionnaire_of_three_dimensions_counts_in_these() -> None:
    """As of W-BNS: autonomy, competence and relatedness."""
    asked = ("autonomy", "competence", "relatedness")
    felt = {
        "intake": {d: answers_of(2)[d] for d in asked},
        "end": {d: answers_of(4)[d] for d in asked},
    }
    assert answered("wellbeing@end", wellbeing=felt) == list(asked)
    assert answered("wellbeing_change@end", wellbeing=felt) == list(asked)


def test_a_change_needs_both_moments() -> None:
    assert answered("wellbeing_change@end", wellbeing={"end": answers_of(4)}) == []
    both = {"intake": answers_of(2), "end": answers_of(4)}
    assert answered("wellbeing_change@end", wellbeing=both) == list(DIMENSIONS)


def test_an_unknown_questionnaire_is_not_answered() -> None:
    fields = {"wellbeing": {"intake": answers_of(4)}, "questionnaire": "another"}
    assert answered("wellbeing@intake", **fields) == []


def test_answers_beyond_the_scale_are_clamped_not_refused() -> None:
    layout = make_layout(PROGRAMME, ["wellbeing@intake"])
    record = trajectory(wellbeing={"intake": answers_of(7)})
    moved = encode([record], layout, PROGRAMME)
    assert np.abs(moved).max() <= max(block.most for block in layout.blocks)
    assert answered("wellbeing@intake", wellbeing={"intake": answers_of(7)}) == list(DIMENSIONS)


def test_a_person_stands_in_one_cell_of_every_view() -> None:
    layout = make_layout(PROGRAMME, ["trajectories@start"])
    vector = encode([trajectory(residence="BE234", sector_before="Q")], layout, PROGRAMME)
    found = set()
    for block in layout.blocks:
        table = vector[block.slice]
        assert np.count_nonzero(table) == 1
        found.add(list(cells(block.part.view))[int(np.argmax(table))])
    assert found == {
        (),
        (("sector_before", "Q"),),
        (("nuts1", "BE2"),),
        (("nuts1", "BE2"), ("sector_before", "Q")),
        (("nuts2", "BE23"),),
        (("nuts2", "BE23"), ("sector_before", "Q")),
        (("nuts3", "BE234"),),
        (("nuts3", "BE234"), ("sector_before", "Q")),
    }


def test_nobody_gives_a_vector_of_zeros() -> None:
    layout = make_layout(PROGRAMME, [ask.key for ask in PROGRAMME.asks])
    vector = encode([], layout, PROGRAMME)
    assert vector.dtype == np.int64
    assert vector.shape == (layout.length,)
    assert not vector.any()


def test_the_vector_is_the_sum_over_people_in_any_order() -> None:
    layout = make_layout(PROGRAMME, [ask.key for ask in PROGRAMME.asks])
    people = crowd(40, seed=1)
    whole = encode(people, layout, PROGRAMME)
    parts = [encode([person], layout, PROGRAMME) for person in people]
    apart = np.abs(whole - np.sum(parts, axis=0))  # each of 41 vectors is rounded once
    for block in layout.blocks:
        assert apart[block.slice].max() <= (0 if block.part.whole else 41 / 2)
    assert (whole == encode(people[::-1], layout, PROGRAMME)).all()


def test_the_views_of_an_ask_tell_of_the_same_people() -> None:
    layout: Layout = make_layout(PROGRAMME, [ask.key for ask in PROGRAMME.asks])
    vector = encode(crowd(60, seed=2), layout, PROGRAMME)
    for ask in layout.asks:
        for role in ("count", "outcome", "sum", "answered"):
            blocks = [b for b in layout.blocks_of(ask) if b.part.role == role]
            totals = [
                vector[b.slice].reshape(b.cells, b.part.lanes).sum(axis=0) / b.multiplier
                for b in blocks
            ]
            rounding = 60 / min((b.multiplier for b in blocks), default=1)  # one step a person
            assert all(np.allclose(total, totals[0], rtol=0, atol=rounding) for total in totals)


def test_a_new_declaration_needs_no_new_code() -> None:
    by_age = declared("by_age", Count(), views=((), ("age_band",), ("age_band", "hours_band")))
    programme = programme_of((by_age, 10_000))
    record = trajectory(birth_year=1980, guidance_quarters=20)
    assert national("by_age@12m", record, programme=programme) == [1]
