"""Cohorts: the quarter in which a trajectory started.

>>> Cohort.parse("2025Q1").next(3)
Cohort('2025Q4')
"""

from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True, order=True, repr=False)
class Cohort:
    """A quarter of `started_on`; `index` counts quarters since the year 0."""

    index: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2025Q1`. Raises ValueError on anything else."""
        year, quarter = text[:4], text[5:]
        if len(text) != 6 or text[4] != "Q" or not year.isdigit() or quarter not in "1234":
            raise ValueError(f"{text!r} is not a quarter such as 2025Q1")
        return cls(int(year) * 4 + int(quarter) - 1)

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the quarter that holds this day."""
        return cls(day.year * 4 + (day.month - 1) // 3)

    def next(self, quarters: int = 1) -> "Cohort":
        """Return the cohort so many quarters later."""
        return Cohort(self.index + quarters)

    def __str__(self) -> str:
        return f"{self.index // 4:04d}Q{self.index % 4 + 1}"

    def __repr__(self) -> str:
        return f"Cohort({str(self)!r})"
