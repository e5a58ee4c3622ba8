"""Weighting to all who were asked: the textbook estimator over made-up people, and its errors."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from ask_tables import adjusted, by_name, tables_of
from numpy.typing import NDArray

from privacy.inference.intervals import Ratio
from privacy.inference.published import Scale
from privacy.inference.reach import Z95
from privacy.measures.adjusted import AskTables
from privacy.measures.calibration import BASELINE, PAIRS, TERMS
from privacy.measures.kinds import MEASURES
from privacy.measures.weighting import weighted_means
from schemas.measures import Mean, Share
from schemas.release import Figure

Floats = NDArray[np.float64]
PEOPLE = 4_000
FIRST, SECOND = np.array(PAIRS).T
MEAN = Mean(value="level", variables=("meaning", "balance"), centres=(3_000, 3_000),
            lower=-2_000, upper=2_000, norm=2_500, calibrate=True)  # fmt: skip
AGES, MAN, LOW = slice(1, 4), TERMS.index("gender m"), TERMS.index("education low")


@dataclass
class Made:
    """Terms of everyone, who answered, and two outcomes that lean on the terms."""

    x: Floats = field(repr=False)
    there: Floats = field(repr=False)
    y: Floats = field(repr=False)

    def moments(self) -> Floats:
        """Margins, products and terms x outcome in one list, without noise."""
        own = self.x * self.there[:, None]
        cross = (own[:, :, None] * self.y[:, None, :]).sum(axis=0)
        products = (own[:, FIRST] * own[:, SECOND]).sum(axis=0)
        return np.concatenate([self.x.sum(axis=0), products, cross.ravel()])


def made(seed: int = 3, *, region: float = 0.1) -> Made:
    """Who is a man or of low education answers less; both lean on the outcome."""
    rng = np.random.default_rng(seed)
    x = np.zeros((PEOPLE, len(TERMS)))
    x[:, 0] = 1
    for terms, chances in (((1, 2, 3), (0.3, 0.2, 0.2)), ((4,), (0.4,)), ((5, 6), (0.3, 0.3)),
                           ((7, 8), (region, 0.2))):  # fmt: skip
        place = rng.choice(len(terms) + 1, PEOPLE, p=[*chances, 1 - sum(chances)])
        for k, term in enumerate(terms):
            x[:, term] = place == k
    x[:, BASELINE] = np.clip(rng.normal(0, 0.5, PEOPLE), -1, 1)
    pull = 0.8 - 0.9 * x[:, MAN] - 0.7 * x[:, LOW] + 0.5 * x[:, BASELINE]
    there = (rng.random(PEOPLE) < 1 / (1 + np.exp(-pull))).astype(np.float64)
    lean = np.column_stack([0.4 * x[:, MAN] - 0.5 * x[:, BASELINE], 0.3 * x[:, LOW] - 0.2])
    return Made(x, there, np.clip(lean + rng.normal(0, 0.4, (PEOPLE, 2)), -1.7, 1.7))


def greg(people: Made, kept: list[int]) -> Floats:
    """Mean of who answered, and (mean of x of all - that of who answered)' beta."""
    x, there = people.x[:, kept], people.there > 0
    beta, *_ = np.linalg.lstsq(x[there], people.y[there], rcond=None)
    return np.asarray(
        people.y[there].mean(axis=0) + (x.mean(axis=0) - x[there].mean(axis=0)) @ beta
    )


ALL = list(range(len(TERMS)))


def of_moments(lanes: Floats, outcomes: int, kept: list[int]) -> Floats:
    """The move of each mean, from margins, products and crosses alone."""
    t, p = len(TERMS), len(PAIRS)
    whole = np.zeros((t, t))
    whole[FIRST, SECOND] = whole[SECOND, FIRST] = lanes[t : t + p]
    for k in range(t):
        if (k, k) not in PAIRS:
            whole[k, k] = whole[0, k]
    whole = whole[np.ix_(kept, kept)]
    cross = lanes[t + p :].reshape(t, outcomes)[kept]
    apart = lanes[kept] / lanes[0] - whole[0] / whole[0, 0]
    return np.asarray(apart @ np.linalg.solve(whole, cross))


def mean_tables(people: Made, variance: float) -> AskTables:
    lanes, t, p = people.moments(), len(TERMS), len(PAIRS)
    answered = people.there.sum()
    roles = {
        "sum": adjusted([[list((people.y * people.there[:, None]).sum(axis=0))]], 9.0),
        "answered": adjusted([[[answered, PEOPLE - answered]]], 4.0),
        "margin": adjusted([[list(lanes[:t])]], variance),
        "moment": adjusted([[list(lanes[t : t + p])]], 2 * variance),
        "cross": adjusted([[list(lanes[t + p :])]], 3 * variance),
    }
    return tables_of(MEAN, roles)


SCALES = [Scale(3.0, 0.6, 0.25), Scale(3.5, 0.5, 0.25)]


def weighted(people: Made, variance: float = 1e-8) -> dict[str, Figure]:
    found = by_name(weighted_means(mean_tables(people, variance), SCALES))
    assert {(measure, cell) for measure, _, cell in found} == {("weighted", ())}
    return {variable: figure for (_, variable, _), figure in found.items()}


def test_without_noise_it_is_the_regression_estimator() -> None:
    people = made()
    found, wanted = weighted(people), greg(people, ALL)
    plain = people.y[people.there > 0].mean(axis=0)
    assert np.abs(wanted - plain).min() > 0.01  # there is something to weigh
    assert found["meaning"].estimate == pytest.approx(3.0 + wanted[0])
    assert found["balance"].estimate == pytest.approx(3.5 + wanted[1])
    answered = people.there.sum()
    assert (found["meaning"].n, found["meaning"].response) == (
        answered, pytest.approx(answered / PEOPLE),
    )  # fmt: skip


def slopes(function: Callable[[Floats], Floats], at: Floats) -> Floats:
    moves = 0.05 * np.eye(len(at))
    return np.array([(function(at + m) - function(at - m)) / 0.1 for m in moves])


def test_noise_is_that_of_the_figure_and_of_the_move() -> None:
    """By the delta method over all lanes, each role with its own variance."""
    people, variance = made(), 4.0
    lanes, t, p = people.moments(), len(TERMS), len(PAIRS)
    each = np.repeat(variance * np.array([1.0, 2.0, 3.0]), [t, p, 2 * t])
    moved = slopes(lambda at: of_moments(at, 2, ALL), lanes)
    move = np.sqrt((moved**2 * each[:, None]).sum(axis=0))
    found, answered = weighted(people, variance), people.there.sum()
    for lane, name in enumerate(("meaning", "balance")):
        top = float((people.y[:, lane] * people.there).sum())
        ratio = Ratio(top, answered, 9.0, 4.0)
        se = math.hypot(ratio.se or 0, move[lane])
        assert found[name].noise_se == pytest.approx(se, rel=1e-4)
        middle = found[name].estimate or 0
        assert found[name].noise_lo == pytest.approx(middle - Z95 * se, rel=1e-6)
        assert found[name].noise_hi == pytest.approx(middle + Z95 * se, rel=1e-6)


def test_sampling_is_of_what_is_left_and_of_what_is_explained() -> None:
    """(sd^2 - s^2) (1 + d'V^-1 d) / answered + s^2 / asked, with s^2 the spread of the fit."""
    people = made()
    x, there = people.x[:, 1:], people.there > 0
    answered = there.sum()
    found = weighted(people)
    within = np.cov(x[there].T, bias=True)
    apart = x.mean(axis=0) - x[there].mean(axis=0)
    leverage = apart @ np.linalg.solve(within, apart)
    for lane, (name, sd) in enumerate((("meaning", 0.6), ("balance", 0.5))):
        beta, *_ = np.linalg.lstsq(people.x[there], people.y[there, lane], rcond=None)
        explained = (people.x[there] @ beta).var()
        wanted = (sd**2 - explained) * (1 + leverage) / answered + explained / PEOPLE
        assert found[name].sampling_se == pytest.approx(math.sqrt(wanted))


def test_noise_may_not_pretend_that_terms_explain_nearly_all() -> None:
    """With a deviation of a tenth they would explain more than there is: a tenth of it is left."""
    people = made()
    there = people.there > 0
    scales = [Scale(3.0, 0.1, 0.25), SCALES[1]]
    found = by_name(weighted_means(mean_tables(people, 1e-8), scales))["weighted", "meaning", ()]
    x = people.x[:, 1:]
    apart = x.mean(axis=0) - x[there].mean(axis=0)
    leverage = apart @ np.linalg.solve(np.cov(x[there].T, bias=True), apart)
    beta, *_ = np.linalg.lstsq(people.x[there], people.y[there, 0], rcond=None)
    explained = (people.x[there] @ beta).var()
    wanted = 0.1 * 0.01 * (1 + leverage) / there.sum() + explained / PEOPLE
    assert found.sampling_se == pytest.approx(math.sqrt(wanted))


def test_a_flag_of_few_people_joins_the_reference() -> None:
    """40 of Brussels, 8 SE of noise 6 are 48: the figure is weighted without that flag."""
    people = made(region=0.01)
    brussels = TERMS.index("nuts1 BE1")
    assert 8 < people.x[:, brussels].sum() < 48
    kept = [k for k in ALL if k != brussels]
    found = weighted(people, 36.0)
    assert found["meaning"].estimate == pytest.approx(3.0 + greg(people, kept)[0])
    assert weighted(people)["meaning"].estimate == pytest.approx(3.0 + greg(people, ALL)[0])
    assert greg(people, kept)[0] != pytest.approx(greg(people, ALL)[0], rel=1e-6)


def test_a_flag_of_nearly_everybody_joins_the_reference() -> None:
    """Nearly all are men: the others are few for the noise, and nothing is left of gender."""
    people = made()
    men = people.x.copy()
    men[:, MAN] = 1
    men[:20, MAN] = 0
    assert weighted(replace(people, x=men), 36.0)["meaning"].estimate is None
    men[:2_000, MAN] = 0
    assert weighted(replace(people, x=men), 36.0)["meaning"].estimate is not None


@pytest.mark.parametrize("group", [AGES, slice(MAN, MAN + 1), slice(LOW, LOW + 2)])
def test_without_age_gender_or_education_nothing_is_weighted(group: slice) -> None:
    people = made()
    without = people.x.copy()
    without[:, group] = 0
    found = weighted(replace(people, x=without), 1.0)
    assert {(f.estimate, f.band) for f in found.values()} == {(None, "F")}
    assert found["meaning"].n == people.there.sum()


def test_without_a_region_it_is_weighted_all_the_same() -> None:
    people = made()
    without = people.x.copy()
    without[:, 7:9] = 0
    kept = [k for k in ALL if k not in (7, 8)]
    found = weighted(replace(people, x=without), 1.0)["meaning"]
    assert found.estimate == pytest.approx(3.0 + greg(people, kept)[0])


def test_a_score_that_does_not_vary_gives_nothing() -> None:
    """Its square is far below the noise: the products cannot be inverted."""
    people = made()
    still = people.x.copy()
    still[:, BASELINE] = 0
    assert weighted(replace(people, x=still), 1.0)["meaning"].estimate is None


def test_few_who_answered_for_the_noise_give_nothing() -> None:
    people = made()
    found = weighted(people, 4e4)
    assert found["meaning"].estimate is None


def test_the_weighted_share_moves_by_halves() -> None:
    """Yes is 1/2 and no is -1/2: the mean moves as the share does."""
    people = made()
    yes = (people.y[:, :1] > 0.1).astype(np.float64)
    halves = replace(people, y=yes - 0.5)
    lanes, t, p = halves.moments(), len(TERMS), len(PAIRS)
    there = people.there > 0
    counts = [float(yes[there].sum()), float((1 - yes)[there].sum()), float((~there).sum())]
    roles = {
        "outcome": adjusted([[counts]], 4.0),
        "margin": adjusted([[list(lanes[:t])]], 1e-8),
        "moment": adjusted([[list(lanes[t : t + p])]], 1e-8),
        "cross": adjusted([[list(lanes[t + p :])]], 1e-8),
    }
    tables = tables_of(Share(outcome="durable_match", calibrate=True), roles)
    found = by_name(MEASURES["share"].figures(tables))["weighted", "", ()]
    wanted = greg(replace(people, y=yes), ALL)[0]
    assert found.estimate == pytest.approx(wanted)
    share, answered = counts[0] / there.sum(), there.sum()
    noise = math.sqrt(4 * ((1 - share) ** 2 + share**2)) / answered
    assert found.noise_se == pytest.approx(noise, rel=1e-4)
    assert found.n == answered
    x = people.x[:, 1:]
    apart = x.mean(axis=0) - x[there].mean(axis=0)
    leverage = apart @ np.linalg.solve(np.cov(x[there].T, bias=True), apart)
    beta, *_ = np.linalg.lstsq(people.x[there], yes[there, 0], rcond=None)
    explained = (people.x[there] @ beta).var()
    left = share * (1 - share) - explained
    wanted = left * (1 + leverage) / answered + explained / PEOPLE
    assert found.sampling_se == pytest.approx(math.sqrt(wanted))
    assert 0.02 < ((found.hi or 0) - (found.lo or 0)) / 2 < 0.04
    assert found.band == "B"
