"""One number becomes one published figure: its intervals, its band and who is behind it."""

import math

import pytest
from ask_tables import named

from privacy.inference.intervals import Ratio
from privacy.inference.published import (
    SHARE,
    Judged,
    Measured,
    People,
    Rooted,
    Scale,
    count_figure,
    judged_figure,
    measured_figure,
    ratio_figure,
    spread_figure,
)
from privacy.inference.reach import Z95

CELL = (("gender", "f"),)


def test_a_figure_carries_its_name() -> None:
    found = count_figure(named("answered", cell=CELL, variable="meaning"), 100, 1)
    assert found.statistic == "asked@12m"
    assert (found.measure, found.variable, found.cell) == ("answered", "meaning", CELL)


def test_a_count_has_its_noise_and_no_sampling() -> None:
    found = count_figure(named("count"), 1_000, 30)
    assert (found.estimate, found.unadjusted, found.noise_se) == (1_000, 1_000, 30)
    assert found.noise_lo == pytest.approx(1_000 - 30 * Z95)
    assert found.noise_hi == pytest.approx(1_000 + 30 * Z95)
    assert (found.lo, found.hi, found.sampling_se, found.n, found.response) == (None,) * 5
    assert found.band == "A"


def test_what_is_shown_of_a_count_stands_beside_the_unbiased_value() -> None:
    """The band is that of the unbiased one, and the interval that of the number shown."""
    found = count_figure(named("count"), 100, 18, 97)
    assert (found.estimate, found.unadjusted, found.band) == (97, 100, "D")
    assert found.noise_lo == pytest.approx(97 - 18 * Z95)
    assert found.noise_hi == pytest.approx(97 + 18 * Z95)


def test_an_interval_reaches_as_far_as_what_is_kept_of_a_count_that_is_not_shown() -> None:
    """20 with an SE of 10 admits 3.5 to 39.6 people (Feldman, Cousins 1998, table X)."""
    found = count_figure(named("count"), 20, 10)
    assert (found.estimate, found.unadjusted, found.band) == (20, 20, "F")
    assert (found.noise_lo, found.noise_hi) == pytest.approx((3.5, 39.6), abs=0.05)
    kept = count_figure(named("count"), 20, 10, 0.0)
    assert (kept.estimate, kept.noise_lo) == (0, 0)
    assert kept.noise_hi == found.noise_hi
    below = count_figure(named("count"), -30, 10)
    assert (below.estimate, below.noise_lo) == (-30, -30)
    assert below.noise_hi == pytest.approx(4.2, abs=0.05)


def test_a_share_near_one_is_judged_as_far_as_it_can_go() -> None:
    """98 of 100 with a noise SE of .05: .882 to 1.078 is .882 to 1, half of which is under .08."""
    ratio = Ratio(98, 100, 25, 0)
    free = ratio_figure(named(), ratio, Scale(0.0, 0.0, 0.1), 0)
    whole = ratio_figure(named(), ratio, Scale(0.0, 0.0, 0.1, SHARE), 0)
    assert (free.band, whole.band) == ("D", "C")
    assert (whole.noise_lo, whole.lo) == pytest.approx((0.882, 0.882), abs=1e-4)
    assert (whole.noise_hi, whole.hi) == (1, 1)
    assert whole.noise_se == free.noise_se == pytest.approx(0.05)


def test_an_estimate_beyond_its_ends_lies_in_its_interval() -> None:
    found = ratio_figure(named(), Ratio(103, 100, 4, 0), Scale(0.0, 0.0, 0.1, SHARE), 0)
    assert found.estimate == found.noise_hi == 1.03
    assert found.noise_lo == pytest.approx(1.03 - 0.02 * Z95)
    far = ratio_figure(named(), Ratio(150, 100, 4, 0), Scale(0.0, 0.0, 0.1, SHARE), 0)
    assert (far.noise_lo, far.noise_hi) == (1, 1.5)


def test_a_share_beyond_1_is_judged_by_its_whole_interval() -> None:
    """1.03 give or take .2 is too uncertain where .1 matters; .97 can be told with reserve, for
    .23 of its interval is left, .115 to a side."""
    scale = Scale(0.0, 0.0, 0.1, SHARE)
    above, below = (
        ratio_figure(named(), Ratio(top, 100, (20 / Z95) ** 2, 0), scale, 0) for top in (103, 97)
    )
    assert (above.band, below.band) == ("F", "D")
    assert (above.noise_hi, below.noise_hi) == (1.03, 1.0)


def test_a_ratio_is_read_on_its_scale() -> None:
    """50 over 100 with variances 4 and 1: SE sqrt(4 + 1/4) / 100, and 0.8 / sqrt(100)."""
    ratio, scale = Ratio(50, 100, 4, 1), Scale(3.0, 0.8, 0.25)
    found = ratio_figure(named(), ratio, scale, 25)
    noise, both = math.sqrt(4.25) / 100, math.hypot(math.sqrt(4.25) / 100, 0.08)
    assert found.estimate == found.unadjusted == 3.5
    assert found.noise_se == pytest.approx(noise)
    assert found.noise_lo == pytest.approx(3.5 - Z95 * noise)
    assert found.noise_hi == pytest.approx(3.5 + Z95 * noise)
    assert found.sampling_se == pytest.approx(0.08)
    assert found.lo == pytest.approx(3.5 - Z95 * both)
    assert found.hi == pytest.approx(3.5 + Z95 * both)
    assert (found.n, found.response) == (100, 0.8)
    # 0.162 of 0.25 is between two and four fifths.
    assert found.band == "C"


def test_a_ratio_over_too_few_people_is_not_given() -> None:
    found = ratio_figure(named(), Ratio(5, 3, 1, 1), Scale(3.0, 0.8, 0.25), 25)
    assert (found.estimate, found.noise_se, found.lo, found.response) == (None,) * 4
    assert (found.band, found.n) == ("F", 3)


@pytest.mark.parametrize(
    ("horizon", "answered", "silent", "response"),
    [
        ("12m", 60, 20, 0.75),
        ("6m", 60, 20, 0.75),
        ("end", 60, 20, 0.75),
        ("intake", 60, 20, None),
        ("start", 60, 20, None),
        ("12m", -5, 20, 0),
        ("12m", 20, -5, 1),
        ("12m", 5, -5, None),
        ("12m", -5, 2, None),
        ("12m", 0.25, 0.25, 0.5),
    ],
)
def test_a_follow_up_carries_who_answered(
    horizon: str, answered: float, silent: float, response: float | None
) -> None:
    people = People(answered, silent)
    measured = Measured.symmetric(2.0, 0.1, 0.1)
    found = measured_figure(named(horizon=horizon), measured, 0.25, people)
    assert (found.response, found.n) == (response, answered)
    judged = Judged(2.0, 2.0, (1.9, 2.1), (1.8, 2.2))
    found = judged_figure(named("quantile", horizon=horizon), judged, (answered, silent), 1.0)
    assert (found.response, found.n) == (response, answered)


def test_a_symmetric_interval_has_as_much_on_each_side() -> None:
    found = Measured.symmetric(2.0, 0.5, 0.1)
    assert found == Measured(2.0, 0.5, (2 - Z95 / 2, 2 + Z95 / 2), 0.1)


def test_money_is_judged_by_its_own_size() -> None:
    """An SE of 60 on 700, or on -700, is 8.6%: more than 5%, less than 10%."""
    for value in (700.0, -700.0):
        found = Measured.symmetric(value, 36.0, 48.0)
        assert measured_figure(named(), found, None, People(10, 0)).band == "B"
    assert measured_figure(named(), Measured.symmetric(0.0, 1, 1), None, People(1, 0)).band == "F"


def test_a_judged_figure_has_its_own_intervals() -> None:
    """Noise 3 and both 5 on each side leave 4 for sampling; 5 of 10 is between 0.4 and 0.8."""
    judged = Judged(50.0, 48.0, (47.0, 53.0), (45.0, 55.0))
    found = judged_figure(named("quantile"), judged, (80, 20), 10)
    assert (found.estimate, found.unadjusted) == (48, 50)
    assert found.noise_se == pytest.approx(3 / Z95)
    assert found.sampling_se == pytest.approx(4 / Z95)
    assert (found.noise_lo, found.noise_hi, found.lo, found.hi) == (47, 53, 45, 55)
    assert (found.band, found.n, found.response) == ("C", 80, 0.8)


def test_what_a_measure_cannot_tell_has_band_f_however_narrow() -> None:
    judged = Judged(50.0, 50.0, (49.9, 50.1), (49.9, 50.1), known=False)
    found = judged_figure(named("quantile"), judged, (80, 20), 10)
    assert (found.band, found.estimate, found.sampling_se) == ("F", 50, 0)


def test_a_judged_figure_that_noise_hides_is_not_given() -> None:
    found = judged_figure(named("survival"), None, (7.0, 20), 10)
    assert (found.estimate, found.lo, found.band, found.n) == (None, None, "F", 7)


def test_a_deviation_has_noise_alone() -> None:
    """Half a width of 1.96 x 0.03 of 0.25 is 0.235: B."""
    """A variance of 0.81 +- 0.1: its ends are the roots of 0.71 and 0.91."""
    found = spread_figure(named("sd"), Rooted.of(0.81, 0.05, 0.1), 0.25)
    assert (found.estimate, found.unadjusted) == (0.9, 0.9)
    assert found.noise_se == pytest.approx(0.05 / 1.8)
    assert found.noise_lo == pytest.approx(math.sqrt(0.71))
    assert found.noise_hi == pytest.approx(math.sqrt(0.91))
    assert (found.band, found.lo, found.n) == ("B", None, None)
    # Of money: the interval of 90 has an SE of 3, less than 5%.
    assert spread_figure(named("sd"), Rooted.of(8_100, 540, 1_058), None).band == "A"


def test_a_deviation_without_its_error_is_not_given() -> None:
    assert Rooted.of(0.1, 0.05, 0.1) is None  # it may be 0
    found = spread_figure(named("sd"), None, 0.25)
    assert (found.estimate, found.noise_se, found.band) == (None, None, "F")
