"""The split of a price, against the least error that any split or trusted curator could have."""

import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from encode_people import declared, programme_of

from privacy.encode.layout import make_layout
from privacy.estimate.figures import estimate
from privacy.measures.mean import parts
from privacy.measures.split import uses_of
from schemas.measures import Aim, Mean
from schemas.record import DIMENSIONS

PEOPLE, PRICE, NATIONAL = 20_000, 50_000, ((),)


def asked(aim: Aim, count: int = 1, *, flags: bool = False, **fields: object) -> Mean:
    reach = 500 if flags else 2_000
    return Mean.model_validate(
        {
            "value": "improved" if flags else "change", "variables": DIMENSIONS[:count],
            "centres": (500 if flags else 0,) * count, "lower": -reach, "upper": reach,
            "norm": min(3_000, math.ceil(reach * math.sqrt(count))), "aim": aim, **fields,
        }
    )  # fmt: skip


def errors(measure: Mean, beyond: float, sd: float) -> dict[str, float]:
    """The noise SE of the first variable's mean and deviation, from an exact sum of a round in
    which 16 of 20 centres are counted on as honest."""
    statistic = declared("asked", measure, views=NATIONAL)
    programme = programme_of((statistic, PRICE))
    layout = make_layout(programme, ["asked@12m"])
    real = {"sum": beyond, "people": 1.0, "known": 1.0, "square": beyond**2 + sd**2}
    total = np.concatenate([
        np.full(block.size, round(PEOPLE * real[block.part.role] * block.multiplier))
        for block in layout.blocks
    ])  # fmt: skip
    found = estimate(total, layout, contributors=20, honest=16)
    first = [f for f in found if f.variable in ("", measure.variables[0])]
    return {f.measure: f.noise_se or math.inf for f in first}


def curator(weights: list[float]) -> float:
    """The least SE from a Gaussian of the same rho on numbers that move a figure by weight x
    sensitivity: (sum of those)^2 / 2 rho, by Cauchy and Schwarz."""
    return sum(weights) / math.sqrt(2 * PRICE / 1e6) / PEOPLE


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.5, 0.8, 0.9, 0.95])
def test_a_share_is_within_a_fifth_of_a_curators_one_hot_table(share: float) -> None:
    """Yes and no with D2 = 1: (1 - p) yes - p no. Colluders' noise alone is a factor of 1.118."""
    found = errors(asked("share", flags=True), share - 0.5, 0.0)["mean"]
    one_hot = math.hypot(share, 1 - share) / math.sqrt(2 * PRICE / 1e6) / PEOPLE
    assert found < 1.2 * one_hot


@pytest.mark.parametrize("share", [0.1, 0.85, 0.9, 0.95])
def test_a_share_near_an_end_is_within_a_fifth_of_the_best_split(share: float) -> None:
    found = errors(asked("share", flags=True), share - 0.5, 0.0)["mean"]
    assert found < 1.2 * curator([0.5, abs(share - 0.5)])


@pytest.mark.parametrize(
    ("sd", "times"), [(0.4, 1.25), (0.55, 1.2), (0.6, 1.2), (0.7, 1.2), (0.9, 1.25)]
)
@pytest.mark.parametrize("beyond", [0.0, 0.15, 0.25])
def test_a_deviation_is_within_a_fifth_of_the_best_split_and_a_quarter_where_it_is_odd(
    beyond: float, sd: float, times: float
) -> None:
    """V = q - r^2: squares up to 4, sums up to 2 with slope 2 r, a count with |r^2 - sd^2|."""
    found = errors(asked("spread"), beyond, sd)["sd"]
    best = curator([4.0, 2 * beyond * 2, abs(beyond**2 - sd**2)]) / (2 * sd)
    assert found < times * best


def test_a_deviation_far_from_its_centre_is_foretold_by_the_declaration() -> None:
    found = errors(asked("spread", beyond=800), 0.8, 0.7)["sd"]
    assert found < 1.2 * curator([4.0, 2 * 0.8 * 2, abs(0.8**2 - 0.7**2)]) / (2 * 0.7)


def test_a_deviation_of_an_ask_for_means_costs_several_times_as_much() -> None:
    assert errors(asked("mean"), 0.25, 0.7)["sd"] > 3 * errors(asked("spread"), 0.25, 0.7)["sd"]


@pytest.mark.parametrize("count", [1, 3, 6])
@pytest.mark.parametrize("beyond", [0.2, 0.3, 0.5])
def test_means_are_within_a_fifth_of_the_best_split(beyond: float, count: int) -> None:
    """A count for each of k variables that any person may have costs (1 + sqrt k) / 2."""
    found = errors(asked("mean", count), beyond, 0.7)["mean"]
    norm = min(3.0, 2 * math.sqrt(count))
    assert found < 1.2 * curator([norm, beyond * (1 + math.sqrt(count)) / 2])


@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_no_gaussian_gives_counts_by_variable_much_less_noise(count: int) -> None:
    """Covariances of the form v I + w J, of which one is best by symmetry: the least v + w such
    that nobody, with any number of variables, is worth more than the price. By search."""
    have = np.arange(count + 1)
    best = math.inf
    for v, w in product(np.linspace(0.05, 4, 300), np.linspace(0, 3, 200)):
        worth = have / v - w * have**2 / (v * (v + count * w))
        if worth.max() <= 1:
            best = min(best, v + w)
    made = {p.role: p for p in parts(declared("asked", asked("mean", count), views=NATIONAL))}
    price = made["people"].rho_share + made["known"].rho_share
    everybody, known = (float(made[r].rho_share / price) for r in ("people", "known"))
    ours = (1 / everybody + count / known) / 4
    assert 0.97 * best < ours < 1.1 * best


def test_what_a_price_is_spent_on_adds_up() -> None:
    for measure in (asked("mean", 6), asked("spread"), asked("share", flags=True)):
        uses = uses_of(parts(declared("asked", measure, views=NATIONAL)))
        assert sum(uses.values()) == Fraction(1)
        assert list(uses.values()) == sorted(uses.values(), reverse=True)
    assert "squares" not in uses
