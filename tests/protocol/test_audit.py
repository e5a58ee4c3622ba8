"""The audit accuses every planted bug and no honest noise, on the real round."""

import numpy as np
import pytest
from cast import tape
from scipy.stats import beta

from benchmarks.audit import Case, audit, cases
from privacy.audit.bounds import Guesses, lower_rate, upper_rate
from privacy.audit.residual import correlation, examine

TRIALS = 40_000
CASES = list(cases(tape("audit")))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_an_audit_finds_planted_bugs_and_believes_honest_noise(case: Case) -> None:
    row = audit(case, TRIALS, tape(f"audit {case.name}"))
    assert row.found == case.planted, row


@pytest.mark.parametrize(
    ("hits", "trials"), [(0, 50), (1, 50), (25, 50), (50, 50), (9_731, 20_000)]
)
def test_rates_are_bounded_as_by_clopper_and_pearson(hits: int, trials: int) -> None:
    low = beta.ppf(0.025, hits, trials - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, trials - hits) if hits < trials else 1.0
    assert lower_rate(hits, trials) == pytest.approx(low, abs=1e-9)
    assert upper_rate(hits, trials) == pytest.approx(high, abs=1e-9)


def test_blind_guesses_prove_nothing() -> None:
    blind = Guesses(500, 1_000, 500, 1_000)
    assert (blind.mu_proven, blind.epsilon_proven) == (0.0, 0.0)


def test_a_guesser_that_is_always_right_proves_much() -> None:
    sure = Guesses(1_000, 1_000, 0, 1_000)
    assert sure.mu_proven > 5
    assert sure.epsilon_proven > 5


def test_scores_of_sound_noise_are_standard_normal_and_of_doubled_noise_are_not() -> None:
    noise = np.random.default_rng(5).normal(0, 100, 50_000).round().astype(np.int64)
    assert examine(noise, 100**2).sound
    assert not examine(noise // 2, 100**2).sound
    assert not examine(np.repeat(noise[::2], 2), 100**2).sound
    assert correlation(noise, noise) > 100
