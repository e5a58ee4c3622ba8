"""Many comparisons at once: which of them stay clear."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return adjusted p-values in the given order: below 0.05, then clear among them all.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)

    The chance of one false claim or more then is at most the level, whatever the dependence.
    Raises ValueError on a number outside 0..1. Source: Holm 1979.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value lies between 0 and 1")
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)
