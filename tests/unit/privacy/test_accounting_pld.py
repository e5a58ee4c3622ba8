"""A privacy-loss-distribution accountant beside the integer ledger.

It composes Gaussian-like releases exactly; the ledger adds integers and rounds against us. For the
same (epsilon, delta) the ledger asks for a little more noise, and never for less.
"""

import pytest
from dp_accounting.pld.privacy_loss_distribution import from_gaussian_mechanism

from privacy.accounting.conversion import epsilon
from schemas.units import MicroRho

DELTA = 1e-6


def exact_epsilon(rho_each: float, times: int) -> float:
    """Epsilon of so many Gaussian releases of rho each, composed by the PLD accountant."""
    sigma = (1 / (2 * rho_each)) ** 0.5
    loss = from_gaussian_mechanism(sigma, value_discretization_interval=1e-4)
    return float(loss.self_compose(times).get_epsilon_for_delta(DELTA))


def noise_ratio(rho_each: float, times: int) -> float:
    """How much larger the ledger's noise has to be than the exact one, at the same epsilon."""
    target = epsilon(MicroRho(round(1_000_000 * rho_each * times)), DELTA)
    low, high = rho_each, 2 * rho_each
    for _ in range(25):
        middle = (low + high) / 2
        if exact_epsilon(middle, times) < target:
            low = middle
        else:
            high = middle
    return float((low / rho_each) ** 0.5)


@pytest.mark.heavy
@pytest.mark.parametrize("budget", [24_355, 88_080, 185_055])
@pytest.mark.parametrize("times", [1, 12, 40])
def test_the_ledger_never_promises_more_and_costs_at_most_eight_percent_noise(
    budget: int, times: int
) -> None:
    each = budget / 1_000_000 / times
    assert exact_epsilon(each, times) <= epsilon(MicroRho(budget), DELTA)
    assert 1.0 <= noise_ratio(each, times) < 1.085
