"""Bounds that score the silent lowest, or highest: tables of one line, worked by hand."""

import math

import pytest
from ask_tables import adjusted, by_name, tables_of

from privacy.inference.published import Scale
from privacy.inference.reach import Z95
from privacy.measures.worst_case import bounds_of_mean, bounds_of_share
from schemas.measures import Mean, Share

POINTS = Mean(value="level", variables=("meaning",), centres=(3_000,), lower=-2_000, upper=1_500,
              norm=1_800)  # fmt: skip
SCALES = [Scale(3.0, 0.8, 0.25)]


def test_bounds_of_a_share_score_the_silent_no_or_yes() -> None:
    """40 yes, 40 no, 20 silent: two in five, and three in five."""
    roles = {"outcome": adjusted([[[40.0, 40.0, 20.0]]], 0.5)}
    found = by_name(bounds_of_share(tables_of(Share(outcome="durable_match"), roles), 0.1))
    low, high = found["bound_lo", "", ()], found["bound_hi", "", ()]
    assert (low.estimate, high.estimate) == (0.4, 0.6)
    assert (low.response, low.n) == (0.8, 80)
    assert low.sampling_se == pytest.approx(math.sqrt(0.4 * 0.6 / 100))
    assert high.sampling_se == pytest.approx(math.sqrt(0.6 * 0.4 / 100))
    # Slopes of yes / all: 0.6 of 1/100 in yes, -0.4 in no and in silent.
    assert low.noise_se == pytest.approx(math.sqrt(0.5 * (0.6**2 + 2 * 0.4**2)) / 100)
    # Of (yes + silent) / all: 0.4 in yes and in silent, -0.6 in no.
    assert high.noise_se == pytest.approx(math.sqrt(0.5 * (2 * 0.4**2 + 0.6**2)) / 100)
    assert low.band == "D"  # a half-width of 0.097, of 0.1 that matters


def test_a_bound_beyond_1_has_no_sampling_error() -> None:
    """Noise left -5 who said no: 105 of 100."""
    roles = {"outcome": adjusted([[[80.0, -5.0, 25.0]]], 0.0)}
    found = by_name(bounds_of_share(tables_of(Share(outcome="completed"), roles), 0.1))
    high = found["bound_hi", "", ()]
    assert (high.estimate, high.sampling_se, high.lo) == (1.05, 0, 1.05)
    roles = {"outcome": adjusted([[[-5.0, 80.0, 25.0]]], 0.0)}
    low = by_name(bounds_of_share(tables_of(Share(outcome="completed"), roles), 0.1))
    assert (low["bound_lo", "", ()].estimate, low["bound_lo", "", ()].sampling_se) == (-0.05, 0)


def test_bounds_of_too_few_people_are_not_given() -> None:
    roles = {"outcome": adjusted([[[5.0, 3.0, 2.0]]], 3.0)}
    found = by_name(bounds_of_share(tables_of(Share(outcome="completed"), roles), 0.1))
    assert {f.estimate for f in found.values()} == {None}
    assert {f.band for f in found.values()} == {"F"}


def test_bounds_of_a_mean_score_the_silent_at_the_ends_that_clipping_leaves() -> None:
    """80 answered with a sum of 40; 20 are silent at -1.8 (the norm), or at 1.5, from 3."""
    roles = {
        "sum": adjusted([[[40.0]]], 2.0),
        "answered": adjusted([[[80.0, 20.0]]], 3.0),
        "square": adjusted([[[70.0]]], 1.0),
    }
    found = by_name(bounds_of_mean(tables_of(POINTS, roles), SCALES))
    low, high = found["bound_lo", "meaning", ()], found["bound_hi", "meaning", ()]
    r_low, r_high = (40 - 36) / 100, (40 + 30) / 100
    assert low.estimate == pytest.approx(3 + r_low)
    assert high.estimate == pytest.approx(3 + r_high)
    # Slopes 1 in the sum, end - r in the silent and -r in those who answered, over 100.
    for figure, end, r in ((low, -1.8, r_low), (high, 1.5, r_high)):
        noise = math.sqrt(2 + 3 * (end - r) ** 2 + 3 * r * r) / 100
        assert figure.noise_se == pytest.approx(noise)
        assert figure.noise_hi == pytest.approx(3 + r + Z95 * noise)
        assert figure.noise_lo == pytest.approx(3 + r - Z95 * noise)
        sd = math.sqrt((70 + 20 * end * end) / 100 - r * r)
        assert figure.sampling_se == pytest.approx(sd / 10)
        assert (figure.n, figure.response) == (80, 0.8)
    # Half-widths of 0.23 and 0.16 of a quarter point.
    assert (low.band, high.band) == ("D", "C")
