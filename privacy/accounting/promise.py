"""What a release promises about one client, under either family of noise."""

import math
from fractions import Fraction

from privacy.accounting.conversion import epsilon, guess_odds, guess_odds_of_pure
from privacy.accounting.cost import pure_cost
from privacy.accounting.weaker import FRACTIONS, Left, if_counted_twice, if_fewer_honest
from privacy.encode.layout import Layout
from privacy.noise.excess import sampler_delta
from privacy.noise.polya import Polya, epsilon_if_fewer
from schemas.round import Parameters


def epsilon_of(layout: Layout, delta: float) -> float:
    """Epsilon of a round alone: pure under Polya noise, else at this delta."""
    return epsilon(layout.declared, delta) if layout.epsilon is None else float(layout.epsilon)


def odds_of(layout: Layout) -> float:
    """Percentage of right guesses that the best guesser is held to; see `guess_odds`."""
    if layout.epsilon is None:
        return guess_odds(layout.declared)
    return guess_odds_of_pure(float(layout.epsilon))


def epsilon_twice(layout: Layout, delta: float) -> float:
    """Epsilon of a round alone for a client whom two centres count."""
    if layout.epsilon is None:
        return if_counted_twice(layout.declared, delta)
    return 2 * float(layout.epsilon)


def sampler_delta_of(
    layout: Layout, parameters: Parameters, contributors: int, delta: float
) -> float:
    """What the finite tables of the noise add to delta, at most."""
    return sampler_delta(
        layout.noise(parameters.honest),
        parameters.honest_at,
        layout.length,
        contributors,
        epsilon_of(layout, delta),
    )


def if_fewer(layout: Layout, honest: int, delta: float) -> tuple[Left, ...]:
    """The promise as planned and with three quarters, half and a quarter of the honest shares."""
    if layout.epsilon is None:
        return if_fewer_honest(layout.declared, honest, delta)
    noise, found = Polya(layout.epsilon, layout.d1, honest), dict[int, Left]()
    for fraction in FRACTIONS:
        kept = max(1, math.floor(fraction * honest))
        left = epsilon_if_fewer(noise, Fraction(kept, honest), shifts_of(layout))
        found.setdefault(
            kept, Left(kept, pure_cost(Fraction(left)), left, guess_odds_of_pure(left))
        )
    return tuple(found.values())


def shifts_of(layout: Layout) -> list[int]:
    """By how much one person changes entries: as many as she has ones; else as many ones as D1."""
    shifts: list[int] = []
    for block in layout.blocks:
        if block.part.whole:
            shifts += [block.multiplier] * math.floor(block.part.unit_d1)
        else:
            shifts += [1] * math.floor(block.d1)
    return shifts
