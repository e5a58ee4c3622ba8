"""Gaps between a group and all others: tables of two lines, worked by hand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ask_tables import BY_GENDER, Given, adjusted, by_name, tables_of

from privacy.inference.published import Scale
from privacy.inference.reach import Z95
from privacy.measures.adjusted import AskTables
from privacy.measures.gaps import gap_figures
from schemas.measures import Mean

CELLS = [(("gender", code),) for code in ("f", "m", "x", "unknown")]
POINTS = Mean(value="level", variables=("meaning",), centres=(3_000,), lower=-2_000, upper=1_500,
              norm=1_800)  # fmt: skip
SCALES = [Scale(3.0, 0.8, 0.25)]


def by_gender(variance: float, **fields: Any) -> AskTables:
    """600 women at 0.5 and 400 men at 0.25 on average, nobody else; 100 of each are silent."""
    sums = [[[400.0]], [[300.0], [100.0], [0.0], [0.0]]]
    counts = [[[1_000.0, 200.0]], [[600.0, 100.0], [400.0, 100.0], [0.0, 0.0], [0.0, 0.0]]]
    roles = {"sum": adjusted(sums, variance), "answered": adjusted(counts, variance)}
    return tables_of(POINTS, roles, views=BY_GENDER, **fields)


def test_each_group_is_compared_with_all_others() -> None:
    found = by_name(gap_figures(by_gender(0.01), ["meaning"], SCALES))
    women, men = (found["gap", "meaning", cell] for cell in CELLS[:2])
    assert women.estimate == pytest.approx(0.25)
    assert men.estimate == pytest.approx(-0.25)
    assert (women.n, women.response) == (600, pytest.approx(600 / 700))
    # 0.8 sqrt(1/600 + 1/400)
    assert women.sampling_se == pytest.approx(0.8 * math.sqrt(1 / 600 + 1 / 400))
    assert [found["gap", "meaning", cell].estimate for cell in CELLS[2:]] == [None, None]
    assert found["gap", "meaning", CELLS[2]].n == 0
    assert len(found) == 4
    assert women.band == "C"  # a half-width of 0.1 of a quarter point


def test_a_gap_has_the_noise_of_the_group_and_of_all() -> None:
    """gap = S/n - (T - S)/(N - n) has slopes 1/n + 1/(N - n) in S and -1/(N - n) in T; those in
    n and N are -a/n - b/(N - n) and b/(N - n), with means a and b."""
    a, b, n, rest = 0.5, 0.25, 600, 400
    slopes = (1 / n + 1 / rest, -1 / rest, -a / n - b / rest, b / rest)
    found = by_name(gap_figures(by_gender(4.0), ["meaning"], SCALES))["gap", "meaning", CELLS[0]]
    se = 2 * math.hypot(*slopes)
    assert found.noise_se == pytest.approx(se)
    assert found.noise_lo == pytest.approx(0.25 - Z95 * se)
    assert found.noise_hi == pytest.approx(0.25 + Z95 * se)


def test_a_gap_of_adjusted_tables_has_their_covariance() -> None:
    """National and women's numbers share 0.75 of their noise: so does women and all in a sum."""
    plain = by_gender(4.0)
    shared = np.eye(5)
    shared[0, 1] = shared[1, 0] = 0.75
    roles = {
        role: replace(there, covariances=Given(shared, there.starts), unit=4.0)
        for role, there in plain.roles.items()
    }
    tied = AskTables(plain.ask, plain.statistic, roles)  # type: ignore[arg-type]
    found = by_name(gap_figures(tied, ["meaning"], SCALES))["gap", "meaning", CELLS[0]]
    a, b, n, rest = 0.5, 0.25, 600, 400
    s, t = 1 / n + 1 / rest, -1 / rest
    u, v = -a / n - b / rest, b / rest
    variance = 4 * (s * s + t * t + 1.5 * s * t + u * u + v * v + 1.5 * u * v)
    assert found.noise_se == pytest.approx(math.sqrt(variance))


def test_the_ends_of_a_gap_add_those_of_both_groups() -> None:
    """Few people: Fieller's interval of each is not symmetric, nor is that of the gap."""
    wide = by_name(gap_figures(by_gender(3_600.0), ["meaning"], SCALES))["gap", "meaning", CELLS[0]]
    assert wide.noise_lo is not None
    assert wide.noise_hi is not None
    assert wide.estimate is not None
    assert wide.estimate - wide.noise_lo != pytest.approx(wide.noise_hi - wide.estimate, rel=1e-3)


def test_without_noise_a_gap_is_exact() -> None:
    found = by_name(gap_figures(by_gender(0.0), ["meaning"], SCALES))["gap", "meaning", CELLS[0]]
    assert (found.noise_se, found.noise_lo, found.noise_hi) == (0, 0.25, 0.25)


def test_views_of_two_ways_and_the_national_one_have_no_gaps() -> None:
    views = ((), ("gender", "education"))
    sizes = (1, 16)
    roles = {
        "sum": adjusted([[[1.0]] * k for k in sizes], 0.0),
        "answered": adjusted([[[9.0, 1.0]] * k for k in sizes], 0.0),
    }
    assert list(gap_figures(tables_of(POINTS, roles, views=views), ["meaning"], SCALES)) == []


def test_gaps_of_several_variables_have_their_own_lane_and_scale() -> None:
    two = POINTS.model_copy(update={"variables": ("gain", "durable"), "centres": (0, 0)})
    sums = [[[400.0, 90.0]], [[300.0, 30.0], [100.0, 60.0], [0.0, 0.0], [0.0, 0.0]]]
    counts = by_gender(1e-9).roles["answered"]
    tables = tables_of(two, {"sum": adjusted(sums, 1e-9), "answered": counts}, views=BY_GENDER)
    scales = [Scale(0.0, 0.8, 0.25), Scale(0.0, 0.4, 0.1)]
    found = by_name(gap_figures(tables, ["gain", "durable"], scales))
    assert found["gap", "gain", CELLS[0]].estimate == pytest.approx(0.25)
    durable = found["gap", "durable", CELLS[0]]
    assert durable.estimate == pytest.approx(0.05 - 0.15)
    assert durable.sampling_se == pytest.approx(0.4 * math.sqrt(1 / 600 + 1 / 400))
