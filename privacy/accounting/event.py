"""Events: what a release did, from which its price follows and can be worked out again."""

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Self

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

    @property
    def text(self) -> str:
        """As JSON, for a ledger; fractions are kept exactly, as `numerator/denominator`."""
        noise = {"family": self.noise.family, **asdict(self.noise)}
        told = {"noise": noise, "moved": asdict(self.moved)}
        return json.dumps(told, default=str, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The event of such a text. Raises KeyError or ValueError on any other."""
        told = json.loads(text)
        noise, moved = told["noise"], told["moved"]
        honest = int(noise["honest"])
        made: Skellam | Polya
        if noise["family"] == "polya":
            made = Polya(Fraction(noise["epsilon"]), Fraction(noise["d1"]), honest)
        else:
            made = Skellam(int(noise["mu"]), honest)
        return cls(made, Sensitivity(Fraction(moved["d1"]), Fraction(moved["d2_squared"])))
