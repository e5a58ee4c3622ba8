"""What a release guarantees about one client, under either family of noise."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from privacy.accounting.conversion import epsilon, guess_odds, guess_odds_of_pure
from privacy.accounting.degraded import FRACTIONS, Degraded, if_counted_twice, if_fewer_honest
from privacy.accounting.event import Event
from privacy.noise.excess import sampler_delta
from privacy.noise.polya import Polya, epsilon_if_fewer, pure_cost
from schemas.units import MicroRho


@dataclass(frozen=True, slots=True)
class Guarantee:
    """That of one event, at the price that was charged for it, which covers its cost.

    `shifts`: how many entries one person changes by how much; see `epsilon_if_fewer`.
    """

    event: Event
    price: MicroRho
    delta: float
    shifts: Mapping[int, int] = field(repr=False)

    @property
    def pure(self) -> Fraction | None:
        """Epsilon at delta 0, under Polya noise."""
        return self.event.noise.epsilon if isinstance(self.event.noise, Polya) else None

    @property
    def epsilon(self) -> float:
        """Epsilon of the event alone: pure under Polya noise, else at delta."""
        return epsilon(self.price, self.delta) if self.pure is None else float(self.pure)

    @property
    def odds(self) -> float:
        """Percentage of right guesses that the best guesser is held to; see `guess_odds`."""
        return guess_odds(self.price) if self.pure is None else guess_odds_of_pure(self.epsilon)

    @property
    def epsilon_twice(self) -> float:
        """Epsilon of the event alone for a client whom two centres count."""
        if self.pure is None:
            return if_counted_twice(self.price, self.delta)
        return 2 * float(self.pure)

    def sampler_delta(self, honest_at: Sequence[int], length: int, contributors: int) -> float:
        """What the finite tables of the noise add to delta, at most, over so many entries."""
        return sampler_delta(self.event.noise, honest_at, length, contributors, self.epsilon)

    def if_fewer(self) -> tuple[Degraded, ...]:
        """As planned and with three quarters, half and a quarter of the honest shares."""
        noise, found = self.event.noise, dict[int, Degraded]()
        if not isinstance(noise, Polya):
            return if_fewer_honest(self.price, noise.honest, self.delta)
        for fraction in FRACTIONS:
            kept = max(1, math.floor(fraction * noise.honest))
            left = epsilon_if_fewer(noise, Fraction(kept, noise.honest), self.shifts)
            found.setdefault(
                kept, Degraded(kept, pure_cost(Fraction(left)), left, guess_odds_of_pure(left))
            )
        return tuple(found.values())
