"""A bar chart as a small SVG, for README and docs."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

_WIDTH, _ROW, _LEFT = 640, 34, 250
_INK, _BAR, _LINE = "#1A1F2B", "#12436D", "#F46A25"


def write_bars(
    path: Path, title: str, values: Mapping[str, float], *, line: float | None = None
) -> None:
    """Write one bar for each value, with its number; `line` marks a target."""
    most = max(*values.values(), line or 0.0) * 1.12
    scale = (_WIDTH - _LEFT - 70) / most
    height = _ROW * (len(values) + 1) + 16
    rows = [
        f'<text x="8" y="22" font-weight="600" fill="{_INK}">{escape(title)}</text>',
        *(_bar(place, name, value, scale) for place, (name, value) in enumerate(values.items())),
    ]
    if line is not None:
        x = _LEFT + line * scale
        rows.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_ROW}" y2="{height - 8}" stroke="{_LINE}" '
            'stroke-width="2" stroke-dasharray="5 4"/>'
        )
    body = "\n".join(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="14">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n',
        encoding="utf-8",
    )


def _bar(place: int, name: str, value: float, scale: float) -> str:
    y = _ROW * (place + 1)
    return (
        f'<text x="8" y="{y + 20}" fill="{_INK}">{escape(name)}</text>'
        f'<rect x="{_LEFT}" y="{y + 4}" width="{max(value * scale, 1):.1f}" height="22" '
        f'fill="{_BAR}"/><text x="{_LEFT + value * scale + 6:.1f}" y="{y + 20}" '
        f'fill="{_INK}">{value:.3g}</text>'
    )
