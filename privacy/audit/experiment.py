"""One round as many trials: a canary person in a random half of the entries.

The adversary knows every true value but who the canaries are, and the noise of all colluders;
what is left in the sum is exactly the noise of the h honest shares.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from privacy.audit.bounds import Guesses
from privacy.noise.sampler import RandomBytes

Vector = NDArray[np.int64]
ShareOf = Callable[[int], Vector]
"""The noise share of a node, by its place among the contributors."""

SumSecurely = Callable[[Sequence[Vector]], Vector]
"""The real round: vectors with their noise in, the opened sum out."""


@dataclass(frozen=True, slots=True)
class Setting:
    """`contributors` nodes, of which all beyond `honest` collude; canaries move an entry."""

    contributors: int
    honest: int
    length: int
    shift: int


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Per entry: whether the canary was there, and what the adversary sees."""

    planted: NDArray[np.bool_] = field(repr=False)
    seen: Vector = field(repr=False)
    shift: int

    def guesses(self, threshold: float) -> Guesses:
        """Guess "there" from the threshold on; fixed before anything is seen."""
        said = self.seen >= threshold
        return Guesses(
            hits=int((said & self.planted).sum()),
            planted=int(self.planted.sum()),
            false_alarms=int((said & ~self.planted).sum()),
            others=int((~self.planted).sum()),
        )

    @property
    def residual(self) -> Vector:
        """The noise alone: known to the auditor, who knows where the canaries are."""
        return self.seen - self.shift * self.planted.astype(np.int64)


def run(
    setting: Setting, share_of: ShareOf, sum_securely: SumSecurely, random_bytes: RandomBytes
) -> Trials:
    """Run one round of the real code. The canaries' centre is the first honest one."""
    bits = np.frombuffer(random_bytes(setting.length), dtype=np.uint8) & 1
    planted = bits.astype(np.bool_)
    shares = [share_of(node) for node in range(setting.contributors)]
    vectors = [share.copy() for share in shares]
    vectors[0] += setting.shift * planted.astype(np.int64)
    total = sum_securely(vectors)
    known = np.sum(shares[setting.honest :], axis=0, dtype=np.int64)
    return Trials(planted, total - known, setting.shift)
