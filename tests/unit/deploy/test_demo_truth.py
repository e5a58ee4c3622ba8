from typing import Any

import numpy as np
import pandas as pd
import pytest

from deploy.demo.answers import column_names
from deploy.demo.clients import generate
from deploy.demo.truth import counted, durable, pooled_truth, scores
from schemas import codes
from schemas.catalogue import BASIC
from schemas.questionnaire import built_in
from schemas.record import DIMENSIONS


def _row(**fields: Any) -> dict[str, Any]:
    """One trajectory whose answers are 3 everywhere unless `fields` says otherwise."""
    return {
        "client_ref": "1", "trajectory_ref": "1", "centre": 0, "consent_statistics": "yes",
        "started_on": "2024-02-01", "ended_on": "2024-05-01", "status": "completed",
        "residence": "BE234", "sector_before": "R", "sector_12m": "R",
        "labour_status_before": "employed", "labour_status_6m": "employed",
        "labour_status_12m": "employed", "job_ended_on": None,
        **dict.fromkeys(column_names(), 3), **fields,
    }  # fmt: skip


def _frame(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for name in ("started_on", "ended_on", "job_ended_on"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


def test_a_client_counts_once_with_her_earliest_trajectory() -> None:
    rows = _frame(
        _row(trajectory_ref="late", started_on="2024-11-03", sector_before="G"),
        _row(trajectory_ref="early", started_on="2024-01-03", sector_before="R"),
        _row(client_ref="2", consent_statistics="no"),
        _row(centre=1, sector_before="C"),
    )
    assert counted(rows)["trajectory_ref"].tolist() == ["early", "1"]
    truth = pooled_truth(rows)
    assert truth["trajectories@start", "count", "", ()] == 2
    assert truth["trajectories@start", "count", "", (("sector_before", "G"),)] == 0


def test_a_client_may_count_again_in_the_fourth_quarter_after() -> None:
    def starts(day: str) -> dict[str, Any]:
        return _row(trajectory_ref=day, started_on=day, ended_on="2025-12-01")

    rows = _frame(starts("2024-02-01"), starts("2024-12-31"), starts("2025-01-01"))
    assert counted(rows)["trajectory_ref"].tolist() == ["2024-02-01", "2025-01-01"]


def test_a_month_ends_where_the_calendar_ends_it() -> None:
    rows = _frame(
        _row(ended_on="2024-08-31", job_ended_on="2025-02-27"),
        _row(ended_on="2024-08-31", job_ended_on="2025-02-28"),
        _row(ended_on="2024-08-31", labour_status_6m=None),
        _row(ended_on="2024-08-31", labour_status_6m="student"),
    )
    known, held = durable(rows, 6)
    assert known.tolist() == [True, True, False, True]
    assert held.tolist() == [False, True, False, False]


def test_a_share_leaves_out_who_did_not_answer_or_did_not_complete() -> None:
    truth = pooled_truth(
        _frame(
            _row(client_ref="1"),
            _row(client_ref="2", labour_status_12m="unemployed"),
            _row(client_ref="3", labour_status_12m=None),
            _row(client_ref="4", status="stopped"),
        )
    )
    assert truth["durable_match@12m", "answered", "", ()] == 2
    assert truth["durable_match@12m", "share", "", ()] == 0.5
    empty = (("sector_before", "A"),)
    assert truth["durable_match@12m", "answered", "", empty] == 0
    assert ("durable_match@12m", "share", "", empty) not in truth


def test_flows_need_work_at_both_moments_and_keep_the_unknown() -> None:
    truth = pooled_truth(
        _frame(
            _row(client_ref="1", sector_12m=None),
            _row(client_ref="2", labour_status_before="inactive"),
            _row(client_ref="3", sector_12m="Q"),
        )
    )
    assert truth["sector_flows@12m", "count", "", ()] == 2
    to_unknown = (("sector_before", "R"), ("sector_12m", "unknown"))
    assert truth["sector_flows@12m", "count", "", to_unknown] == 1
    assert truth["sector_flows@12m", "count", "", (("sector_12m", "Q"),)] == 1


def test_a_change_is_clipped_entry_by_entry_and_then_as_a_vector() -> None:
    best = {name: 5 for name in column_names() if name.startswith("wellbeing.end.")}
    for dimension in DIMENSIONS[:-1]:
        for place, item in enumerate(built_in().items_of(dimension), 1):
            best[f"wellbeing.end.{dimension}.{place}"] = 1 if item.reversed else 5
    one = {f"wellbeing.intake.meaning.{item}": answer for item, answer in ((1, 1), (2, 1), (3, 5))}
    truth = pooled_truth(_frame(_row(**best, **one)))
    entry = np.array([_end_score(best, dimension) - 3 for dimension in DIMENSIONS])
    entry[0] = 2  # from 1 to 5, cut at 2
    wanted = entry * 3.8 / np.sqrt((entry**2).sum())
    got = [truth["wellbeing_change@end", "mean", d, ()] for d in DIMENSIONS]
    assert got == pytest.approx(wanted.tolist())


def _end_score(answers: dict[str, int], dimension: str) -> float:
    given = tuple(answers[f"wellbeing.end.{dimension}.{item}"] for item in (1, 2, 3))
    score = built_in().score(dimension, given)  # type: ignore[arg-type]
    assert score is not None
    return float(score)


def test_a_missing_dimension_takes_nothing_from_the_others() -> None:
    gone = dict.fromkeys([f"wellbeing.12m.safety.{item}" for item in (1, 2)], None)
    truth = pooled_truth(_frame(_row(client_ref="1", **gone), _row(client_ref="2")))
    assert truth["wellbeing@12m", "answered", "safety", ()] == 1
    assert truth["wellbeing@12m", "answered", "balance", ()] == 2
    assert truth["wellbeing@intake", "answered", "safety", ()] == 2
    assert truth["wellbeing@12m", "sd", "safety", ()] == 0


def test_scores_are_those_of_the_questionnaire() -> None:
    frame = generate(8, 300)
    form = built_in()
    table = scores(frame, form, "12m")
    for place, row in enumerate(frame.to_dict("records")):
        for number, dimension in enumerate(DIMENSIONS):
            raw = [row[f"wellbeing.12m.{dimension}.{item}"] for item in (1, 2, 3)]
            answers = tuple(None if pd.isna(value) else int(value) for value in raw)
            score = form.score(dimension, answers)
            assert table[place, number] == pytest.approx(np.nan if score is None else float(score),
                                                         nan_ok=True)  # fmt: skip


def test_every_cell_of_every_view_has_a_figure() -> None:
    truth = pooled_truth(generate(9, 500))
    sizes = {"nuts1": 4, "nuts2": 12, "nuts3": 45, "sector_before": 23, "sector_12m": 23}
    for statistic in BASIC:
        count = "count" if statistic.measure.kind == "count" else "answered"
        for horizon in statistic.horizons:
            for view in statistic.views:
                cells = [
                    cell
                    for key, measure, variable, cell in truth
                    if (key, measure) == (f"{statistic.id}@{horizon}", count)
                    and variable in ("", "meaning")
                    and tuple(name for name, _ in cell) == view
                ]
                assert len(cells) == len(set(cells)) == np.prod([sizes[d] for d in view] or [1])


def test_margins_add_up_to_the_total() -> None:
    truth = pooled_truth(generate(10, 700))
    for view in ("sector_before", "nuts1", "nuts2", "nuts3"):
        inside = [
            value
            for (key, _, _, cell), value in truth.items()
            if key == "trajectories@start" and [name for name, _ in cell] == [view]
        ]
        assert sum(inside) == 700


def test_a_level_is_the_plain_mean_where_nothing_is_clipped() -> None:
    frame = counted(generate(11, 600))
    found = scores(frame, built_in(), "intake")
    plain = np.nanmean(found, axis=0)
    truth = pooled_truth(frame)
    got = [truth["wellbeing@intake", "mean", d, ()] for d in DIMENSIONS]
    assert got == pytest.approx(plain.tolist(), abs=0.03)  # the vector's norm cuts a few people
    assert truth["wellbeing@intake", "answered", "meaning", ()] == (~np.isnan(found[:, 0])).sum()


@pytest.mark.heavy
def test_places_come_from_the_arrondissement() -> None:
    truth = pooled_truth(_frame(_row(), _row(client_ref="2", residence=None)))
    assert truth["trajectories@start", "count", "", (("nuts1", "BE2"),)] == 1
    assert truth["trajectories@start", "count", "", (("nuts2", "BE23"),)] == 1
    assert truth["trajectories@start", "count", "", (("nuts3", "unknown"),)] == 1
    assert codes.nuts_parents()["BE234"] == "BE23"


def test_statistics_without_their_columns_are_left_out() -> None:
    bare = _frame(_row()).drop(columns=[*column_names(), "sector_12m", "labour_status_6m"])
    assert {key for key, *_ in pooled_truth(bare)} == {
        "trajectories@start", "durable_match@12m", "employment@12m",
    }  # fmt: skip
