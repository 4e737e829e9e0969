"""A calibration as SVG: the share of bad domains by bins of a score, one line a score, dots as large as their bins."""

from collections.abc import Iterator, Mapping, Sequence
from math import isnan, sqrt
from xml.sax.saxutils import escape

WIDE, HIGH, EDGE = 720, 440, 60
COLOURS = ("#1f5fbf", "#b8560f")
Bin = tuple[int, int, float]


def draw(curves: Mapping[str, Sequence[Bin]]) -> str:
    """Curves by name, each of (lower end, domains, share bad)."""
    parts = [*_frame()]
    most = max((count for curve in curves.values() for _, count, _ in curve), default=1)
    for place, ((name, curve), colour) in enumerate(zip(curves.items(), COLOURS, strict=False)):
        parts += _curve(curve, colour, most)
        parts.append(f'<text x="{EDGE + 14}" y="{EDGE + 22 + 20 * place}" fill="{colour}">{escape(name)}</text>')
    body = "\n".join(parts)
    opened = f'viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="13"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {opened}>\n'
        f'<rect width="{WIDE}" height="{HIGH}" fill="#fff"/>\n{body}\n</svg>\n'
    )


def _x(score: float) -> float:
    return EDGE + (WIDE - 2 * EDGE) * score / 100


def _y(share: float) -> float:
    return HIGH - EDGE - (HIGH - 2 * EDGE) * share


def _frame() -> Iterator[str]:
    """Axes, and where a band begins."""
    for step in range(0, 101, 20):
        yield f'<line x1="{_x(0)}" x2="{_x(100)}" y1="{_y(step / 100)}" y2="{_y(step / 100)}" stroke="#ddd"/>'
        yield f'<text x="{EDGE - 8}" y="{_y(step / 100) + 4}" text-anchor="end">{step} %</text>'
        yield f'<text x="{_x(step)}" y="{HIGH - EDGE + 20}" text-anchor="middle">{step}</text>'
    for band in (45, 60):
        yield f'<line x1="{_x(band)}" x2="{_x(band)}" y1="{_y(0)}" y2="{_y(1)}" stroke="#999" stroke-dasharray="4 4"/>'
    yield f'<text x="{WIDE / 2}" y="{HIGH - 16}" text-anchor="middle">score of a domain</text>'
    yield f'<text x="{EDGE}" y="{EDGE - 24}">share of bad domains in each bin</text>'


def _curve(curve: Sequence[Bin], colour: str, most: int) -> Iterator[str]:
    known = [(_x(low + 5), _y(share), count) for low, count, share in curve if not isnan(share)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in known)
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for x, y, count in known:
        size = 2 + 10 * sqrt(count / most)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="{colour}" fill-opacity="0.35"/>'
