"""A table of estimates with a chart beside each row: what most pages show."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chassis.present.axis import Axis, Bar
from chassis.present.estimates import Estimate, Reading, percent, read
from chassis.present.numbers import number
from chassis.present.ranks import rank_ranges
from chassis.present.sentences import placed
from chassis.texts import Texts

Named = tuple[str, str, Estimate | None]
"""(code, label, estimate)."""

_WITHIN = {"people": (0.0, float("inf")), "share": (0.0, 1.0)}
_ANY = (-float("inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Line:
    """One row; `estimate` is None when it is too uncertain to show."""

    code: str
    label: str
    estimate: Estimate | None
    reading: Reading | None
    bar: Bar | None
    rank: str = ""
    response: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis; `end` says on which side its text hangs."""

    x: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Table:
    """Lines on one axis. `total` stands apart; `unseen` names what is too uncertain."""

    caption: str
    heading: str
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    total: Line | None = None
    unseen: tuple[str, ...] = ()
    zero: float | None = None
    unordered: bool = False

    @property
    def ranked(self) -> int:
        """How many lines have places."""
        return sum(bool(line.rank) for line in self.lines)

    @property
    def answered(self) -> bool:
        """Whether lines have response rates."""
        return any(line.response for line in self.lines)

    @property
    def said(self) -> bool:
        """Whether lines have sentences."""
        return any(line.sentence for line in self.lines)

    def saying(self, say: Callable[[Estimate], str]) -> "Table":
        """The same table with a sentence about each estimate."""

        def told(line: Line) -> Line:
            return replace(line, sentence=say(line.estimate)) if line.estimate else line

        lines = tuple(told(line) for line in self.lines)
        total = told(self.total) if self.total else None
        return replace(self, lines=lines, total=total)


@dataclass(frozen=True, slots=True)
class Style:
    """How a table is made."""

    caption: str
    heading: str
    zero: bool = True
    signed: bool = False
    ranked: bool = False
    answered: bool = True


def make_table(
    t: Texts,
    style: Style,
    named: Sequence[Named],
    *,
    total: Named | None = None,
    unseen: Sequence[str] = (),
    axis: Axis | None = None,
) -> Table:
    """Put estimates on one axis. The total is drawn only if it fits there: shares and means."""
    apart = [total[2]] if total and total[2] and total[2].unit != "people" else []
    shown = [one for _, _, one in named if one] + [one for one in apart if one]
    unit = shown[0].unit if shown else "people"
    axis = axis or Axis.over(shown, zero=style.zero, within=_WITHIN.get(unit, _ANY))
    ranks = _ranks(t, named) if style.ranked else {}
    lines = tuple(_line(t, style, axis, one, ranks.get(one[0], ("", False))[0]) for one in named)
    return Table(
        style.caption,
        style.heading,
        lines,
        _ticks(axis, unit, t, signed=style.signed),
        None if total is None else _line(t, style, axis if apart else None, total, ""),
        tuple(unseen),
        axis.at(0) if style.signed else None,
        bool(ranks) and not any(certain for _, certain in ranks.values()),
    )


def _ranks(t: Texts, named: Sequence[Named]) -> dict[str, tuple[str, bool]]:
    known = [(code, one) for code, _, one in named if one is not None and code != "unknown"]
    ranges = rank_ranges([one for _, one in known])
    return {
        code: (placed(rank, t), rank[0] == rank[1])
        for (code, _), rank in zip(known, ranges, strict=True)
    }


def _line(t: Texts, style: Style, axis: Axis | None, named: Named, rank: str) -> Line:
    code, label, one = named
    if one is None:
        return Line(code, label, None, None, None)
    language = t.language
    return Line(
        code,
        label,
        one,
        read(one, language, signed=style.signed),
        axis.bar(one) if axis else None,
        rank,
        percent(one.response, language) if style.answered and one.response is not None else "",
    )


def _ticks(axis: Axis, unit: str, t: Texts, *, signed: bool) -> tuple[Tick, ...]:
    times, sign = (100, "%") if unit == "share" else (1, "")
    step = (axis.ticks[1] - axis.ticks[0]) * times if len(axis.ticks) > 1 else 1.0
    place = min(0, len(str(int(step))) - 1 if step >= 1 else -_decimals(step))
    last = len(axis.ticks) - 1
    return tuple(
        Tick(
            axis.at(value),
            number(value * times, place, t.language, signed=signed) + sign,
            {0: "start", last: "end"}.get(k, "middle"),
        )
        for k, value in enumerate(axis.ticks)
    )


def _decimals(step: float) -> int:
    """How many decimals a step needs; at most 4."""
    return next((d for d in range(1, 5) if abs(round(step, d) - step) < 1e-9), 4)
