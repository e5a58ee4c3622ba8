"""What is left of a promise when it is not kept as planned; printed with every release."""

import math
from dataclasses import dataclass
from fractions import Fraction

from privacy.accounting.conversion import epsilon, guess_odds, in_several_centres
from schemas.units import MicroRho

FRACTIONS = (Fraction(1), Fraction(3, 4), Fraction(1, 2), Fraction(1, 4))


@dataclass(frozen=True, slots=True)
class Left:
    """The promise when only `honest` shares of noise are honest."""

    honest: int
    rho: MicroRho
    epsilon: float
    odds: float


def if_fewer_honest(rho: MicroRho, honest: int, delta: float) -> tuple[Left, ...]:
    """Return the promise as planned and with three quarters, half and a quarter of the shares.

    b h honest shares are Skellam of variance b mu, so rho becomes rho / b.
    """
    found: dict[int, Left] = {}
    for fraction in FRACTIONS:
        kept = max(1, math.floor(fraction * honest))
        cost = MicroRho(math.ceil(Fraction(rho * honest, kept)))
        found.setdefault(kept, Left(kept, cost, epsilon(cost, delta), guess_odds(cost)))
    return tuple(found.values())


def if_counted_twice(rho: MicroRho, delta: float) -> float:
    """Epsilon for a client whom two centres count."""
    return epsilon(in_several_centres(rho, 2), delta)
