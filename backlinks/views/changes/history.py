"""History: a profile over time, for a domain, a host, a folder or a page.

Decided: two readings, never mixed. By the dates of the links: what is known today, placed on the days that the sources
name; there from the first import on, for every target, and it changes when an older file comes in. As known on each
day: the figures that this installation showed then; it begins with the first settle and never changes. Refused: one
line that is the one before a day and the other after it, because the step between them would look like a loss.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlinks import index
from backlinks.views.exports import record_export
from backlinks.views.opengraph import without_graph
from backlinks.views.reading import Reading, page_context, report_page
from projects import access
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from . import steps
from .spans import Period, period_of

DATES, DAYS = "dates", "days"
READINGS = ((DATES, "By the dates of the links"), (DAYS, "As known on each day"))
ABOUT = {
    DATES: "What is known today, placed on the days that the sources name: a link is there from its first sight until "
    "the day on which it was found lost. Complete from the first import on; an older file that comes in later changes "
    "it. Links without a date stand in no step.",
    DAYS: "The figures that were shown at the end of each day, kept for ever: nothing that comes in later changes "
    "them. A day on which nothing new came in is as the one before.",
}
# Column of a step -> the report behind it, and the parameters that keep the report to the step.
NEW = {"first_seen_from": "{first}", "first_seen_to": "{last}"}
LOST = {"state": "lost", "lost_at_from": "{first}", "lost_at_to": "{last}"}
BEHIND = {
    "new_links": ("links", NEW),
    "lost_links": ("links", LOST),
    "new_domains": ("domains", NEW),
    "lost_domains": ("domains", LOST),
}


@access.project("client")
@report_page
def history(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Page, fragment or export of the steps."""
    query = index.pin(reading.query("links"))
    chosen = request.GET.get("reading")
    chosen = chosen if chosen in dict(READINGS) else DATES
    kept = {"reading": chosen} if chosen != DATES else {}
    period = period_of(
        request, lambda params: reading.url("history", kept | dict(params)), lambda: _first(query, chosen)
    )
    fields = steps.DATED if chosen == DATES else steps.KNOWN
    rows, undated = _rows(query, period, chosen)
    asked = ListQuery.parse(fields, request.GET, sort="-first")
    keep = reading.carried | kept | period.asked
    context = page_context(request, reading) | {
        "period": period,
        "chosen": chosen,
        "about": ABOUT[chosen],
        "readings": [
            tables.Link(
                label, reading.url("history", period.asked | ({"reading": one} if one != DATES else {})), one == chosen
            )
            for one, label in READINGS
        ],
        "charts": _charts(reading, rows, chosen) if rows else (),
        "undated": undated,
        "has_rows": _has_rows(rows),
        "keep": keep,
        "of_domain": reading.target.scope != "root",
        "graph_words": without_graph(of_part=reading.target.scope != "root"),
    }
    made = _listing(reading, fields, rows, period, chosen)
    return tables.answer(request, made, asked, page="backlinks/history.html", context=context, keep=keep)


def _first(query: index.LinkQuery, chosen: str) -> Any:
    if chosen == DATES:
        return index.first_day(query)
    return next((one.day for one in index.known_days(query)), None)


def _rows(query: index.LinkQuery, period: Period, chosen: str) -> tuple[list[steps.Row], index.Dated | None]:
    scores = steps.scores_of(query.workspace, query.target.domain)
    if chosen == DAYS:
        return steps.known_rows(index.known_days(query), period.span, scores), None
    found = index.by_dates(query, period.span)
    return steps.dated_rows(found.points, scores), found


def _has_rows(rows: Sequence[steps.Row]) -> bool:
    return any(row["links"] or row["domains"] or row.get("seen") for row in rows)


def _charts(reading: Reading, rows: Sequence[steps.Row], chosen: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(id, heading, note, chart) of each picture."""
    made = (_dated_charts if chosen == DATES else _known_charts)(reading, rows)
    if sum(row["authority"] >= 0 for row in rows) > 1:
        scored = [row | {"authority": row["authority"] if row["authority"] >= 0 else None} for row in rows]
        lines = [steps.series(scored, "Authority", "authority", "--ll-series-5")]
        made.append(("scores", "Authority", "Of the whole domain, 0 to 100.", steps.chart(rows, lines) | {"top": 100}))
    return made


def _dated_charts(reading: Reading, rows: Sequence[steps.Row]) -> list[tuple[str, str, str, dict[str, Any]]]:
    def bars(column: str, name: str, colour: str, *, down: bool) -> Any:
        return steps.series(rows, name, column, colour, "bar", down=down, href=step_url(reading, column))

    domains = [
        steps.series(rows, "Referring domains", "domains", "--ll-series-1"),
        bars("new_domains", "New", "--ll-live", down=False),
        bars("lost_domains", "Lost", "--ll-lost", down=True),
    ]
    links = [
        steps.series(rows, "Links", "links", "--ll-series-1"),
        steps.series(rows, "Follow", "follow", "--ll-series-3"),
        bars("new_links", "New", "--ll-live", down=False),
        bars("lost_links", "Lost", "--ll-lost", down=True),
    ]
    note = "There at the end of each step; new and lost in it as bars. A bar leads to its rows."
    return [
        ("domains", "Referring domains", note, steps.chart(rows, domains)),
        ("links", "Links", note, steps.chart(rows, links)),
    ]


def _known_charts(reading: Reading, rows: Sequence[steps.Row]) -> list[tuple[str, str, str, dict[str, Any]]]:
    domains = [steps.series(rows, "Referring domains", "domains", "--ll-series-1")]
    links = [
        steps.series(rows, "Links", "links", "--ll-series-1"),
        steps.series(rows, "Live", "live", "--ll-live"),
        steps.series(rows, "Follow", "follow", "--ll-series-3"),
        steps.series(rows, "Lost", "lost", "--ll-lost"),
    ]
    return [
        ("domains", "Referring domains", "All that were known at the end of each step.", steps.chart(rows, domains)),
        (
            "links",
            "Links",
            "All that were known at the end of each step, by what was known of them.",
            steps.chart(rows, links),
        ),
    ]


def step_url(reading: Reading, column: str) -> str:
    """The rows behind a column of any step: a URL with {first} and {last}."""
    report, params = BEHIND[column]
    return reading.url(report, params).replace("%7Bfirst%7D", "{first}").replace("%7Blast%7D", "{last}")


def _listing(
    reading: Reading, fields: tuple[Field, ...], rows: Sequence[steps.Row], period: Period, chosen: str
) -> tables.Listing:
    urls = {name: step_url(reading, name) for name in BEHIND} if chosen == DATES else {}

    def cells(columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        days = {"first": row["first"].isoformat(), "last": row["last"].isoformat()}
        return [
            tables.Cell(
                one,
                tables.value_of(one, row),
                href=urls[one.name].format(**days) if row.get(one.name) and one.name in urls else "",
            )
            for one in columns
        ]

    return tables.Listing(
        name=f"history-{chosen}",
        title=f"History of {reading.label}, {period.words}",
        columns=fields,
        fetch=lambda asked: steps.page_of(asked, rows),
        stream=lambda asked: steps.in_order(asked, rows),
        file_name=f"{reading.target.label}-history-{period.span.first}-{period.span.last}",
        cells=cells,
        exported=record_export(reading.project, reading.target),
        empty=_empty(reading, chosen),
    )


def _empty(reading: Reading, chosen: str) -> tables.Empty:
    if chosen == DAYS:
        return tables.Empty(
            "Nothing was noted yet in these days",
            "The figures of a domain and its hosts are noted whenever something new about them comes in; those of a "
            "folder or a page every night, once a project or a competitor names it.",
            reading.url("history"),
            "By the dates of the links",
        )
    return tables.Empty("The range has no days", "Choose another range above.", reading.url("history"), "Last 90 days")
