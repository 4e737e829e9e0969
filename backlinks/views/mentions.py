"""Mentions without a link: pages that name the brand and do not link to the project's domain.

Decided: the list is the project's own, whatever target is being looked at, because only its brand terms are looked for.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.crawl.mentions import terms_of
from projects import access
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from .exports import record_export
from .reading import Reading

AROUND = 60  # characters of the text that are shown on each side of a term


@access.project("client")
@require_safe
def mentions(request: HttpRequest, project: Project) -> HttpResponse:
    """A page, a fragment, or with `export=csv` all rows."""
    may_crawl = request.membership.may("viewer")  # type: ignore[attr-defined]
    crawls_url = Reading(project, project.target, {}).url("crawls") if may_crawl else ""
    terms = terms_of(project.brand_terms)
    fields = fields_of(terms)
    listing = tables.Listing(
        name="mentions",
        title=f"Mentions of {project.target} without a link",
        columns=fields,
        fetch=lambda asked: index.fetch_mentions(
            _asked(project, terms, asked), page=asked.page, per_page=asked.per_page
        ),
        stream=lambda asked: index.stream_mentions(_asked(project, terms, asked)),
        file_name=f"{project.target}-mentions-{datetime.now(UTC):%Y-%m-%d}",
        cells=cells,
        value=value_of,
        exported=record_export(project),
        stacks=True,
        empty=_empty(crawls_url, terms),
    )
    context = {"project": project, "terms": terms, "crawls_url": crawls_url}
    query = ListQuery.parse(fields, request.GET, sort="-mentioned_at")
    try:
        return tables.answer(request, listing, query, page="backlinks/mentions.html", context=context)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)


def _asked(project: Project, terms: tuple[str, ...], query: ListQuery) -> index.MentionQuery:
    return index.MentionQuery(
        project.workspace_id,
        project.target.domain,
        terms,
        tuple((one.name, one.op, one.text) for one in query.filters),
        query.sort,
        query.descending,
    )


def fields_of(terms: tuple[str, ...]) -> tuple[Field, ...]:
    return (
        Field("source_url", "Page", "url", "text", help="It names the brand and does not link to the site."),
        Field("title", "Page title", "text", "text"),
        Field("snippet", "In its text", sortable=False),
        Field("term", "Term", "text", "choice", terms, sortable=False, help="The brand term that is named first."),
        Field("times", "Times", "int", help="How often any of the terms is named."),
        Field("source_domain", "Domain", "text", "text", default=False),
        Field("language", "Language", "text", "text", default=False),
        Field("mentioned_at", "Seen", "datetime", "date"),
    )


def _empty(crawls_url: str, terms: tuple[str, ...]) -> tables.Empty:
    if not terms:
        return tables.Empty(
            "This project has no brand terms",
            "Mentions are found by the names of the brand. An editor adds them in the project's settings; the next "
            "crawl looks for them.",
        )
    return tables.Empty(
        "No page names the brand without a link",
        "Every crawl and link check looks for the brand terms in the text of the pages that it reads. Crawl sites that "
        "write about the brand, or watch them for new pages.",
        crawls_url,
        "Go to crawls",
    )


def cells(columns: Sequence[tables.Column], row: dict[str, Any]) -> list[tables.Cell]:
    return [_cell(one, row) for one in columns]


def _cell(column: tables.Column, row: dict[str, Any]) -> tables.Cell:
    if column.name == "snippet":
        return tables.Cell(replace(column, kind="marked"), around(row))
    return tables.Cell(column, value_of(column, row), external=column.kind == "url")


def around(row: dict[str, Any]) -> tuple[str, str, str]:
    """The words before the term, the term and those behind it, so few that the term is seen."""
    left, right = row["snippet_left"], row["snippet_right"]
    before = left if len(left) <= AROUND else f"…{left[-AROUND:].partition(' ')[2] or left[-AROUND:]}"
    behind = right if len(right) <= AROUND else f"{right[:AROUND].rpartition(' ')[0] or right[:AROUND]}…"
    return before, row["snippet_term"], behind


def value_of(column: tables.Column, row: dict[str, Any]) -> Any:
    if column.name == "snippet":
        return f"{row['snippet_left']}{row['snippet_term']}{row['snippet_right']}".strip()
    if column.name == "term":
        return ", ".join(row["terms"])
    return tables.value_of(column, row)
