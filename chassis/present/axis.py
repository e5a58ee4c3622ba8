"""An axis with round ticks, and where an interval stands on it; all in percent of the width."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from chassis.present.estimates import Estimate
from privacy.inference.reach import Z95

_NARROWER = tuple(NormalDist().inv_cdf((1 + held) / 2) / Z95 for held in (0.95, 0.80, 0.50))
"""Half-widths of the 95, 80 and 50% intervals of a normal, in that of the first."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a dot, its three intervals (x, width) and the noise's bracket stand."""

    x: float
    tints: tuple[tuple[float, float], ...]
    noise: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """From `start` to `end`, with ticks."""

    start: float
    end: float
    ticks: tuple[float, ...]

    @classmethod
    def over(
        cls, estimates: Iterable[Estimate | None], *, zero: bool, within: tuple[float, float]
    ) -> "Axis":
        """Return the axis that holds all intervals; `zero`: and 0; never outside `within`."""
        ends = [end for one in estimates if one for end in (one.lo, one.hi)] or [0.0, 1.0]
        ends += [0.0] if zero else []
        least, most = min(ends), max(ends)
        step = _step((most - least) or 1.0)
        start = max(math.floor(least / step + 1e-9) * step, within[0])
        end = min(math.ceil(most / step - 1e-9) * step, within[1])
        if start >= end:  # every interval is one and the same point, such as 0 people
            start, end = (end - step, end) if end + step > within[1] else (start, start + step)
        count = round((end - start) / step)
        return cls(start, end, tuple(start + step * k for k in range(count + 1)))

    def at(self, value: float) -> float:
        """Return where a value stands, in percent; values outside stand at the end."""
        share = (value - self.start) / (self.end - self.start)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def bar(self, one: Estimate) -> Bar:
        """Return where an estimate and its intervals stand."""
        tints = []
        for part in _NARROWER:
            left = self.at(one.value - part * (one.value - one.lo))
            right = self.at(one.value + part * (one.hi - one.value))
            tints.append((left, round(right - left, 2)))
        left, right = self.at(one.noise[0]), self.at(one.noise[1])
        return Bar(self.at(one.value), tuple(tints), (left, round(right - left, 2)))


def _step(span: float) -> float:
    """The least round step that goes at most three and a half times into a span."""
    power = 10.0 ** math.floor(math.log10(span / 3.5))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= span / 3.5)


def breaks(values: Sequence[float]) -> tuple[float, float]:
    """Two round borders that cut three values or more into three classes of about equal size."""
    ordered = sorted(values)
    return _cut(ordered, len(ordered) // 3), _cut(ordered, 2 * len(ordered) // 3)


def _cut(ordered: Sequence[float], place: int) -> float:
    """The roundest number well inside the widest gap near a place."""
    near = len(ordered) // 9
    places = range(max(1, place - near), min(len(ordered) - 1, place + near) + 1)
    widest = max(places, key=lambda k: ordered[k] - ordered[k - 1])
    middle = (ordered[widest - 1] + ordered[widest]) / 2
    quarter = (ordered[widest] - ordered[widest - 1]) / 4
    for power in range(6, -3, -1):
        for unit in (10.0**power, 5 * 10.0 ** (power - 1)):
            candidate = round(middle / unit) * unit
            if abs(candidate - middle) < quarter:
                return candidate
    return middle
