"""Errors foretold from the layout alone, and figures in their order: small rounds by hand."""

import math

import numpy as np
import pytest
from encode_people import declared, programme_of
from foretold_widths import half_width_of_share

from privacy.encode.layout import Layout, make_layout
from privacy.estimate.figures import estimate
from privacy.estimate.forecast import predict
from privacy.estimate.margins import margins
from privacy.inference.reach import Z95
from schemas.measures import Count, Mean, Share

VIEWS = ((), ("gender",))
FELT = Mean(value="level", variables=("meaning",), centres=(3_000,), lower=-2_000, upper=2_000,
            norm=2_000)  # fmt: skip


def laid_out() -> Layout:
    programme = programme_of(
        (declared("counted", Count(), views=VIEWS), 9_000),
        (declared("matched", Share(outcome="durable_match"), views=((),)), 9_000),
        (declared("felt", FELT, views=((),)), 4_000_000),
    )
    return make_layout(programme, ["counted@12m", "matched@12m", "felt@12m"])


def test_every_table_has_its_expected_noise() -> None:
    """10 centres of which 8 are honest: a quarter more than the declared variance."""
    layout = laid_out()
    found = predict(layout, contributors=10, honest=8)
    assert [(e.ask.key, e.role, e.view) for e in found] == [
        ("counted@12m", "count", ()), ("counted@12m", "count", ("gender",)),
        ("matched@12m", "outcome", ()), ("felt@12m", "sum", ()), ("felt@12m", "people", ()),
        ("felt@12m", "known", ()), ("felt@12m", "square", ()),
    ]  # fmt: skip
    by_role = {e.role: e for e in found}
    for block in layout.blocks[2:]:
        noise = math.sqrt(1.25 * layout.noise_variance) / block.multiplier
        assert by_role[block.part.role].noise_se == pytest.approx([noise])
        assert by_role[block.part.role].worst == pytest.approx(noise)


def test_tables_measured_together_have_the_noise_that_adjusting_leaves() -> None:
    layout = laid_out()
    national, by_gender = layout.blocks[:2]
    weights = (1.0, (by_gender.multiplier / national.multiplier) ** 2)
    unit = layout.noise_variance / national.multiplier**2
    wanted = np.sqrt(unit * margins(VIEWS, weights).variance)
    found = predict(layout, contributors=8, honest=8)
    assert found[0].noise_se == pytest.approx(wanted[:1])
    assert found[1].noise_se == pytest.approx(wanted[1:])
    assert len(found[1].noise_se) == 4


def test_each_of_many_views_has_its_own_cells() -> None:
    views = ((), ("gender",), ("age_band",), ("gender", "age_band"))
    programme = programme_of((declared("counted", Count(), views=views), 9_000))
    layout = make_layout(programme, ["counted@12m"])
    found = predict(layout, contributors=8, honest=8)
    first = layout.blocks[0].multiplier
    weights = tuple((block.multiplier / first) ** 2 for block in layout.blocks)
    wanted = np.sqrt(layout.noise_variance / first**2 * margins(views, weights).variance)
    assert [len(one.noise_se) for one in found] == [1, 4, 6, 24]
    assert np.concatenate([one.noise_se for one in found]) == pytest.approx(wanted)


def total_of(layout: Layout) -> np.ndarray:
    """200 people of whom 120 answered, 90 with a match, 60 points beyond the centre in all."""
    lanes = {"count": [200], "outcome": [90, 30, 80], "sum": [60], "people": [200],
             "known": [120 - 80], "square": [150]}  # fmt: skip
    total = np.zeros(layout.length, dtype=np.int64)
    for block in layout.blocks:
        first = slice(block.start, block.start + block.part.lanes)
        total[first] = np.array(lanes[block.part.role]) * block.multiplier
    return total


def test_figures_come_ask_by_ask_with_the_noise_of_all_centres() -> None:
    layout = laid_out()
    found = estimate(total_of(layout), layout, contributors=10, honest=8)
    assert [(f.statistic, f.measure) for f in found] == [
        *[("counted@12m", "count")] * 5,
        ("matched@12m", "share"), ("matched@12m", "answered"),
        ("felt@12m", "mean"), ("felt@12m", "answered"), ("felt@12m", "sd"),
    ]  # fmt: skip
    assert [f.estimate for f in found[:2]] == pytest.approx([200, 200])
    share, mean, spread = found[5], found[7], found[9]
    assert (share.estimate, mean.estimate) == (0.75, 3.5)
    assert spread.estimate == pytest.approx(1)
    foretold = {e.role: e.worst for e in predict(layout, contributors=10, honest=8)}
    assert share.noise_se == pytest.approx(foretold["outcome"] * math.hypot(0.75, 0.25) / 120)
    noise = math.hypot(foretold["sum"], 0.25 * foretold["people"], 0.25 * foretold["known"]) / 120
    assert mean.noise_se == pytest.approx(noise)
    width = half_width_of_share(
        next(e for e in predict(layout, contributors=10, honest=8) if e.role == "outcome"),
        people=120, share=0.75,
    )  # fmt: skip
    assert (share.hi or 0) - (share.lo or 0) == pytest.approx(2 * width, rel=1e-4)
    assert pytest.approx(1.96, abs=1e-4) == Z95


def test_figures_of_several_asks_follow_at_the_end() -> None:
    price = Mean(value="public_price", variables=("public",), centres=(600_000,), lower=-600_000,
                 upper=400_000, norm=600_000, scale=100_000)  # fmt: skip
    programme = programme_of(
        (declared("priced", price, views=((),), unit="euro"), 20_000),
        (declared("matched", Share(outcome="durable_match"), views=((),)), 9_000),
    )
    layout = make_layout(programme, ["priced@12m", "matched@12m"])
    found = estimate(total_of(layout), layout, contributors=8, honest=8)
    assert (found[-1].measure, found[-1].variable) == ("ratio", "euro_per_match")
    # 600 euro and half of 100, over three in four.
    assert found[-1].estimate == pytest.approx(650 / 0.75)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_sum_of_another_length_is_refused(off: int) -> None:
    layout = laid_out()
    with pytest.raises(ValueError, match=r"^the sum is not as long as the layout$"):
        estimate(np.zeros(layout.length + off, dtype=np.int64), layout, contributors=8, honest=8)
    with pytest.raises(ValueError, match="as long as the layout"):
        estimate(np.zeros((layout.length, 1), dtype=np.int64), layout, contributors=8, honest=8)


@pytest.mark.parametrize(("contributors", "honest"), [(5, 6), (6, 0), (0, 0)])
def test_fewer_centres_than_honest_shares_are_refused(contributors: int, honest: int) -> None:
    layout = laid_out()
    total = np.zeros(layout.length, dtype=np.int64)
    with pytest.raises(ValueError, match=r"^a sum holds at least as many centres"):
        estimate(total, layout, contributors=contributors, honest=honest)
    assert estimate(total, layout, contributors=1, honest=1)
