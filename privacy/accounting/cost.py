"""The price of a vector in zCDP-like units, as an exact rational rounded up."""

import math
from fractions import Fraction

from schemas.units import MicroRho


def pure_cost(epsilon: Fraction) -> MicroRho:
    """Return micro-rho of a pure epsilon: eps^2/2. Source: Bun, Steinke 2016, Prop. 1.4."""
    return MicroRho(math.ceil(epsilon**2 / 2 * 1_000_000))


def skellam_cost(d1: int | Fraction, d2_squared: int | Fraction, mu: int) -> MicroRho:
    """Return micro-rho of integer vectors with sensitivities D1 (L1) and D2 (squared L2).

    rho = D2^2/(2 mu) (1 + 1/mu) + 3 D1/(4 mu^2) bounds the Renyi divergence at every integer
    order a >= 2 by a rho. Source: Agarwal, Kairouz, Liu 2021, Corollary 3.6, first branch,
    divided by a. Raises ValueError on a variance below 1.
    """
    if mu < 1 or d1 < 0 or d2_squared < 0:
        raise ValueError("variance is at least 1 and sensitivities are not negative")
    rho = Fraction(d2_squared) / (2 * mu) * (1 + Fraction(1, mu)) + Fraction(3 * d1, 4 * mu**2)
    return MicroRho(math.ceil(rho * 1_000_000))
