"""A bar chart as a small SVG, for README and docs."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

_WIDTH, _ROW = 640, 34
_INK, _BAR, _PLANTED, _LINE = "#1A1F2B", "#12436D", "#8C97A6", "#F46A25"
_LETTER = 7.2
"""Pixels of a letter of 14, about."""


@dataclass(frozen=True)
class Bar:
    """One bar with its number.

    `claim` marks what it should not pass, `other` gives it the second colour, `note` stands
    after the number.
    """

    name: str
    value: float
    claim: float | None = None
    other: bool = False
    note: str = ""

    @property
    def text(self) -> str:
        """The number and the note."""
        number = f"{self.value:.3f}" if self.value < 10 else f"{self.value:.0f}"
        return f"{number} {self.note}".rstrip()


@dataclass(frozen=True)
class Legend:
    """What the colours mean."""

    bar: str
    other: str
    claim: str


def write_bars(
    path: Path,
    title: str,
    bars: Sequence[Bar],
    *,
    line: float | None = None,
    legend: Legend | None = None,
) -> None:
    """Write one bar for each value, with its number; `line` marks a target of all."""
    left = 24 + _LETTER * max(len(bar.name) for bar in bars)
    most = max(max(bar.value, bar.claim or 0.0, line or 0.0) for bar in bars)
    right = 16 + _LETTER * max(len(bar.text) for bar in bars)
    scale = (_WIDTH - left - right) / most
    foot = _ROW * (len(bars) + 1) + 8
    height = foot + (_ROW if legend else 8)
    rows = [f'<text x="8" y="22" font-weight="600" fill="{_INK}">{escape(title)}</text>']
    rows += [text for place, bar in enumerate(bars) for text in _bar(place, bar, left, scale)]
    if line is not None:
        rows.append(_mark(left + line * scale, _ROW, foot))
    if legend is not None:
        rows += _legend(legend, foot)
    body = "\n".join(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="14">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


def _bar(place: int, bar: Bar, left: float, scale: float) -> list[str]:
    y, end = _ROW * (place + 1), left + max(bar.value * scale, 1)
    claim = None if bar.claim is None else left + bar.claim * scale
    beside = max(end, claim or 0.0) + 6
    found = (
        f'<text x="8" y="{y + 20}" fill="{_INK}">{escape(bar.name)}</text>'
        f'<rect x="{left:.1f}" y="{y + 4}" width="{end - left:.1f}" height="22" '
        f'fill="{_PLANTED if bar.other else _BAR}"/>'
        f'<text x="{beside:.1f}" y="{y + 20}" fill="{_INK}">{escape(bar.text)}</text>'
    )
    return [found] if claim is None else [found, _mark(claim, y + 1, y + 29)]


def _mark(x: float, top: float, bottom: float) -> str:
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="{_LINE}" '
        'stroke-width="2" stroke-dasharray="5 4"/>'
    )


def _legend(legend: Legend, y: float) -> list[str]:
    found, x = [], 8.0
    for colour, text in ((_BAR, legend.bar), (_PLANTED, legend.other)):
        found.append(
            f'<rect x="{x:.1f}" y="{y + 4}" width="14" height="14" fill="{colour}"/>'
            f'<text x="{x + 20:.1f}" y="{y + 16}" fill="{_INK}">{escape(text)}</text>'
        )
        x += 44 + _LETTER * len(text)
    claim = f'<text x="{x + 10:.1f}" y="{y + 16}" fill="{_INK}">{escape(legend.claim)}</text>'
    return [*found, _mark(x + 2, y + 2, y + 20) + claim]
