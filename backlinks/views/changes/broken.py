"""Broken backlinks: linked pages that answer with an error, what could stand in for each, and the rules to make it so.

Decided: one row a target page, those with live links first, because a redirect wins exactly these back. Suggestions are
made for the rows that are shown, and for an export in portions; each says how alike it is and why, and none is carried
out by us: the rules are text for whoever runs the server. `?list=redirects` shows linked pages that redirect well or
badly: to the home page, or through others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from backlinks import index, redirects
from backlinks.views.exports import record_export
from backlinks.views.reading import Reading, page_context, report_page
from projects import access
from projects.audit import record_request
from seoapp.lib import export, tables
from seoapp.lib.listquery import ListQuery

LISTS = (("broken", "Broken pages"), ("redirects", "Redirects"))
ABOUT = {
    "broken": "Pages of the target that links lead to and that answered 4xx or 5xx when our checks or a crawl last "
    "looked. A redirect to the right page wins their links back. What did not answer at all, or may have refused our "
    "crawler alone (401, 403, 429 …), is not called broken.",
    "redirects": "Linked pages that redirect. To the home page: search engines take that for an error in disguise, and "
    "the links count little. Through others: each step costs time, and chains break.",
}
FORMULA = (
    f"Alike = {redirects.PATH} % words that both paths have, of all that either has + {redirects.SLUG} % likeness of "
    "the last part of the path (by the edits that turn one into the other; none where their numbers differ) + "
    f"{redirects.SAID} % words of the anchors found in the other page's path or title. From {redirects.LEAST} on a "
    "page is suggested; below, the folder above it where that is known to answer well. The home page never is: search "
    "engines take such a redirect for an error in disguise."
)
VERDICTS = {"home": "to the home page", "chain": "through others", "redirect": "plain"}
AT_ONCE = 200
MOST_RULES = 20_000
Row = dict[str, Any]


@access.project("client")
@require_safe
@report_page
def broken(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Page, fragment or export of one of the lists."""
    query = index.pin(reading.query("links"))
    chosen = "redirects" if request.GET.get("list") == "redirects" else "broken"
    found = index.broken_pages(query) if chosen == "broken" else index.redirected_pages(query)
    kept = {"list": chosen} if chosen != "broken" else {}
    has_answers = index.has_answers(query)
    context = page_context(request, reading) | {
        "chosen": chosen,
        "about": ABOUT[chosen],
        "formulas": [FORMULA],
        "crawls_url": reading.url("crawls"),
        "lists": [
            tables.Link(label, reading.url("broken", {"list": one} if one != "broken" else {}), one == chosen)
            for one, label in LISTS
        ],
        "rules": [(name, reading.url(f"broken_{name}")) for name in redirects.RULES],
        "has_answers": has_answers,
        "can_rule": False,
    }
    asked = ListQuery.parse(found.fields, request.GET, sort="-live")
    made = _listing(reading, query, found, chosen, has_answers=has_answers)
    if chosen == "broken" and "export" not in request.GET:
        fetch = made.fetch
        first = fetch(asked)
        made = replace(made, fetch=lambda query: first if query == asked else fetch(query))
        context["can_rule"] = first.more or any(row["likeness"] >= redirects.LEAST for row in first.rows)
    return tables.answer(
        request, made, asked, page="backlinks/broken.html", context=context, keep=reading.carried | kept
    )


@access.project("client")
@require_safe
@report_page
def broken_rules(request: HttpRequest, reading: Reading, kind: str) -> HttpResponse | StreamingHttpResponse:
    """Rules of redirects as text, for nginx or Apache: those that are alike enough, best linked first."""
    query = index.pin(reading.query("links"))
    found = index.broken_pages(query)
    rows = islice(found.stream(ListQuery.parse(found.fields, {}, sort="-live")), MOST_RULES)
    pairs = (
        (row["target_url"], row["suggested"])
        for row in _with_stand_ins(query, rows)
        if row["likeness"] >= redirects.LEAST
    )
    record_request(
        request, "export", reading.project.workspace, f"redirects of {reading.target}", project=reading.project.pk,
        parameters={"kind": kind},
    )  # fmt: skip
    response = StreamingHttpResponse(redirects.RULES[kind](pairs), content_type="text/plain; charset=utf-8")
    name = export.safe_filename(f"{reading.target.label}-redirects-{kind}")
    response["Content-Disposition"] = f'attachment; filename="{name}.txt"'
    return response


# --- Suggestions ------------------------------------------------------------------------------------------------------
def _with_stand_ins(query: index.LinkQuery, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of broken pages with their best authority and what could stand in for them."""
    left = iter(rows)
    while portion := list(islice(left, AT_ONCE)):
        keys = [row["target_key"] for row in portion]
        known = set(keys)
        about = index.about_pages(query, keys)
        pages = [
            redirects.SitePage(row["target_key"], row["target_url"], " ".join(_anchors(about, row))) for row in portion
        ]
        words = redirects.needles(one.url for one in pages)
        above = sorted({key for one in pages for key in redirects.folders_above(one.key)})
        good = [
            redirects.SitePage(row["page_key"], row["page_url"], row["title"])
            for row in index.stand_ins(query, words, above)
            if row["page_key"] not in known
        ]
        for row, one in zip(portion, redirects.suggest(pages, good), strict=True):
            yield row | {
                "best": about.get(row["target_key"], {}).get("best", -1),
                "suggested": one.url if one else "",
                "likeness": one.likeness if one else -1,
                "why": list(one.why) if one else [],
            }


def _anchors(about: Mapping[str, Mapping[str, Any]], row: Row) -> Sequence[str]:
    return about.get(row["target_key"], {}).get("anchors", ())


# --- The list ---------------------------------------------------------------------------------------------------------
def _listing(
    reading: Reading, query: index.LinkQuery, found: index.Listed, chosen: str, *, has_answers: bool
) -> tables.Listing:
    def fetch(asked: ListQuery) -> index.RowPage:
        page = found.page(asked)
        return index.RowPage(list(_with_stand_ins(query, page.rows)), page.more) if chosen == "broken" else page

    def stream(asked: ListQuery) -> Iterator[Row]:
        rows = found.stream(asked)
        return _with_stand_ins(query, rows) if chosen == "broken" else rows

    return tables.Listing(
        name=f"targets-{chosen}",
        title=f"{dict(LISTS)[chosen]} of {reading.label}",
        columns=found.fields,
        fetch=fetch,
        stream=stream,
        file_name=f"{reading.target.label}-{chosen}",
        cells=_cells(reading),
        value=_value,
        labels=VERDICTS,
        exported=record_export(reading.project, reading.target),
        stacks=True,
        empty=_empty(reading, chosen, has_answers=has_answers),
    )


def _cells(reading: Reading) -> Callable[[Sequence[tables.Column], Row], list[tables.Cell]]:
    def cells(columns: Sequence[tables.Column], row: Row) -> list[tables.Cell]:
        urls = _urls(reading, row)
        return [
            tables.Cell(
                one,
                _value(one, row),
                href=urls.get(one.name, ""),
                external=one.kind == "url",
                empty="no page alike is known" if one.name == "suggested" else "",
            )
            for one in columns
        ]

    return cells


def _urls(reading: Reading, row: Row) -> dict[str, str]:
    page = {"target_url_is": row["target_url"]}
    return {
        "links": reading.url("links", page),
        "live": reading.url("links", page | {"state": "live"}),
        "follow": reading.url("links", page | {"nofollow": "no"}),
        "domains": reading.url("links", page | {"group": "domain"}),
    }


def _value(column: tables.Column, row: Row) -> Any:
    if column.name == "verdict":
        return VERDICTS[row["verdict"]]
    found = tables.value_of(column, row)
    if column.name == "status":
        return found or None
    return None if column.kind == "date" and found is not None and found.year <= 1970 else found


def _empty(reading: Reading, chosen: str, *, has_answers: bool) -> tables.Empty:
    if not has_answers:
        return tables.Empty(
            f"Nobody has looked at the pages of {reading.label} yet",
            "A check of the links looks at their targets too, and a crawl of the site asks every page.",
            reading.url("checks"),
            "Check the links",
            (("Crawl the site", reading.url("crawls")),) if not reading.is_narrow else (),
        )
    words = "No linked page is known to be broken" if chosen == "broken" else "No linked page is known to redirect"
    return tables.Empty(words, "Every page that was looked at answers well.", reading.url("pages"), "Indexed pages")
