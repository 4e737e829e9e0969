"""Figures drawn: data for ECharts as plain JSON, and shares drawn by the server as SVG.

Decided: the page's JSON holds numbers and names of colours only; `static/js/charts.js` builds the chart from it in the
colours of the theme, and each chart stands beside a table that says the same. Small bars are SVG attributes, because
the content security policy forbids inline styles.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Series:
    """One line or bar of a chart; `colour` is a CSS variable such as "--ll-series-1".

    `href` leads from a step to its rows: a URL with {first} and {last} for the days of the step.
    """

    name: str
    values: Sequence[float | None]
    colour: str
    kind: str = "line"
    href: str = ""


def time_chart(
    labels: Sequence[str],
    series: Iterable[Series],
    *,
    note: str = "",
    marks: Iterable[tuple[str, str]] = (),
    top: float | None = None,
    spans: Iterable[tuple[date, date]] = (),
) -> dict[str, Any]:
    """JSON for `data-chart`: labels of the x axis and the series over them.

    `marks` are vertical lines as (label of the axis, what happened there); `top` is the end of the y axis; `spans` are
    the first and the last day of each label, for series that lead to rows.
    """
    return {
        "labels": list(labels),
        "note": note,
        "marks": [{"at": at, "text": text} for at, text in marks],
        "top": top,
        "spans": [(first.isoformat(), last.isoformat()) for first, last in spans],
        "series": [
            {
                "name": one.name,
                "values": list(one.values),
                "colour": one.colour,
                "kind": one.kind,
                "href": one.href,
            }
            for one in series
        ],
    }


@dataclass(frozen=True, slots=True)
class Part:
    """One share of a whole: `start` and `width` are percent of the bar, `tone` a class of the style sheet."""

    label: str
    value: int
    href: str
    tone: str
    start: float
    width: float

    @property
    def share(self) -> float:
        return self.width / 100


def parts(whole: int, values: Iterable[tuple[str, int, str, str]]) -> list[Part]:
    """Shares of `whole` for (label, value, href, tone), laid one after the other."""
    made: list[Part] = []
    start = 0.0
    for label, value, href, tone in values:
        width = 100 * value / whole if whole else 0.0
        made.append(Part(label, value, href, tone, round(start, 3), round(width, 3)))
        start += width
    return made


SPARK_WIDTH, SPARK_HEIGHT = 72, 18


def spark(values: Sequence[float]) -> str:
    """Points of a small line over equal steps, in the units of its picture; a flat line of zeros lies on the ground."""
    largest = max(values, default=0) or 1
    step = SPARK_WIDTH / max(len(values) - 1, 1)
    room = SPARK_HEIGHT - 2
    return " ".join(
        f"{at * step:.1f},{SPARK_HEIGHT - 1 - room * value / largest:.1f}" for at, value in enumerate(values)
    )


def bar(value: float, largest: float) -> float:
    """Length in percent of the longest bar; anything above 0 stays visible."""
    if not value or not largest:
        return 0.0
    return max(round(100 * value / largest, 2), 1.0)
