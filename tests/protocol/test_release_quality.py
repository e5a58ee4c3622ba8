"""What a release of the demo is worth: honest intervals, readable figures, effects found again.

Every statistic of the year is measured over 15,000 made-up clients, twenty times with fresh
noise: once with all ten centres in the sum, once with two that fell away. Two of those
in the sum may collude.
"""

import base64
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cast import tape
from numpy.typing import NDArray
from region import make_region

from deploy.demo.clients import generate
from deploy.demo.effects import Effects
from deploy.demo.records import records
from deploy.demo.truth import Cell, Key, counted, pooled_truth
from node.rounds import contribution
from privacy.encode.layout import Layout, make_layout
from privacy.encode.vector import encode
from privacy.estimate.figures import estimate
from privacy.noise.skellam import Skellam
from privacy.secure_sum.parameters import Policy, parameters_of
from schemas.catalogue.default import programme_of_year
from schemas.cohort import Cohort
from schemas.release import Figure
from schemas.roster import Centre, Roster
from schemas.units import UnixSeconds

SEED, CLIENTS, REPETITIONS = 2024, 15_000, range(5, 25)
AWAY = (2, 6)
PROGRAMME = programme_of_year(2024, "Vlaanderen", UnixSeconds(0), UnixSeconds(2**33))
ASKS = tuple(ask.key for ask in PROGRAMME.asks)
PROVINCES = ("BE21", "BE22", "BE23", "BE24", "BE25")
GAINS = [d for d, gain in Effects().gain.items() if gain > 0]
Vector = NDArray[np.int64]
Figures = Mapping[Key, Figure]


@dataclass(frozen=True)
class Turnout:
    """The centres in the sum: what is true of their clients, and twenty releases about them."""

    truth: Mapping[Key, float]
    exact: Vector
    releases: list[Figures]

    def people(self, sector: str) -> float:
        return self.truth["trajectories@start", "count", "", (("sector_before", sector),)]

    def each(self, statistic: str) -> Iterator[Figure]:
        """Every figure of a statistic at all its horizons, in every repetition."""
        for release in self.releases:
            yield from (f for key, f in release.items() if key[0].split("@")[0] == statistic)


def honest_shares(contributors: int) -> int:
    """Shares that are the whole noise when so many of ten come: excess noise is off."""
    roster = Roster(
        epoch=1, previous=None, seed="33" * 32, coordinator="00" * 32,
        valid_from=UnixSeconds(0), valid_until=UnixSeconds(2**33),
        centres=tuple(
            Centre(id=k, name="c", key=f"{k:064x}", organisation=f"o{k}", recognised_number="1")
            for k in range(1, 11)
        ),
    )  # fmt: skip
    return parameters_of(roster, 10, Policy()).honest_in(contributors)


def vectors(frame: pd.DataFrame, layout: Layout) -> dict[int, Vector]:
    """What each centre adds, without noise: its cohorts apart, as a node does."""
    people = counted(frame)
    cohorts = defaultdict(list)
    for centre, record in zip(people["centre"], records(people), strict=True):
        cohorts[int(centre), Cohort.of(record.started_on)].append(record)
    found = {centre: np.zeros(layout.length, dtype=np.int64) for centre, _ in cohorts}
    for (centre, _), group in cohorts.items():
        found[centre] += encode(group, layout, PROGRAMME)
    return found


def by_key(figures: tuple[Figure, ...]) -> Figures:
    return {(f.statistic, f.measure, f.variable, f.cell): f for f in figures}


@pytest.fixture(scope="module")
def layout() -> Layout:
    return make_layout(PROGRAMME, ASKS)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return generate(SEED, CLIENTS)


@pytest.fixture(scope="module")
def exact(frame: pd.DataFrame, layout: Layout) -> dict[int, Vector]:
    return vectors(frame, layout)


@pytest.fixture(scope="module", params=[(), AWAY], ids=["ten-of-ten", "eight-of-ten"])
def turnout(
    request: pytest.FixtureRequest, frame: pd.DataFrame, exact: dict[int, Vector], layout: Layout
) -> Turnout:
    inside = [centre for centre in exact if centre not in request.param]
    total = np.sum([exact[centre] for centre in inside], axis=0)
    noise = Skellam(PROGRAMME.noise_variance, honest_shares(len(inside)))
    releases = []
    for seed in REPETITIONS:
        random = tape(f"release {seed} of {len(inside)}")
        noisy = total + sum(noise.share(layout.length, random) for _ in inside)
        figures = estimate(noisy, layout, contributors=len(inside), honest=noise.honest)
        releases.append(by_key(figures))
    return Turnout(pooled_truth(frame[frame["centre"].isin(inside)]), total, releases)


def national(figure: Figure) -> bool:
    return figure.cell == ()


def sector(figure: Figure) -> str | None:
    names = dict(figure.cell)
    return names.get("sector_before") if len(names) == 1 else None


def misread(figures: Iterator[Figure], bands: str) -> Counter[tuple[str, str, Cell, str]]:
    """Those outside the bands, for a message that says which."""
    return Counter((f.statistic, f.measure, f.cell, f.band) for f in figures if f.band not in bands)


def test_of_eight_or_ten_centres_two_may_collude() -> None:
    assert [honest_shares(u) for u in (8, 10)] == [6, 8]


@pytest.mark.parametrize("statistic", sorted({key.split("@")[0] for key in ASKS}))
def test_noise_intervals_hold_the_exact_figure_in_95_of_100(
    turnout: Turnout, statistic: str
) -> None:
    """In every band, before any cut at 0; a figure of people who do not exist is a miss."""
    hits = []
    for f in turnout.each(statistic):
        if f.noise_lo is not None and f.noise_hi is not None:
            true = turnout.truth.get((f.statistic, f.measure, f.variable, f.cell), np.nan)
            hits.append(f.noise_lo <= true <= f.noise_hi)
    assert len(hits) > 2_000
    assert 0.925 <= np.mean(hits) <= 0.975


READ = ("trajectories", "wellbeing", "wellbeing_change", "durable_match")


@pytest.mark.parametrize("statistic", READ)
def test_every_national_figure_is_in_band_a_or_b(turnout: Turnout, statistic: str) -> None:
    assert not misread(filter(national, turnout.each(statistic)), "AB")


@pytest.mark.parametrize("statistic", READ)
def test_all_five_provinces_can_be_read(turnout: Turnout, statistic: str) -> None:
    there = [f for f in turnout.each(statistic) if f.cell in [(("nuts2", p),) for p in PROVINCES]]
    assert len({f.cell for f in there}) == 5
    assert not misread(iter(there), "ABC")


@pytest.mark.parametrize("statistic", READ)
def test_every_large_sector_can_be_read(turnout: Turnout, statistic: str) -> None:
    least = 1_000 if statistic == "wellbeing" else 750
    there = [f for f in turnout.each(statistic) if (s := sector(f)) and turnout.people(s) >= least]
    assert len({f.cell for f in there}) >= 5
    assert not misread(iter(there), "ABC")


@pytest.mark.parametrize("statistic", READ[1:])
def test_sectors_below_a_hundred_are_honestly_too_uncertain(
    turnout: Turnout, statistic: str
) -> None:
    """Their means and shares; how many answered is a count with a band of its own.

    A share near 1 may be told, with reserve: no share is larger, so its interval ends there.
    """
    there = [
        f
        for f in turnout.each(statistic)
        if f.measure in ("mean", "share") and (s := sector(f)) and turnout.people(s) < 100
    ]
    assert len({f.cell for f in there}) >= 4
    assert {f.band for f in there} <= {"D", "F"}
    assert np.mean([f.band == "F" for f in there]) > 0.95
    assert all(f.hi == 1.0 for f in there if f.band == "D" and f.measure == "share")


def test_large_flows_can_be_read_and_nearly_all_small_ones_are_too_uncertain(
    turnout: Turnout,
) -> None:
    flows = [f for f in turnout.each("sector_flows") if len(f.cell) == 2]
    size = {f.cell: turnout.truth["sector_flows@12m", "count", "", f.cell] for f in flows}
    large = [f for f in flows if size[f.cell] >= 150]
    small = [f for f in flows if size[f.cell] < 20]
    assert len(large) >= 8 * len(turnout.releases)
    assert not misread(iter(large), "ABC")
    assert np.mean([f.band == "F" for f in small]) > 0.985


def test_a_release_tells_more_than_three_hundred_figures(turnout: Turnout) -> None:
    assert min(sum(f.band != "F" for f in r.values()) for r in turnout.releases) > 1_000


@pytest.mark.parametrize("horizon", ["end", "12m"])
def test_gains_are_found_in_five_dimensions(turnout: Turnout, horizon: str) -> None:
    for release in turnout.releases:
        for dimension in GAINS:
            lo = release[f"wellbeing_change@{horizon}", "mean", dimension, ()].lo
            assert lo is not None
            assert lo > 0


@pytest.mark.parametrize("horizon", ["end", "12m"])
def test_no_gain_is_found_where_there_is_none(turnout: Turnout, horizon: str) -> None:
    """The interval holds 0 and nothing as large as half of what matters (0.25 point)."""
    for release in turnout.releases:
        figure = release[f"wellbeing_change@{horizon}", "mean", Effects().still, ()]
        assert figure.lo is not None
        assert figure.hi is not None
        assert figure.lo <= 0 <= figure.hi
        assert max(-figure.lo, figure.hi) < 0.125


def apart(low: Figure, high: Figure) -> float:
    """By how many standard errors (noise and sampling) one figure lies above another."""
    assert low.estimate is not None
    assert high.estimate is not None
    errors = [f.noise_se or 0.0 for f in (low, high)] + [f.sampling_se or 0.0 for f in (low, high)]
    return (high.estimate - low.estimate) / float(np.hypot.reduce(errors))


def test_a_sector_that_gains_less_is_found(turnout: Turnout) -> None:
    key = "wellbeing_change@end"
    for release in turnout.releases:
        less = release[key, "mean", "meaning", (("sector_before", "G"),)]
        assert apart(less, release[key, "mean", "meaning", ()]) > 2


@pytest.mark.parametrize("holding", ["P", "Q"])
def test_sectors_that_hold_people_longer_are_found(turnout: Turnout, holding: str) -> None:
    key = "durable_match@12m"
    for release in turnout.releases:
        loose = release[key, "share", "", (("sector_before", "G"),)]
        assert apart(loose, release[key, "share", "", (("sector_before", holding),)]) > 2


def test_a_round_of_real_nodes_gives_the_same_sum_and_honest_intervals(
    tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stores, gate, masks and two that fall away: without its noise the sum is the exact one."""
    frame = generate(SEED, 1_500)
    people = {int(c) + 1: records(rows) for c, rows in frame.groupby("centre")}
    drawn: list[Vector] = []
    draw = contribution.share_in_parts

    def tap(*parts) -> Vector:  # type: ignore[no-untyped-def]
        drawn.append(draw(*parts))
        return drawn[-1]

    monkeypatch.setattr(contribution, "share_in_parts", tap)
    region = make_region(tmp_path, people)
    number = region.announce(ASKS)
    region.ticks()
    for node in AWAY:
        region.carrier.kill(node + 1)
    region.ask("open", number)
    region.ticks()
    region.ask("close", number)
    region.ticks(6)
    release = region.release()
    inside = frame[~frame["centre"].isin(AWAY)]
    assert (len(release.in_sum), release.honest, len(drawn)) == (8, 6, 8)
    total = np.frombuffer(base64.b64decode(release.sum), dtype="<i8")
    apart = np.abs(total - sum(drawn) - sum(vectors(inside, layout).values()))
    for block in layout.blocks:  # sums of fractions are rounded by each centre for each quarter
        assert apart[block.slice].max() <= (0 if block.part.whole else 8 * 4)
    truth = pooled_truth(inside)
    held = [
        f.noise_lo <= truth.get((f.statistic, f.measure, f.variable, f.cell), np.nan) <= f.noise_hi
        for f in release.figures
        if f.noise_lo is not None and f.noise_hi is not None
    ]
    assert len(held) > 2_000
    assert 0.925 <= np.mean(held) <= 0.975
