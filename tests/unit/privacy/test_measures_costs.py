"""Shares of costs, and what a result costs: tables of one line, worked by hand."""

import math
from dataclasses import replace
from typing import Any

import pytest
from ask_tables import BY_GENDER, adjusted, by_name, tables_of

from privacy.estimate.derived import derived
from privacy.measures.adjusted import AskTables
from privacy.measures.cost_share import cost_shares
from privacy.measures.kinds import MEASURES
from schemas.measures import Mean, Share

CELLS = [(("gender", code),) for code in ("f", "m", "x", "unknown")]


# shares of costs

COSTS = Mean(value="employer_cost", variables=("employer", "others", "total"),
             centres=(0, 750_000, 800_000), lower=-750_000, upper=750_000,
             norm=1_100_000)  # fmt: skip


def costs(variance: float, n: float = 100.0) -> AskTables:
    """Employers paid 20,000 of 80,000 + 2,000 beyond the centre of 800 euro."""
    roles = {
        "sum": adjusted([[[20_000.0, -5_000.0, 2_000.0]]], variance),
        "answered": adjusted([[[n, 50.0]]], 0.25),
        "square": adjusted([[[9e6, 5e6, 6e6]]], 1e-6),
    }
    return tables_of(COSTS, roles, unit="share")


def test_a_cost_share_is_the_ratio_of_two_sums_beyond_their_centres() -> None:
    found = by_name(cost_shares(costs(100.0)))
    share = found["ratio", "employer", ()]
    r, bottom = 20_000 / 82_000, 82_000.0
    assert share.estimate == pytest.approx(r)
    # Slopes 1 in the employers' sum, -r in the total, -800 r in the people.
    noise = math.sqrt(100 + r * r * 100 + (800 * r) ** 2 * 0.25) / bottom
    assert share.noise_se == pytest.approx(noise)
    assert (share.n, share.response) == (100, pytest.approx(2 / 3))
    answered = found["answered", "", ()]
    assert (answered.estimate, answered.noise_se) == (100, 0.5)


def test_its_sampling_error_is_the_spread_of_employer_less_share_of_total() -> None:
    """Var(e - r t) = Var e - 2 r Cov(e, t) + r^2 Var t, where others = t - e."""
    share = by_name(cost_shares(costs(100.0)))["ratio", "employer", ()]
    r = 20_000 / 82_000
    employer, others, total = 9e4 - 200**2, 5e4 - 50**2, 6e4 - 20**2
    covariance = (employer + total - others) / 2
    spread = math.sqrt(employer - 2 * r * covariance + r * r * total)
    assert share.sampling_se == pytest.approx(spread * 10 / 82_000, rel=1e-6)


def test_a_centre_of_the_employers_is_in_both_sums() -> None:
    """300 euro of each: the noise of the count is in the numerator as well."""
    moved = COSTS.model_copy(update={"centres": (300_000, 750_000, 800_000)})
    plain = costs(100.0)
    tables = replace(plain, statistic=plain.statistic.model_copy(update={"measure": moved}))
    share = by_name(cost_shares(tables))["ratio", "employer", ()]
    r = 50_000 / 82_000
    assert share.estimate == pytest.approx(r)
    noise = math.sqrt(100 + r * r * 100 + (300 - 800 * r) ** 2 * 0.25) / 82_000
    assert share.noise_se == pytest.approx(noise)


@pytest.mark.parametrize(("n", "given"), [(2.0, True), (1.99, False)])
def test_a_cost_share_needs_people_clearly_above_their_noise(n: float, given: bool) -> None:
    """4 SE of 0.5 are two people, however large the sums."""
    share = by_name(cost_shares(costs(1e-9, n)))["ratio", "employer", ()]
    assert (share.estimate is not None) == given


def test_a_cost_share_of_a_small_sum_is_not_given() -> None:
    share = by_name(cost_shares(costs(1e9)))["ratio", "employer", ()]
    assert (share.estimate, share.band, share.n) == (None, "F", 100)


def test_a_spread_that_noise_made_negative_is_0() -> None:
    """Hardly any spread of employers and others, much of the total."""
    plain = costs(100.0)
    squares = adjusted([[[4e6 + 1e4, 2.5e5 + 1e2, 9e6]]], 1e-6)
    share = by_name(cost_shares(replace(plain, roles={**plain.roles, "square": squares})))
    assert share["ratio", "employer", ()].sampling_se == 0


def test_cost_shares_of_each_cell_are_judged_by_a_tenth() -> None:
    """All money is of women: the men's sum beyond the centres says that nobody paid."""
    roles = {
        "sum": adjusted([[[20_000.0, -5_000.0, 2_000.0]], [[20_000.0, -5_000.0, 2_000.0],
                         *[[0.0, 0.0, 0.0]] * 3]], 100.0),
        "answered": adjusted([[[100.0, 50.0]], [[100.0, 50.0], *[[0.0, 0.0]] * 3]], 0.25),
        "square": adjusted([[[9e6, 5e6, 6e6]]], 1e-6),
    }  # fmt: skip
    found = by_name(
        MEASURES["mean"].figures(tables_of(COSTS, roles, views=BY_GENDER, unit="share"))
    )
    assert {measure for measure, _, _ in found} == {"ratio", "answered"}
    women, men = (("gender", "f"),), (("gender", "m"),)
    assert found["ratio", "employer", women].estimate == found["ratio", "employer", ()].estimate
    assert found["ratio", "employer", men].estimate is None
    assert (found["answered", "", women].estimate, found["answered", "", men].estimate) == (100, 0)
    half = ((found["ratio", "employer", ()].hi or 0) - (found["ratio", "employer", ()].lo or 0)) / 2
    assert 0.04 < half < 0.08
    assert found["ratio", "employer", ()].band == "C"


# what a result costs

PRICE = Mean(value="public_price", variables=("public",), centres=(600_000,), lower=-600_000,
             upper=400_000, norm=600_000)  # fmt: skip
CHANGE = Mean(value="change", variables=("meaning", "balance"), centres=(0, 500), lower=-2_000,
              upper=2_000, norm=3_000)  # fmt: skip
OUTCOMES = Mean(value="outcomes", variables=("improved", "gain", "durable"), centres=(0, 0, 0),
                lower=-2_000, upper=2_000, norm=3_000)  # fmt: skip


def priced(scale: int = 1_000, **fields: Any) -> AskTables:
    """700 euro on average of 200 people, with a deviation of 100 euro; 50 are not known."""
    unit = scale / 1_000
    measure = PRICE.model_copy(update={"scale": scale})
    roles = {
        "sum": adjusted([[[20_000.0 / unit]]], 4e4 / unit**2),
        "answered": adjusted([[[200.0, 50.0]]], 1.0),
        "square": adjusted([[[4e6 / unit**2]]], 1e-3 / unit**4),
    }
    return tables_of(measure, roles, unit="euro", name="priced", **fields)


def matched(**fields: Any) -> AskTables:
    roles = {"outcome": adjusted([[[120.0, 80.0, 40.0]]], 4.0)}
    return tables_of(Share(outcome="durable_match"), roles, name="matched", **fields)


def changed(**fields: Any) -> AskTables:
    """Means 0.25 + 0 and 0.25 + 0.5: half a point on average; deviations 0.6 and 0.8."""
    roles = {
        "sum": adjusted([[[50.0, 50.0]]], 2.0),
        "answered": adjusted([[[200.0, 50.0]]], 1.0),
        "square": adjusted([[[200 * (0.36 + 0.0625), 200 * (0.64 + 0.0625)]]], 1e-6),
    }
    return tables_of(CHANGE, roles, name="changed", **fields)


def gained(**fields: Any) -> AskTables:
    """Deviations 0.2 of improved, 0.5 of gain, 0.3 of durable, all about 0."""
    roles = {
        "sum": adjusted([[[0.0, 0.0, 0.0]]], 1e-6),
        "answered": adjusted([[[200.0, 50.0]]], 1e-6),
        "square": adjusted([[[8.0, 50.0, 18.0]]], 1e-6),
    }
    return tables_of(OUTCOMES, roles, name="gained", **fields)


def of_round(*tables: AskTables) -> dict[str, Any]:
    found = by_name(derived({one.ask.key: one for one in tables}))
    assert {f.statistic for f in found.values()} <= {"priced@12m"}
    return {variable: figure for (_, variable, _), figure in found.items()}


PRICE_NOISE = (4e4 + 100**2 * 1.0) / 200**2
"""Of the mean price: 40,000 of the sum, and the 100 euro beyond the centre times the count."""


@pytest.mark.parametrize("scale", [1_000, 250_000])
def test_euro_per_match_is_the_mean_price_over_the_share(scale: int) -> None:
    """700 / 0.6; relative variances of noise, and of sampling, add up."""
    found = of_round(priced(scale), matched())["euro_per_match"]
    assert found.estimate == pytest.approx(700 / 0.6)
    share_noise = 4 * (0.4**2 + 0.6**2) / 200**2
    noise = math.sqrt(PRICE_NOISE + (700 / 0.6) ** 2 * share_noise) / 0.6
    assert found.noise_se == pytest.approx(noise)
    sampling = math.sqrt(100**2 / 200 + (700 / 0.6) ** 2 * 0.24 / 200) / 0.6
    assert found.sampling_se == pytest.approx(sampling, rel=1e-6)
    assert (found.n, found.response) == (200, 0.8)


def test_euro_per_point_is_the_mean_price_over_the_mean_change() -> None:
    """Without the spread of a mean change it is the mean of the dimensions' deviations, 0.7."""
    found = of_round(priced(), changed())["euro_per_point"]
    assert found.estimate == pytest.approx(700 / 0.5)
    change_noise = (2.0 / 2 + 0.25**2 * 1.0) / 200**2
    noise = math.sqrt(PRICE_NOISE + 1_400**2 * change_noise) / 0.5
    assert found.noise_se == pytest.approx(noise)
    sampling = math.sqrt(100**2 / 200 + 1_400**2 * 0.49 / 200) / 0.5
    assert found.sampling_se == pytest.approx(sampling, rel=1e-4)


def test_the_spread_of_a_mean_change_is_that_of_the_gain_where_it_is_measured() -> None:
    found = of_round(priced(), changed(), gained())["euro_per_point"]
    sampling = math.sqrt(100**2 / 200 + 1_400**2 * 0.25 / 200) / 0.5
    assert found.sampling_se == pytest.approx(sampling, rel=1e-4)


@pytest.mark.parametrize("other", [{"horizon": "6m"}, {"population": "completed"}])
def test_the_gain_of_others_or_of_another_moment_says_nothing(other: dict[str, Any]) -> None:
    alone = of_round(priced(), changed())["euro_per_point"]
    assert of_round(priced(), changed(), gained(**other))["euro_per_point"] == alone


def test_outcomes_without_a_gain_say_nothing() -> None:
    there = gained()
    two = OUTCOMES.model_copy(update={"variables": ("improved", "mood", "durable")})
    without = replace(there, statistic=there.statistic.model_copy(update={"measure": two}))
    alone = of_round(priced(), changed())["euro_per_point"]
    assert of_round(priced(), changed(), without)["euro_per_point"] == alone


@pytest.mark.parametrize("other", [{"horizon": "6m"}, {"population": "completed"}])
def test_results_of_others_or_at_another_moment_have_no_cost(other: dict[str, Any]) -> None:
    assert of_round(priced(), matched(**other), changed(**other)) == {}


def test_what_does_not_fit_hides_no_result_after_it() -> None:
    alone = of_round(priced(), changed())
    assert of_round(priced(), matched(horizon="6m"), changed()) == alone


def test_without_any_spread_a_cost_has_no_sampling_error() -> None:
    """Everybody paid 700 euro and all were matched."""
    still = replace(priced(), roles={**priced().roles, "square": adjusted([[[2e6]]], 0.0),
                                     "sum": adjusted([[[20_000.0]]], 0.0),
                                     "answered": adjusted([[[200.0, 50.0]]], 0.0)})  # fmt: skip
    all_matched = replace(matched(), roles={"outcome": adjusted([[[200.0, 0.0, 40.0]]], 4.0)})
    found = of_round(still, all_matched)["euro_per_match"]
    assert (found.estimate, found.sampling_se) == (700, 0)


def test_only_a_durable_match_and_a_change_have_a_cost() -> None:
    roles = matched().roles
    completed = tables_of(Share(outcome="completed"), roles, name="completed")
    assert of_round(priced(), completed, gained()) == {}
    assert of_round(matched(), changed()) == {}


def test_both_costs_of_a_round_stand_in_the_order_of_its_asks() -> None:
    assert list(of_round(priced(), matched(), changed())) == ["euro_per_match", "euro_per_point"]


def test_a_result_that_drowns_has_no_cost() -> None:
    """A tenth of a point with a noise of a tenth; nobody who is known to be matched."""
    drowned = changed()
    loud = replace(drowned.roles["sum"], variance=drowned.roles["sum"].variance * 5_000)
    found = of_round(priced(), replace(drowned, roles={**drowned.roles, "sum": loud}))
    assert (found["euro_per_point"].estimate, found["euro_per_point"].band) == (None, "F")
    nobody = replace(matched(), roles={"outcome": adjusted([[[1.0, 1.0, 0.0]]], 1.0)})
    found = of_round(priced(), nobody)
    assert (found["euro_per_match"].estimate, found["euro_per_match"].n) == (None, 200)


def test_a_result_that_is_clear_of_noise_but_not_of_sampling_has_no_cost() -> None:
    """Three matches in 200: 0.015 with a sampling error of 0.0086."""
    few = replace(matched(), roles={"outcome": adjusted([[[3.0, 197.0, 40.0]]], 0.01)})
    assert of_round(priced(), few)["euro_per_match"].estimate is None
