import contextlib
from fractions import Fraction
from hashlib import sha256

import pytest
from encode_people import declared, programme_of
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from privacy.encode.layout import Layout, make_layout
from privacy.noise.skellam import Skellam
from schemas.catalogue.default import BUDGET, programme_of_year
from schemas.measures import Count, Mean, Share
from schemas.programme import Programme
from schemas.statistic import Statistic
from schemas.units import UnixSeconds

COUNT = declared("counted", Count())
SHARE = declared("shared", Share(outcome="durable_match"))


def mean(**fields: object) -> Mean:
    return Mean.model_validate(
        {
            "variables": ("meaning", "balance"), "value": "level", "centres": (3000, 3000),
            "lower": -2000, "upper": 2000, "norm": 2500, **fields,
        }
    )  # fmt: skip


MEAN = declared("averaged", mean())


def year() -> Programme:
    return programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))


def of_year(*keys: str) -> Layout:
    programme = year()
    return make_layout(programme, keys or [ask.key for ask in programme.asks])


def laid_out(programme: Programme, keys: list[str]) -> Layout | None:
    """The layout, unless a price is too low for this much noise."""
    with contextlib.suppress(ValueError):
        return make_layout(programme, keys)
    return None


def test_blocks_follow_each_other_without_gaps() -> None:
    layout = of_year()
    end = 0
    for block in layout.blocks:
        assert block.start == end
        end += block.size
    assert layout.length == end


def test_trajectories_have_a_cell_for_every_place_and_sector() -> None:
    layout = of_year("trajectories@start")
    assert [block.cells for block in layout.blocks] == [1, 23, 4, 92, 12, 276, 45, 1035]
    assert layout.length == 1_488


def test_the_default_year_is_within_epsilon_three() -> None:
    layout = of_year()
    assert layout.cost <= layout.declared == 184_000 <= BUDGET == 185_055


def test_hardly_anything_of_a_price_is_lost() -> None:
    layout = of_year()
    assert layout.cost > 0.999 * layout.declared


@given(
    prices=st.tuples(*[st.integers(20_000, 3_000_000)] * 3),
    mu=st.integers(1_024, 2**48),
    beyond=st.integers(1, 2_000),
    aim=st.sampled_from(["mean", "share", "spread"]),
    norm=st.integers(1, 9_000),
)
def test_a_vector_never_costs_more_than_its_declared_prices(
    prices: tuple[int, int, int], mu: int, beyond: int, aim: str, norm: int
) -> None:
    averaged = declared("averaged", mean(norm=norm, beyond=beyond, aim=aim))
    statistics = (COUNT, SHARE, averaged)
    programme = programme_of(*zip(statistics, prices, strict=True), noise_variance=mu)
    together = [ask.key for ask in programme.asks]
    layouts = [laid_out(programme, keys) for keys in (*([key] for key in together), together)]
    for layout in filter(None, layouts):
        assert layout.cost <= layout.declared == sum(ask.price for ask in layout.asks)
        assert layout.cost == Skellam(mu, 7).cost(layout.moved)


@given(price=st.integers(500, 1_000_000), mu=st.integers(2**16, 2**40))
@settings(max_examples=settings().max_examples // 2)
def test_a_multiplier_is_the_largest_that_its_price_pays(price: int, mu: int) -> None:
    layout = make_layout(programme_of((COUNT, price), noise_variance=mu), ["counted@12m"])
    part, m = layout.blocks[0].part, layout.blocks[0].multiplier
    share = Fraction(price, 1_000_000) * COUNT.share_of(part.view)

    def rho(multiplier: int) -> Fraction:
        d2_squared = part.unit_d2_squared * multiplier**2
        return d2_squared / (2 * mu) * (1 + Fraction(1, mu)) + Fraction(3 * multiplier, 4 * mu**2)

    assert rho(m) <= share < rho(m + 1)


@pytest.mark.parametrize(
    ("price", "multiplier"),
    [(2_000_000, 63), (2_001_998, 63), (2_001_999, 64), (490, 1)],
)
def test_a_multiplier_is_what_its_price_pays_to_the_last_micro_rho(
    price: int, multiplier: int
) -> None:
    """At variance 1,024 the cost is m^2 / 2048 x 1025 / 1024 + 3 m / 2^22.

    64 costs 2 x 1025 / 1024 + 192 / 2^22, which is 2.0019989 and not the 2 of Gaussian noise;
    1 costs 0.00048947.
    """
    alone = declared("counted", Count(), views=((),))
    layout = make_layout(programme_of((alone, price), noise_variance=1_024), ["counted@12m"])
    assert layout.blocks[0].multiplier == multiplier


def test_a_price_of_nearly_one_step_pays_for_none() -> None:
    alone = declared("counted", Count(), views=((),))
    with pytest.raises(ValueError, match="counted@12m: the price is too low"):
        make_layout(programme_of((alone, 489), noise_variance=1_024), ["counted@12m"])


def test_the_national_total_pays_a_quarter_of_what_another_table_pays() -> None:
    shares = {view: COUNT.share_of(view) for view in COUNT.views}
    assert sum(shares.values()) == 1
    assert {shares[()] / share for view, share in shares.items() if view} <= {Fraction(1, 4)}


def test_a_mean_pays_for_sums_counts_and_squares_by_what_it_is_for() -> None:
    """Rows of 2.5 at most, a sixth of 2 beyond the centre: counts take part in the ratio of
    (1 + sqrt 2) / 6 to 2.5 in 98%, everybody and who has each in that of 1 to sqrt 2."""
    layout = make_layout(programme_of((MEAN, 20_000)), ["averaged@12m"])
    paid = dict.fromkeys(("sum", "people", "known", "square"), Fraction(0))
    for block in layout.blocks:
        paid[block.part.role] += block.part.unit_d2_squared * block.multiplier**2
    total = sum(paid.values())
    counts = 0.98 * 0.4024 / 2.9024
    wanted = [0.98 - counts, counts * 0.4142, counts * 0.5858, 0.02]
    assert [float(paid[r] / total) for r in paid] == pytest.approx(wanted, abs=2e-3)


def test_sensitivities_follow_from_the_declaration() -> None:
    layout = make_layout(programme_of((MEAN, 20_000)), ["averaged@12m"])
    by_role = {block.part.role: block.part for block in layout.blocks}
    assert by_role["sum"].unit_d2_squared == Fraction(25, 4)
    assert by_role["sum"].unit_d1 == 4  # two entries of at most 2
    assert by_role["square"].unit_d1 == Fraction(25, 4)
    assert by_role["square"].unit_d2_squared == 4 * Fraction(25, 4)
    assert by_role["people"].unit_d1 == by_role["people"].unit_d2_squared == 1
    assert by_role["known"].unit_d1 == by_role["known"].unit_d2_squared == 2
    by_hand = {
        "sum": lambda m: 4 * m + 2,  # and one step for each of two sums
        "square": lambda m: Fraction(25, 4) * m + 2,
        "people": lambda m: m,
        "known": lambda m: 2 * m,
    }
    assert layout.moved.d1 == sum(by_hand[b.part.role](b.multiplier) for b in layout.blocks)


def test_two_hundred_and_fifty_centres_cannot_wrap_around() -> None:
    layout = of_year()
    noise = 10 * (layout.noise_variance * 250 / 150) ** 0.5
    assert 250 * layout.bound(4) + noise < 2**63 / 1_000


def test_the_digest_changes_with_anything_that_a_sum_means() -> None:
    one = make_layout(programme_of((COUNT, 5_000)), ["counted@12m"])
    others = [
        make_layout(programme_of((COUNT, 5_001)), ["counted@12m"]),
        make_layout(programme_of((COUNT, 5_000), noise_variance=2**32 + 1), ["counted@12m"]),
        make_layout(
            programme_of((declared("counted", Count(), population="completed"), 5_000)),
            ["counted@12m"],
        ),
    ]
    again = make_layout(programme_of((COUNT, 5_000)), ["counted@12m"])
    assert one.digest() == again.digest()
    assert len({one.digest(), *(layout.digest() for layout in others)}) == 4


def test_the_bytes_of_a_digest_are_frozen() -> None:
    """Written out by hand: a release of today must be verified by the code of tomorrow."""
    counted = declared("counted", Count(), views=((), ("gender",)))
    layout = make_layout(programme_of((counted, 5_000)), ["counted@12m"])
    national, by_gender = (block.multiplier for block in layout.blocks)
    text = (
        f'[[["counted@12m",5000,"count",[],0,1,1,{national}],'
        f'["counted@12m",5000,"count",["gender"],1,4,1,{by_gender}]],'
        '[["gender",["f","m","x","unknown"]]],'
        f'["{counted.digest()}"],["skellam",4294967296,""]]'
    )
    assert layout.digest() == sha256(b"wegwijs/layout/1\n" + text.encode()).hexdigest()


def test_an_entry_is_bounded_by_the_most_people_of_all_cohorts() -> None:
    """5,000 people of each cohort, each one step of the multiplier; a mean up to 2 points."""
    counted = make_layout(programme_of((COUNT, 5_000)), ["counted@12m"])
    assert counted.bound(3) == 15_000 * max(block.multiplier for block in counted.blocks)
    both = make_layout(
        programme_of((COUNT, 5_000), (MEAN, 20_000)), ["counted@12m", "averaged@12m"]
    )
    assert both.bound(1) == 5_000 * max(block.most for block in both.blocks)
    sums = next(block for block in both.blocks if block.part.role == "sum")
    assert sums.most == 2 * sums.multiplier


def test_order_of_asks_is_part_of_the_layout() -> None:
    there, back = ("durable_match@6m", "sector_flows@12m"), ("sector_flows@12m", "durable_match@6m")
    assert of_year(*there).digest() != of_year(*back).digest()


@pytest.mark.parametrize("keys", [[], ["counted@12m", "counted@12m"]])
def test_a_round_asks_something_and_nothing_twice(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="nothing twice"):
        make_layout(programme_of((COUNT, 5_000)), keys)


def test_an_ask_outside_the_programme_is_refused() -> None:
    with pytest.raises(KeyError):
        make_layout(programme_of((COUNT, 5_000)), ["counted@6m"])


def test_a_price_too_low_for_the_noise_is_refused() -> None:
    with pytest.raises(ValueError, match="too low"):
        make_layout(programme_of((COUNT, 1), noise_variance=1_024), ["counted@12m"])


def test_noise_beyond_sixty_four_bits_is_refused() -> None:
    most = programme_of((COUNT, 5_000), noise_variance=2**48)
    assert make_layout(most, ["counted@12m"]).noise_variance == 2**48
    with pytest.raises(ValueError, match="64-bit"):
        make_layout(programme_of((COUNT, 5_000), noise_variance=2**48 + 1), ["counted@12m"])


@pytest.mark.parametrize(
    "fields",
    [
        {"views": ((), ("gender",), ("gender",))},
        {"views": ((), ("nuts1", "nuts3"))},
        {"views": ((), ("gender", "gender"))},
        {"measure": Share(outcome="durable_match"), "horizons": ("end",)},
        {"population": "in_work_both", "horizons": ("start",)},
        {"measure": mean(value="change"), "horizons": ("intake", "end")},
        {"measure": mean(), "horizons": ("start",)},
    ],
)
def test_a_declaration_that_no_record_can_answer_is_refused(fields: dict[str, object]) -> None:
    raw = {**dict(COUNT), **fields}
    with pytest.raises(ValidationError):
        Statistic(**raw)
