"""From micro-rho to what people know: epsilon at a delta, and the odds of a guess."""

import math
from functools import lru_cache

from schemas.units import MicroRho

_ORDERS = range(2, 2000)


def epsilon_of_orders(rho: MicroRho, delta: float) -> float:
    """Our bound, over integer orders only.

    eps = min over a of a rho + (ln(1/delta) + (a-1) ln(1-1/a) - ln a)/(a-1).
    Source: Canonne, Kamath, Steinke 2020 (arXiv:2004.00010), Proposition 12.
    """
    exact = rho / 1_000_000
    return min(
        a * exact + (math.log(1 / delta) + (a - 1) * math.log1p(-1 / a) - math.log(a)) / (a - 1)
        for a in _ORDERS
    )


def delta_of_orders(rho: MicroRho, epsilon: float) -> float:
    """The least delta that our bound promises at this epsilon; the same proposition."""
    exact = rho / 1_000_000
    logs = ((a - 1) * (a * exact - epsilon + math.log1p(-1 / a)) - math.log(a) for a in _ORDERS)
    return min(1.0, math.exp(min(logs)))


@lru_cache(maxsize=64)
def epsilon_of_opendp(rho: MicroRho, delta: float) -> float:
    """OpenDP's conversion of rho-zCDP to (epsilon, delta)."""
    import opendp.prelude as dp

    dp.enable_features("contrib", "honest-but-curious")
    measurement = dp.m.make_user_measurement(
        dp.atom_domain(T=int),
        dp.absolute_distance(T=int),
        output_measure=dp.zero_concentrated_divergence(),
        function=lambda _: 0,
        privacy_map=lambda d: rho / 1_000_000 * d * d,
    )
    return float(dp.c.make_zCDP_to_approxDP(measurement).map(1).epsilon(delta))


def epsilon(rho: MicroRho, delta: float) -> float:
    """Return epsilon at delta: the lower of two valid bounds; 0 when nothing was spent."""
    if rho == 0:
        return 0.0
    return max(0.0, min(epsilon_of_orders(rho, delta), epsilon_of_opendp(rho, delta)))


def guess_odds(rho: MicroRho) -> float:
    """Most often, in percent, that an all-knowing guesser is right about one client.

    50 + 25 sqrt(e^(2 rho) - 1), from the Renyi divergence of order 2 (blind guessing: 50).
    """
    return min(100.0, 50 + 25 * math.sqrt(math.expm1(2 * rho / 1_000_000)))


def guess_odds_of_pure(epsilon: float) -> float:
    """The same under pure epsilon: e^eps / (1 + e^eps) of the guesses, in percent."""
    return 100 / (1 + math.exp(-epsilon))


def in_several_centres(rho: MicroRho, centres: int) -> MicroRho:
    """The cost for a client whom so many centres count: rho x k^2 (group privacy of zCDP)."""
    return MicroRho(rho * centres * centres)
