"""Events: what a release did, from which its price follows and can be worked out again."""

from dataclasses import dataclass

from privacy.noise.family import Sensitivity
from privacy.noise.polya import Polya
from privacy.noise.skellam import Skellam
from schemas.units import MicroRho


@dataclass(frozen=True, slots=True)
class Event:
    """Integers that one person moves so far, told once under this noise.

    Of an event that is a part of a round, `moved` is what she moves of that part: costs of
    parts under Skellam noise add up, and under Polya noise a round has one part.
    """

    noise: Skellam | Polya
    moved: Sensitivity

    @property
    def cost(self) -> MicroRho:
        """In micro-rho, rounded up."""
        return self.noise.cost(self.moved)
