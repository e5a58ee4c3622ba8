"""Degraded guarantees: what is left when shares are not honest, or two centres count a client."""

import math
from dataclasses import dataclass
from fractions import Fraction

from privacy.accounting.conversion import epsilon, guess_odds, in_several_centres
from schemas.units import MicroRho

FRACTIONS = (Fraction(1), Fraction(3, 4), Fraction(1, 2), Fraction(1, 4))


@dataclass(frozen=True, slots=True)
class Degraded:
    """The guarantee when only `honest` shares of noise are honest."""

    honest: int
    rho: MicroRho
    epsilon: float
    odds: float


def if_fewer_honest(rho: MicroRho, honest: int, delta: float) -> tuple[Degraded, ...]:
    """Return the guarantee as planned and with three quarters, half and a quarter of the shares.

    b h honest shares are Skellam of variance b mu, so rho becomes rho / b.
    """
    found: dict[int, Degraded] = {}
    for fraction in FRACTIONS:
        kept = max(1, math.floor(fraction * honest))
        cost = MicroRho(math.ceil(Fraction(rho * honest, kept)))
        found.setdefault(kept, Degraded(kept, cost, epsilon(cost, delta), guess_odds(cost)))
    return tuple(found.values())


def if_counted_twice(rho: MicroRho, delta: float) -> float:
    """Epsilon for a client whom two centres count."""
    return epsilon(in_several_centres(rho, 2), delta)
