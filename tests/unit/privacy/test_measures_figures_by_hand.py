"""Figures of each kind of measure from tables of one or two lines, worked by hand."""

import math

import numpy as np
import pytest
from ask_tables import BY_GENDER, CELLS, adjusted, by_name, figures, order, tables_of

from privacy.measures.calibration import PAIRS, TERMS
from privacy.measures.kinds import MEASURES
from schemas.measures import Choice, Count, Histogram, Share, Survival

# counts


def test_a_count_is_given_for_each_cell_with_its_noise() -> None:
    views = [[[100.0]], [[60.0], [30.0], [-5.0], [15.0]]]
    found = figures(tables_of(Count(), {"count": adjusted(views, 9.0)}, views=BY_GENDER))
    assert order(found) == [("count", "", cell) for cell in CELLS]
    assert [f.estimate for f in found] == [100, 60, 30, -5, 15]
    assert {f.noise_se for f in found} == {3}


def test_inner_cells_of_a_count_are_shown_without_negatives_and_adding_up() -> None:
    """Two rows and four columns of which one is negative: the unbiased value stays beside it."""
    views = ((), ("gender",), ("education",), ("gender", "education"))
    inner = np.array([[30.0, 20, 10, 0], [10, 20, -8, 8], [0, 0, 0, 0], [0, 0, 0, 0]])
    tables = [[[inner.sum()]], inner.sum(axis=1)[:, None], inner.sum(axis=0)[:, None],
              inner.reshape(-1, 1)]  # fmt: skip
    found = figures(tables_of(Count(), {"count": adjusted(tables, 400.0)}, views=views))
    there = [f for f in found if len(f.cell) == 2]
    assert [f.unadjusted for f in there] == inner.ravel().tolist()
    shown = np.array([f.estimate for f in there]).reshape(4, 4)
    assert shown.min() >= 0
    assert shown.sum(axis=1) == pytest.approx(inner.sum(axis=1), abs=0.01)
    assert shown.sum(axis=0) == pytest.approx(inner.sum(axis=0), abs=0.01)


# shares and choices


def test_a_share_is_yes_of_yes_and_no() -> None:
    """60 yes, 40 no, 25 silent: noise (0.4^2 + 0.6^2) v over 100^2, sampling sqrt(pq / n)."""
    views = [[[60.0, 40.0, 25.0]], [[60.0, 40.0, 25.0]] + [[0.0, 0.0, 0.0]] * 3]
    tables = tables_of(
        Share(outcome="completed"), {"outcome": adjusted(views, 2.0)}, views=BY_GENDER
    )
    found = figures(tables)
    assert order(found) == [(name, "", cell) for cell in CELLS for name in ("share", "answered")]
    share, answered = found[:2]
    assert share.estimate == 0.6
    assert share.noise_se == pytest.approx(math.sqrt(2 * (0.4**2 + 0.6**2)) / 100)
    assert share.sampling_se == pytest.approx(math.sqrt(0.24 / 100))
    assert (share.n, share.response) == (100, 0.8)
    assert (answered.estimate, answered.noise_se) == (100, 2)
    assert found[2] == share.model_copy(update={"cell": CELLS[1]})
    assert [f.estimate for f in found[4::2]] == [None] * 3


@pytest.mark.parametrize(("resolution", "band"), [(None, "D"), (200, "C"), (50, "F")])
def test_a_share_is_judged_by_a_tenth_or_by_what_is_declared(
    resolution: int | None, band: str
) -> None:
    """The half-width is 0.102."""
    roles = {"outcome": adjusted([[[60.0, 40.0, 25.0]]], 2.0)}
    tables = tables_of(Share(outcome="completed"), roles, resolution=resolution)
    assert figures(tables)[0].band == band


@pytest.mark.parametrize(("yes", "no", "share"), [(110.0, -10.0, 1.1), (-10.0, 110.0, -0.1)])
def test_a_share_beyond_its_ends_has_no_sampling_error(yes: float, no: float, share: float) -> None:
    roles = {"outcome": adjusted([[[yes, no, 0.0]]], 2.0)}
    found = figures(tables_of(Share(outcome="completed"), roles))[0]
    assert (found.estimate, found.sampling_se) == (pytest.approx(share), 0)


TRAINED = Choice(of="training", options=("started", "not_started", "completed"))


def test_a_choice_gives_the_share_of_each_option_in_their_order() -> None:
    """50, 30 and 20 of 100; 25 are silent. Slopes 1 - p of the option, -p of the two others."""
    tables = tables_of(TRAINED, {"outcome": adjusted([[[50.0, 30.0, 20.0, 25.0]]], 2.0)})
    found = figures(tables)
    assert order(found) == [
        ("share", "started", ()), ("share", "not_started", ()), ("share", "completed", ()),
        ("answered", "", ()),
    ]  # fmt: skip
    for figure, p in zip(found, (0.5, 0.3, 0.2), strict=False):
        assert figure.estimate == p
        assert figure.noise_se == pytest.approx(math.sqrt(2 * ((1 - p) ** 2 + 2 * p * p)) / 100)
        assert figure.sampling_se == pytest.approx(math.sqrt(p * (1 - p) / 100))
        assert (figure.n, figure.response) == (100, 0.8)
    assert (found[3].estimate, found[3].noise_se) == (100, pytest.approx(math.sqrt(6)))
    assert found[0].band == "D"  # 0.108 of a tenth


def test_a_choice_is_given_for_each_cell() -> None:
    views = [[[50.0, 30.0, 20.0, 25.0]], [[50.0, 30.0, 20.0, 25.0]] + [[0.0] * 4] * 3]
    found = figures(tables_of(TRAINED, {"outcome": adjusted(views, 2.0)}, views=BY_GENDER))
    assert [f.cell for f in found] == [cell for cell in CELLS for _ in range(4)]
    assert found[7] == found[3].model_copy(update={"cell": CELLS[1]})


def test_an_option_beyond_its_ends_has_no_sampling_error() -> None:
    tables = tables_of(TRAINED, {"outcome": adjusted([[[-10.0, 0.0, 110.0, 0.0]]], 2.0)})
    found = figures(tables)
    assert [f.sampling_se for f in found[:3]] == [0, 0, 0]
    assert [f.estimate for f in found[:3]] == [-0.1, 0, 1.1]


# histograms and survival

WAGES = Histogram(of="wage_change", edges=(0, 10, 20, 40), percentiles=(20, 50))


def test_a_histogram_gives_its_quantiles_and_who_answered() -> None:
    """20, 40, 40 in three bins; 50 silent. Half lie below 16.75, three quarters of 10 to 19."""
    tables = tables_of(
        WAGES, {"outcome": adjusted([[[20.0, 40.0, 40.0, 50.0]]], 0.25)}, unit="euro"
    )
    found = by_name(MEASURES["histogram"].figures(tables))
    assert list(found) == [
        ("quantile", "p20", ()), ("quantile", "p50", ()), ("answered", "", ()),
    ]  # fmt: skip
    half = found["quantile", "p50", ()]
    assert (half.estimate, half.unadjusted) == (16.75, 16.75)
    assert (half.n, half.response) == (100, pytest.approx(2 / 3))
    assert (half.noise_lo, half.noise_hi) == (10, 19)  # anywhere in its bin
    assert (half.lo, half.hi) == (10, 19)  # 60 of 100 are below 20: two standard errors
    answered = found["answered", "", ()]
    assert (answered.estimate, answered.noise_se) == (100, pytest.approx(math.sqrt(0.75)))
    assert found["quantile", "p20", ()].band == "F"  # it may lie in the first bin


@pytest.mark.parametrize(("resolution", "band"), [(None, "F"), (20_000, "B"), (10_000, "C")])
def test_a_quantile_is_judged_by_1_or_by_what_is_declared(
    resolution: int | None, band: str
) -> None:
    """The half-width is 4.5; a fifth may lie in the first bin, which tells nothing."""
    counts = [[[200.0, 500.0, 300.0, 50.0]]]
    tables = tables_of(WAGES, {"outcome": adjusted(counts, 0.25)}, resolution=resolution)
    assert [f.band for f in figures(tables)[:2]] == ["F", band]


def test_quantiles_are_given_for_each_cell() -> None:
    row = [20.0, 40.0, 40.0, 50.0]
    views = [[row], [[0.0] * 4, row, [0.0] * 4, [0.0] * 4]]
    found = figures(tables_of(WAGES, {"outcome": adjusted(views, 0.25)}, views=BY_GENDER))
    assert [f.cell for f in found] == [cell for cell in CELLS for _ in range(3)]
    assert found[6:9] == [f.model_copy(update={"cell": CELLS[2]}) for f in found[:3]]


def test_quantiles_of_too_few_people_may_lie_anywhere() -> None:
    found = figures(tables_of(WAGES, {"outcome": adjusted([[[2.0, 1.0, 1.0, 9.0]]], 1.0)}))
    assert [(f.noise_hi, f.band, f.n) for f in found[:2]] == [(39, "F", 4)] * 2
    nobody = figures(tables_of(WAGES, {"outcome": adjusted([[[2.0, -3.0, 1.0, 9.0]]], 1.0)}))
    assert [(f.estimate, f.band, f.n) for f in nobody[:2]] == [(None, "F", 0)] * 2


JOBS = Survival(months=3, at=(1, 2, 3))


def test_survival_gives_each_month_and_who_has_a_job() -> None:
    """Of ten: 2, 1 and 1 ended, 1, 0, 2 and 3 were held; five have no job."""
    row = [2.0, 1, 1, 1, 0, 2, 3, 5]
    found = figures(tables_of(JOBS, {"outcome": adjusted([[row]], 0.01)}))
    assert order(found) == [
        ("survival", "1m", ()), ("survival", "2m", ()), ("survival", "3m", ()),
        ("answered", "", ()),
    ]  # fmt: skip
    assert [f.estimate for f in found[:3]] == pytest.approx([0.8, 24 / 35, 4 / 7])
    assert (found[0].n, found[0].response) == (10, pytest.approx(10 / 15))
    assert (found[3].estimate, found[3].noise_se) == (10, pytest.approx(math.sqrt(0.07)))


def test_survival_is_given_for_each_cell() -> None:
    row = [2.0, 1, 1, 1, 0, 2, 3, 5]
    views = [[row], [[0.0] * 8, row, [0.0] * 8, [0.0] * 8]]
    found = figures(tables_of(JOBS, {"outcome": adjusted(views, 0.01)}, views=BY_GENDER))
    assert [f.cell for f in found] == [cell for cell in CELLS for _ in range(4)]
    assert found[11] == found[3].model_copy(update={"cell": CELLS[2]})


@pytest.mark.parametrize(("resolution", "band"), [(None, "B"), (1_000, "A")])
def test_survival_is_judged_by_a_tenth_or_by_what_is_declared(
    resolution: int | None, band: str
) -> None:
    """Of 1,000: 0.8 with a sampling error of sqrt(0.16 / 1000), which is 0.025 on each side."""
    row = [200.0, 100, 100, 100, 0, 200, 300, 300]
    tables = tables_of(JOBS, {"outcome": adjusted([[row]], 0.01)}, resolution=resolution)
    assert figures(tables)[0].band == band


def test_what_is_shown_of_survival_never_rises() -> None:
    """Noise left minus one who ended in the second month: 8 of 10 stay, then 9 of 8."""
    row = [2.0, -1, 1, 0, 0, 0, 8, 0]
    found = figures(tables_of(JOBS, {"outcome": adjusted([[row]], 1e-6)}))
    assert [f.unadjusted for f in found[:3]] == pytest.approx([0.8, 0.9, 0.8])
    assert [f.estimate for f in found[:3]] == pytest.approx([0.8, 0.8, 0.8])


def test_a_month_without_people_is_left_out_of_the_curve() -> None:
    """Three are left after the first month: less than one and a half errors of five cells."""
    row = [17.0, 1, 0, 0, 0, 0, 2, 0]
    found = figures(tables_of(JOBS, {"outcome": adjusted([[row]], 1.0)}))
    assert found[0].estimate == pytest.approx(0.15)
    assert [f.estimate for f in found[1:3]] == [None, None]


def test_a_calibrated_share_has_its_weighted_figure_and_bounds() -> None:
    roles = {
        "outcome": adjusted([[[60.0, 40.0, 25.0]]], 2.0),
        "margin": adjusted([[[0.0] * len(TERMS)]], 1.0),
        "moment": adjusted([[[0.0] * len(PAIRS)]], 1.0),
        "cross": adjusted([[[0.0] * len(TERMS)]], 1.0),
    }
    found = figures(tables_of(Share(outcome="durable_match", calibrate=True), roles))
    assert [f.measure for f in found] == [
        "share", "answered", "weighted", "bound_lo", "bound_hi",
    ]  # fmt: skip
    assert (found[2].estimate, found[2].n) == (None, 100)
    assert found[3].band == "D"  # 0.48 with a half-width of 0.09, of a tenth
