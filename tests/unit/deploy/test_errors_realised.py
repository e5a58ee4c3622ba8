"""The errors foretold for the default programme are those that noise then makes."""

from collections.abc import Iterator

import numpy as np
import pytest
from noisy_figures import Floats, Key, Noisy
from numpy.typing import NDArray

from deploy.errors import Deployment, Foreseen
from privacy.estimate.figures import estimate
from schemas.release import Figure

pytestmark = pytest.mark.slow

DRAWS, TRIED = 2_000, 2
SIZE = Deployment(250, 15_000)
GAIN, MATCH = ("wellbeing_change@12m", "mean"), ("durable_match@12m", "share", "", ())


class Region:
    """A year of 250 centres, and its noise in many draws."""

    def __init__(self, foreseen: Foreseen) -> None:
        self.layout = foreseen.layout
        self.exact = foreseen.sum_of(SIZE.clients)
        self.foretold = {key_of(figure): figure for figure in foreseen.figures(SIZE)}
        self.variance = self.layout.noise_variance * SIZE.centres / SIZE.honest
        self.first: NDArray[np.int64] = np.zeros((self.layout.length, TRIED), dtype=np.int64)
        self.values: dict[Key, Floats] = dict(self._drawn())
        self.values |= costs(self.values)

    def _drawn(self) -> Iterator[tuple[Key, Floats]]:
        """One ask after the other; the first draws are kept whole."""
        for seed, ask in enumerate(self.layout.asks):
            blocks = self.layout.blocks_of(ask)
            there = slice(blocks[0].start, blocks[-1].start + blocks[-1].size)
            rng, size = np.random.default_rng(seed), (there.stop - there.start, DRAWS)
            noise = rng.poisson(self.variance / 2, size) - rng.poisson(self.variance / 2, size)
            totals = self.exact[there, None] + noise
            self.first[there] = totals[:, :TRIED]
            yield from Noisy.of(self.layout, ask, totals, self.variance).figures()


def costs(values: dict[Key, Floats]) -> dict[Key, Floats]:
    """Euro for each match and point, made of three asks."""
    price = values["return_on_guidance@end", "mean", "public", ()]
    gain = [v for key, v in values.items() if key[:2] == GAIN and key[3] == ()]
    results = {"euro_per_match": values[MATCH], "euro_per_point": np.mean(gain, axis=0)}
    return {
        ("return_on_guidance@end", "ratio", name, ()): price / result
        for name, result in results.items()
    }


def key_of(figure: Figure) -> Key:
    return figure.statistic, figure.measure, figure.variable, figure.cell


@pytest.fixture(scope="module")
def region(foreseen: Foreseen) -> Region:
    return Region(foreseen)


@pytest.mark.parametrize("draw", range(TRIED))
def test_the_figures_of_a_draw_are_those_of_the_estimators(region: Region, draw: int) -> None:
    found = estimate(
        region.first[:, draw], region.layout,
        contributors=SIZE.centres, honest=SIZE.honest,
    )  # fmt: skip
    drawn = {key_of(f) for f in found if f.unadjusted is not None} & region.values.keys()
    assert len(drawn) > 3_000
    for figure in found:
        if key_of(figure) in drawn:
            value = region.values[key_of(figure)][draw]
            assert figure.unadjusted == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_errors_are_those_foretold_within_6_percent_for_each_statistic(region: Region) -> None:
    """Of all figures that are told at all (A to D), each as much as another, over 2,000 draws.

    Quantiles apart: theirs is the width of whole bins, which is no standard error. Shares near 0
    or 1 of few people are told, where the delta method is 5% short; their intervals are Fieller's.
    """
    ratios: dict[tuple[str, str], list[float]] = {}
    for key, values in region.values.items():
        figure = region.foretold[key]
        if (
            key[1] == "quantile"
            or figure.band == "F"
            or figure.unadjusted is None
            or figure.noise_se is None
        ):
            continue
        off = (values - figure.unadjusted) / figure.noise_se
        ratios.setdefault(key[:2], []).append(float((off**2).mean()))
    pooled = {key: float(np.sqrt(np.mean(squares))) for key, squares in ratios.items()}
    others = {ask.key for ask in region.layout.asks} - {"time_to_job@12m", "wage_change@12m"}
    assert {ask for ask, _ in pooled} == others
    assert ("return_on_guidance@end", "ratio") in pooled
    inverse = pooled.pop(("gain_explained@12m", "coefficient"))
    assert {key: ratio for key, ratio in pooled.items() if abs(ratio - 1) > 0.06} == {}
    # What is foretold is linear in the noise; an inverse is not quite. In a release the noise
    # that is there widens the intervals too: `test_measures_regression` counts what they hold.
    assert inverse == pytest.approx(1, abs=0.08)
