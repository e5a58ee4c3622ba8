"""From micro-rho to what people know: epsilon at a delta, and the odds of a guess."""

import math

from schemas.units import MicroRho

ORDERS = range(2, 2000)


def epsilon(rho: MicroRho, delta: float) -> float:
    """Return epsilon at delta, over integer orders only; 0 when nothing was spent.

    eps = min over a of a rho + (ln(1/delta) + (a-1) ln(1-1/a) - ln a)/(a-1).
    Source: Canonne, Kamath, Steinke 2020 (arXiv:2004.00010), Proposition 12, which holds at any
    order above 1. That a price bounds the divergence of Skellam noise by a rho is proven at
    integer orders a >= 2 (see `skellam_cost`), so no order between them may be used.
    """
    if rho == 0:
        return 0.0
    exact = rho / 1_000_000
    found = min(
        a * exact + (math.log(1 / delta) + (a - 1) * math.log1p(-1 / a) - math.log(a)) / (a - 1)
        for a in ORDERS
    )
    return max(0.0, found)


def guess_odds(rho: MicroRho) -> float:
    """Most often, in percent, that an all-knowing guesser is right about one client.

    50 + 25 sqrt(e^(2 rho) - 1), from the Renyi divergence of order 2 (blind guessing: 50).
    """
    return min(100.0, 50 + 25 * math.sqrt(math.expm1(2 * rho / 1_000_000)))


def guess_odds_of_pure(epsilon: float) -> float:
    """The same under pure epsilon: e^eps / (1 + e^eps) of the guesses, in percent."""
    return 100 / (1 + math.exp(-epsilon))


def in_several_centres(rho: MicroRho, centres: int) -> MicroRho:
    """The cost for a client whom so many centres count: rho x k^2.

    She moves entries k times as far, and the price of Skellam noise grows as D2^2 at most
    (`skellam_cost`); Polya's epsilon grows as k.
    """
    return MicroRho(rho * centres * centres)
