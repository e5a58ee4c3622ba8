"""The ledger's arithmetic: integers, whole rounds or nothing.

LedgerRefusal
├── BudgetExceeded    the cohort cannot pay
└── AlreadyCharged    this statistic of this cohort was measured before
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from privacy.accounting.event import Event
from schemas.units import MicroRho


class LedgerRefusal(ValueError):
    """The round is refused as a whole. Nothing was sent and nothing was charged."""

    code: ClassVar[str] = "ledger"


class BudgetExceeded(LedgerRefusal):
    """The round is well formed, but a cohort has too little budget left."""

    code = "budget-exceeded"

    def __init__(self, cohort: str, *, asked: MicroRho, left: MicroRho) -> None:
        super().__init__(f"cohort {cohort}: the round costs {asked} micro-rho, {left} is left")
        self.cohort, self.asked, self.left = cohort, asked, left


class AlreadyCharged(LedgerRefusal):
    """The same statistic of the same cohort was charged before: asking twice is differencing."""

    code = "already-charged"

    def __init__(self, key: "ChargeKey") -> None:
        super().__init__(f"{key.statistic} at {key.horizon} of {key.cohort} was measured before")
        self.key = key


@dataclass(frozen=True, slots=True, order=True)
class ChargeKey:
    """What is paid for once: a statistic at a horizon for a cohort; split: all, or a half."""

    statistic: str
    horizon: str
    cohort: str
    split: str = "all"


@dataclass(frozen=True, slots=True)
class Charge:
    """A price paid in a round, and what it paid for.

    `event` is None where nobody knows: what a restored centre takes to have been asked.
    """

    round_id: str
    price: MicroRho
    event: Event | None = None

    def __post_init__(self) -> None:
        if self.price < 0:
            raise ValueError("a price is not negative")
        if self.event is not None and self.event.cost > self.price:
            raise ValueError("a price covers what its event costs")


@dataclass(frozen=True, slots=True)
class Ledger:
    """All charges that stand. The budget belongs to each cohort, hence to a client-year."""

    budget: MicroRho
    charges: Mapping[ChargeKey, Charge] = field(default_factory=dict)

    def spent(self, cohort: str) -> MicroRho:
        """Micro-rho charged to a cohort."""
        return MicroRho(sum(c.price for key, c in self.charges.items() if key.cohort == cohort))

    def left(self, cohort: str) -> MicroRho:
        """Micro-rho a cohort can still pay."""
        return MicroRho(self.budget - self.spent(cohort))

    def charge(self, new: Mapping[ChargeKey, Charge]) -> "Ledger":
        """Return the ledger with a round charged. Raises AlreadyCharged, BudgetExceeded."""
        for key in sorted(new):
            if key in self.charges:
                raise AlreadyCharged(key)
        for cohort in sorted({key.cohort for key in new}):
            asked = MicroRho(sum(c.price for key, c in new.items() if key.cohort == cohort))
            if asked > self.left(cohort):
                raise BudgetExceeded(cohort, asked=asked, left=self.left(cohort))
        return Ledger(self.budget, {**self.charges, **new})

    def refund(self, round_id: str) -> "Ledger":
        """Return the ledger without a round that was provably abandoned."""
        kept = {key: c for key, c in self.charges.items() if c.round_id != round_id}
        return Ledger(self.budget, kept)
