"""True sums pass, and what cannot be true is found with its view, its cell and by how much."""

from fractions import Fraction

import numpy as np
import pytest
from encode_people import crowd, declared, programme_of
from numpy.typing import NDArray

from privacy.encode.layout import MOST_PEOPLE, Block, Layout, make_layout
from privacy.encode.vector import encode
from privacy.noise.polya import Polya
from privacy.noise.skellam import Skellam
from privacy.plausible.checks import Region, findings
from privacy.plausible.tail import Tail
from schemas.measures import Count, Mean, Share
from schemas.programme import Programme
from schemas.record import DIMENSIONS
from schemas.release import Finding
from schemas.statistic import View

VIEWS: tuple[View, ...] = ((), ("gender",), ("nuts2",), ("nuts1", "gender"))
PROGRAMME = programme_of(
    (declared("counted", Count(), views=VIEWS), 40_000),
    (declared("matched", Share(outcome="durable_match"), views=VIEWS), 40_000),
    (
        declared(
            "felt",
            Mean(value="level", variables=DIMENSIONS[:2], centres=(3000, 3000),
                 lower=-2000, upper=2000, norm=2500),
            views=VIEWS,
        ),
        90_000,
    ),
)  # fmt: skip
CENTRES, HONEST = 10, 8
REGION = Region(CENTRES, 1)

Whole = NDArray[np.int64]


@pytest.fixture(scope="module")
def layout() -> Layout:
    return make_layout(PROGRAMME, tuple(ask.key for ask in PROGRAMME.asks))


def noisy(layout: Layout, programme: Programme, seed: int) -> Whole:
    random = np.random.default_rng(seed).bytes
    noise = layout.noise(HONEST)
    exact = encode(crowd(1_500, seed), layout, programme)
    return exact + sum(noise.share(layout.length, random) for _ in range(CENTRES))


@pytest.fixture(scope="module")
def total(layout: Layout) -> Whole:
    return noisy(layout, PROGRAMME, 3)


def found(total: Whole, layout: Layout, region: Region = REGION) -> dict[str, Finding]:
    return {f"{one.kind} {one.statistic}": one for one in findings(total, layout, region, HONEST)}


def block(layout: Layout, statistic: str, role: str, view: View) -> Block:
    return next(
        one for one in layout.blocks
        if (one.ask.statistic, one.part.role, one.part.view) == (statistic, role, view)
    )  # fmt: skip


def lied(total: Whole, where: Block, entry: int, by: float) -> Whole:
    other = total.copy()
    other[where.start + entry] += round(by * where.multiplier)
    return other


@pytest.mark.parametrize("seed", range(4))
def test_a_true_sum_passes(layout: Layout, seed: int) -> None:
    assert findings(noisy(layout, PROGRAMME, seed), layout, REGION, HONEST) == ()


def test_a_count_put_up_in_one_view_contradicts_the_others(layout: Layout, total: Whole) -> None:
    wrong = lied(total, block(layout, "counted", "count", ("gender",)), 1, 24_790)
    one = found(wrong, layout)["contradiction counted@12m"]
    assert {one.view, one.other} >= {("gender",)}
    assert abs(abs(one.stated - one.expected) - 24_790) < one.allowed
    assert one.allowed < 1_000


def test_a_contradiction_names_the_cell_that_both_views_add_up_to(
    layout: Layout, total: Whole
) -> None:
    wrong = lied(total, block(layout, "counted", "count", ("nuts1", "gender")), 0, 5_000)
    pairs = [one for one in findings(wrong, layout, REGION, HONEST) if one.kind == "contradiction"]
    cells = {(one.view, one.other): one.cell for one in pairs}
    assert cells[("nuts2",), ("nuts1", "gender")] == (("nuts1", "BE1"),)
    assert cells[("gender",), ("nuts1", "gender")] == (("gender", "f"),)
    assert cells[(), ("nuts1", "gender")] == ()


def test_fewer_than_none_beyond_the_noise_is_found(layout: Layout, total: Whole) -> None:
    wrong = lied(total, block(layout, "matched", "outcome", ("nuts2",)), 1, -3_000)
    assert found(wrong, layout)["negative matched@12m"].view == ("nuts2",)


def test_a_mean_beyond_its_range_is_found(layout: Layout, total: Whole) -> None:
    """1,500 people who each add at most 2 points cannot add 20,000."""
    wrong = total.copy()
    for one in layout.blocks:
        if (one.ask.statistic, one.part.role) == ("felt", "sum"):
            wrong[one.start] += 20_000 * one.multiplier
    one = found(wrong, layout)["out-of-range felt@12m"]
    assert one.stated > 18_000
    assert one.expected < 4_000


def test_more_people_than_the_centres_can_count_are_found(layout: Layout, total: Whole) -> None:
    most = CENTRES * MOST_PEOPLE
    wrong = total.copy()
    for one in layout.blocks:
        if one.ask.statistic == "counted":
            wrong[one.start] += (most + 5_000) * one.multiplier
    assert set(found(wrong, layout)) == {"too-many counted@12m"}
    assert found(wrong, layout)["too-many counted@12m"].expected == most


@pytest.mark.heavy
def test_a_lie_that_fits_every_view_passes(layout: Layout, total: Whole) -> None:
    """What is not promised: clients who were made up and stand in every table alike."""
    made_up = encode(crowd(4_000, 9), layout, PROGRAMME)
    assert findings(total + made_up, layout, REGION, HONEST) == ()


@pytest.mark.heavy
@pytest.mark.parametrize(
    "noise", [Skellam(1_024, 1), Skellam(2**32, 1), Polya(Fraction(1, 10), Fraction(4), 1)]
)
def test_noise_passes_its_reach_as_rarely_as_is_said(noise: Skellam | Polya) -> None:
    """Once in a million: never in 400,000 draws, and not because the bound is idle."""
    length = 400_000
    drawn = noise.share(length, np.random.default_rng(1).bytes)
    one = Tail(noise, 1, 1)
    least = one.of([(1, 1.0)])
    assert np.abs(drawn).max() < least
    assert least < 14 * float(drawn.std())


@pytest.mark.parametrize("noise", [Skellam(2**20, 1), Polya(Fraction(1, 10), Fraction(4), 1)])
def test_the_reach_of_many_entries_grows_as_their_root(noise: Skellam | Polya) -> None:
    one = Tail(noise, 1, 1_000)
    assert one.of([(100, 1.0)]) < 10.5 * one.of([(1, 1.0)])
    assert one.of([(100, 1.0)]) > 3 * one.of([(1, 1.0)])
    assert one.of([(1, 0.01)]) == pytest.approx(one.of([(1, 1.0)]) / 100)
