"""Charts of a report as plain shapes, for SVG that the template writes: numbers and days, never a text from outside."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 30, 12, 10, 24
MOST_DAYS = 7  # named below the chart
RADIUS = 52


@dataclass(frozen=True, slots=True)
class Line:
    points: str
    dots: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Lines of values from 0 to 100 over days; `grid` are heights with their values, `days` places with their names."""

    risk: Line
    confidence: Line
    grid: tuple[tuple[str, int], ...]
    days: tuple[tuple[str, str, str], ...]  # (x, name, where the name is anchored)
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    floor: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of a bar that is 100 wide."""

    label: str
    count: int
    tone: str
    start: str
    width: str
    share: str


def trend(days: Sequence[date], risk: Sequence[int], confidence: Sequence[int]) -> Trend:
    """At least two days, the oldest first; they lie as far apart as they are."""
    places = [_x(day, days[0], days[-1]) for day in days]
    return Trend(
        _line(places, risk), _line(places, confidence), tuple((_y(one), one) for one in (0, 25, 50, 75, 100)),
        _named(days, places),
    )  # fmt: skip


def _x(day: date, first: date, last: date) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / max((last - first).days, 1)


def _y(value: float) -> str:
    return f"{TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / 100):.1f}"


def _line(places: Sequence[float], values: Sequence[int]) -> Line:
    dots = tuple((f"{x:.1f}", _y(value)) for x, value in zip(places, values, strict=True))
    return Line(" ".join(f"{x},{y}" for x, y in dots), dots)


def _named(days: Sequence[date], places: Sequence[float]) -> tuple[tuple[str, str, str], ...]:
    """Some of the days, far enough apart to be read, the last one always."""
    room = (WIDTH - LEFT - RIGHT) / MOST_DAYS
    named: list[tuple[float, date]] = []
    for x, day in sorted(zip(places, days, strict=True), reverse=True):
        if not named or named[-1][0] - x >= room:
            named.append((x, day))
    anchors = {places[0]: "start", places[-1]: "end"}
    return tuple((f"{x:.1f}", f"{day:%-d %b %Y}", anchors.get(x, "middle")) for x, day in reversed(named))


def slices(parts: Sequence[tuple[str, int, str]]) -> tuple[Slice, ...]:
    """(label, count, tone) one after the other, as shares of them all."""
    whole, start, made = sum(count for _, count, _ in parts) or 1, 0.0, []
    for label, count, tone in parts:
        width = 100 * count / whole
        made.append(Slice(label, count, tone, f"{start:.3f}", f"{width:.3f}", percent_of(count, whole)))
        start += width
    return tuple(made)


def percent_of(part: int, whole: int) -> str:
    """9 %, 0.4 %, < 0.1 %: what is there is never nothing."""
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 0.1:
        return "< 0.1 %"
    return f"{share:.1f} %" if 0 < share < 10 and round(share, 1) % 1 else f"{share:.0f} %"


def arc(value: float) -> str:
    """The dashes of a circle's line that shows so much of 100: a mark, and a gap for the rest."""
    round_it = 2 * math.pi * RADIUS
    return f"{round_it * value / 100:.1f} {round_it:.1f}"
