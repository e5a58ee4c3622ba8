"""Half-widths that theory gives a mean and a share, from the noise that a layout foretells."""

import math

from privacy.estimate.forecast import Expected

Z95 = 1.959963984540054


def half_width_of_mean(
    sums: Expected, counts: Expected, *, people: float, beyond: float, sd: float
) -> float:
    """Half of the 95% interval (noise and sampling) of a mean over so many people.

    `beyond`: how far the mean lies from its centre; `sd`: of one person's value.
    """
    noise = math.hypot(sums.worst, beyond * counts.worst) / people
    return Z95 * math.hypot(noise, sd / math.sqrt(people))


def half_width_of_share(outcomes: Expected, *, people: float, share: float) -> float:
    """Half of the 95% interval (noise and sampling) of a share of so many people."""
    noise = outcomes.worst * math.hypot(share, 1 - share) / people
    return Z95 * math.hypot(noise, math.sqrt(share * (1 - share) / people))
