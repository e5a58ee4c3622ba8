"""Alpha and item-rest correlations from moments: what numpy gives, and both errors."""

import math

import numpy as np
import pytest
from ask_tables import adjusted, by_name, tables_of
from numpy.typing import NDArray

from privacy.inference.reach import Z95
from privacy.measures.kinds import MEASURES
from privacy.measures.reliability import pairs
from schemas.measures import Reliability
from schemas.release import Figure

Floats = NDArray[np.float64]
MEASURE = Reliability(questionnaire="werkgeluk-1", variables=("meaning", "balance"), items=3)
PEOPLE = 300


def drawn(seed: int) -> Floats:
    """Items that share something, each in its own measure."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(0, 0.4, (PEOPLE, 1))
    return np.asarray(shared * [1.0, 0.7, 1.2] + rng.normal(0, [0.3, 0.4, 0.5], (PEOPLE, 3)) + 0.1)


def packed(items: Floats) -> Floats:
    """Items and products, the constant first."""
    rows = np.column_stack([np.ones(len(items)), items])
    first, second = np.array(pairs(3)).T
    return np.asarray((rows[:, first] * rows[:, second]).sum(axis=0))


def figures(variance: float, *lanes: Floats, n: float = PEOPLE) -> dict[str, Figure]:
    """Of two dimensions, the second of which repeats the first unless it is given."""
    both = lanes if len(lanes) == 2 else (lanes[0], lanes[0])
    table = adjusted([[[n, *both[0], n, *both[1]]]], variance)
    found = by_name(MEASURES["reliability"].figures(tables_of(MEASURE, {"moment": table})))
    assert list(found) == [
        *(("item_rest" if "." in name else "alpha", name, ())
          for d in ("meaning", "balance") for name in (d, f"{d}.1", f"{d}.2", f"{d}.3")),
        ("answered", "meaning", ()), ("answered", "balance", ()),
    ]  # fmt: skip
    return {
        "answered" if measure == "answered" else variable: figure
        for (measure, variable, _), figure in found.items()
    }


def covariance(lanes: Floats, n: float) -> Floats:
    matrix = np.zeros((3, 3))
    matrix[np.triu_indices(3)] = lanes[3:] / n
    matrix += np.triu(matrix, 1).T
    return matrix - np.outer(lanes[:3], lanes[:3]) / n**2


def numbers(everything: Floats) -> Floats:
    """Alpha and the three correlations by their definitions, from n and nine moments."""
    matrix = covariance(everything[1:], everything[0])
    found = [1.5 * (1 - np.trace(matrix) / matrix.sum())]
    for k in range(3):
        rest = [j for j in range(3) if j != k]
        joint, others = matrix[k, rest].sum(), matrix[np.ix_(rest, rest)].sum()
        found.append(joint / math.sqrt(matrix[k, k] * others))
    return np.array(found)


def test_without_noise_it_is_what_numpy_says() -> None:
    first, second = drawn(1), drawn(2) * [1.0, -1.0, 1.0]
    found = figures(1e-10, packed(first), packed(second))
    for dimension, items in (("meaning", first), ("balance", second)):
        total = items.sum(axis=1)
        alpha = 1.5 * (1 - items.var(axis=0).sum() / total.var())
        assert found[dimension].estimate == pytest.approx(alpha)
        for k in range(3):
            wanted = np.corrcoef(items[:, k], total - items[:, k])[0, 1]
            assert found[f"{dimension}.{k + 1}"].estimate == pytest.approx(wanted)
            assert found[f"{dimension}.{k + 1}"].n == PEOPLE
            assert found[f"{dimension}.{k + 1}"].response is None


def test_noise_errors_are_those_of_the_delta_method() -> None:
    lanes = packed(drawn(1))
    found, everything = figures(0.04, lanes), np.array([PEOPLE, *lanes])
    moves = 1e-3 * np.eye(10)
    slopes = np.array(
        [(numbers(everything + m) - numbers(everything - m)) / 2e-3 for m in moves]
    )  # fmt: skip
    errors = 0.2 * np.sqrt((slopes**2).sum(axis=0))
    for name, wanted in zip(("meaning", *(f"meaning.{k}" for k in (1, 2, 3))), errors, strict=True):
        assert found[name].noise_se == pytest.approx(wanted, rel=1e-4)
        hi = (found[name].estimate or 0) + Z95 * wanted
        assert found[name].noise_hi == pytest.approx(hi, rel=1e-4)
    assert found["answered"].noise_se == pytest.approx(0.2)


def test_sampling_errors_are_those_of_normal_items() -> None:
    """2 tr(G S G S) / n with G the slopes of alpha in S; 1 - r^2 over sqrt n."""
    lanes = packed(drawn(1))
    found, s = figures(1e-10, lanes), covariance(lanes, PEOPLE)
    total = s.sum()
    g = -1.5 * (np.eye(3) / total - np.trace(s) * np.ones((3, 3)) / total**2)
    alpha = math.sqrt(2 * np.trace(g @ s @ g @ s) / PEOPLE)
    assert found["meaning"].sampling_se == pytest.approx(alpha, rel=1e-5)
    r = found["meaning.2"].estimate or 0
    assert found["meaning.2"].sampling_se == pytest.approx((1 - r * r) / math.sqrt(PEOPLE))


def test_alpha_of_items_that_are_alike_has_a_known_error() -> None:
    """Correlations of a half: alpha 3/4 and SE sqrt(2 k / (k - 1)) (1 - alpha) / sqrt n."""
    n = 100.0
    found = figures(1e-10, n * np.array([0, 0, 0, 1, 0.5, 0.5, 1, 0.5, 1]), n=n)["meaning"]
    assert found.estimate == pytest.approx(0.75)
    assert found.sampling_se == pytest.approx(math.sqrt(3) * 0.25 / 10)
    assert found.band == "D"  # 0.085 of a tenth


def test_resolution_follows_the_declaration() -> None:
    n = 100.0
    lanes = n * np.array([0, 0, 0, 1, 0.5, 0.5, 1, 0.5, 1])
    table = adjusted([[[n, *lanes, n, *lanes]]], 1e-10)
    found = list(
        MEASURES["reliability"].figures(tables_of(MEASURE, {"moment": table}, resolution=300))
    )
    assert found[0].band == "B"


def test_items_that_go_against_each_other_have_an_error_of_0_at_least() -> None:
    """Correlations near -1/2: the sum hardly varies, and alpha is not given."""
    n = 1_000.0
    found = figures(1.0, n * np.array([0, 0, 0, 1, -0.499, -0.499, 1, -0.499, 1]), n=n)
    assert (found["meaning"].estimate, found["meaning"].band, found["meaning"].n) == (None, "F", n)
    assert found["meaning.1"].estimate == pytest.approx(-0.998 / math.sqrt(1.002))


@pytest.mark.parametrize(("n", "given"), [(100.0, True), (39.0, False)])
def test_too_few_people_give_nothing(n: float, given: bool) -> None:
    """4 SE of 10 are 40 people; the moments themselves are clear."""
    lanes = 1e4 * np.array([0, 0, 0, 1, 0.5, 0.5, 1, 0.5, 1])
    found = figures(100.0, lanes, n=n)
    assert (found["meaning"].estimate is not None) == given
    assert found["answered"].estimate == n


def test_one_item_that_hardly_varies_takes_its_own_correlation_away_and_no_other() -> None:
    """By hand: alpha 1.5 (1 - 2.01 / 3.01); items 2 and 3 with rests of variance 1.01."""
    n = 300.0
    still = n * np.array([0, 0, 0, 0.01, 0.0, 0.0, 1, 0.5, 1])
    found = figures(16.0, still, packed(drawn(1)), n=n)
    assert found["meaning.1"].estimate is None
    assert found["meaning"].estimate == pytest.approx(1.5 * (1 - 2.01 / 3.01))
    assert found["meaning.2"].estimate == pytest.approx(0.5 / math.sqrt(1.01))
    assert found["meaning"].band != "F"
    assert found["balance"].estimate is not None


@pytest.mark.heavy
def test_alpha_beside_an_item_that_hardly_varies_holds_as_often_as_it_says() -> None:
    n, rng, held = 300.0, np.random.default_rng(4), []
    still = n * np.array([0, 0, 0, 0.01, 0.0, 0.0, 1, 0.5, 1])
    exact = 1.5 * (1 - 2.01 / 3.01)
    for _ in range(1_500):
        lanes, people = still + rng.normal(0, 6, 9), n + rng.normal(0, 6)
        found = figures(36.0, lanes, packed(drawn(1)), n=people)["meaning"]
        assert found.noise_lo is not None
        assert found.noise_hi is not None
        held.append(found.noise_lo <= exact <= found.noise_hi)
    assert 0.93 <= np.mean(held) <= 0.97
