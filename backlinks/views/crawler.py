"""Hosts that the crawler has asked: when the next request may go out, what robots.txt says, and every address asked.

Decided: politeness and robots.txt are shared by all workspaces of an installation, because a site is one; what was
asked there is shown only of crawls of projects that the reader may see. A site that none of them asked is not there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backlinks.crawl import robots
from backlinks.crawl.hosts import backed_off
from backlinks.crawl.models import CrawlHost, CrawlUrl, RobotsFile
from projects import access
from projects.access import visible_projects
from projects.models import Project
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery, Rows
from seoapp.lib.weburl import display_host

from .crawl_reports import PURPOSES, STATES
from .exports import record_export
from .reading import Reading
from .reasons import ROBOTS, in_words, tone

MOST_ORIGINS = 50  # schemes, hosts and ports of one site that are shown
SHOWN_TEXT = 20_000  # characters of a robots.txt
HOSTS = (
    Field("domain", "Site", "text", "text"),
    Field("asked", "Addresses asked", "int", "number"),
    Field("troubled", "Not read", "int", "number", help="Addresses that were asked in vain."),
    Field("last", "Last asked", "datetime", "date"),
    Field("next_at", "May be asked again", "datetime", sortable=False),
    Field("delay", "Seconds between", "number", sortable=False, help="Now, with the pause that failures add."),
    Field("failures", "Failures in a row", "int", sortable=False),
    Field("note", "What failed", "text", sortable=False, default=False),
    Field("robots", "robots.txt", "text", sortable=False, help="Of the origins of this site."),
)
LOG = (
    Field("fetched_at", "Asked at", "datetime", "date"),
    Field("url", "Address", "url", "text"),
    Field("state", "State", "state", "choice", tuple(STATES)),
    Field("status", "HTTP", "int", "number"),
    Field("code", "Why not", "text", "text"),
    Field("seconds", "Milliseconds", "int"),
    Field("bytes", "Bytes", "int", "number"),
    Field("purpose", "What for", "text", "choice", tuple(PURPOSES), default=False),
    Field("attempts", "Tries", "int", "number", default=False),
    Field("ip", "IP", "text", "text", default=False),
    Field("crawl", "Crawl", "text", sortable=False),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """A robots.txt as it is shown."""

    address: str
    state: str
    reason: str
    status: int
    delay: float | None
    skipped: bool
    read_at: datetime
    text: str
    is_cut: bool


def _asked(request: HttpRequest) -> QuerySet[CrawlUrl]:
    """Addresses that crawls of the reader's projects have asked."""
    projects = visible_projects(request.membership)  # type: ignore[attr-defined]
    return CrawlUrl.objects.filter(crawl__project__in=projects).exclude(domain="")


# --- All sites --------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def crawl_hosts(request: HttpRequest, project: Project) -> HttpResponse:
    """Sites that were asked or wait to be: page, fragment or CSV."""
    own = Reading(project, project.target, {})
    rows = (
        _asked(request)
        .values("domain")
        .annotate(
            asked=Count("pk", filter=Q(fetched_at__isnull=False)),
            troubled=Count("pk", filter=Q(fetched_at__isnull=False, state="failed")),
            last=Max("fetched_at"),
        )
    )
    listing = tables.Listing(
        name="crawl-hosts",
        title="Sites that the crawler has asked",
        columns=HOSTS,
        fetch=lambda asked: _page(asked, rows),
        stream=lambda asked: _all(asked, rows),
        file_name=f"crawled-sites-{datetime.now(UTC):%Y-%m-%d}",
        cells=lambda columns, row: [_host_cell(own, one, row) for one in columns],
        exported=record_export(project, "the workspace"),
        stacks=True,
        empty=tables.Empty(
            "No site was asked yet",
            "Sites stand here once a crawl or check has asked them.",
            own.url("crawls"),
            "Crawls",
        ),
    )
    query = ListQuery.parse(HOSTS, request.GET, sort="-last")
    context = {"project": project, "own": own}
    return tables.answer(request, listing, query, page="backlinks/crawl_hosts.html", context=context)


def _ordered(query: ListQuery, rows: QuerySet[Any]) -> QuerySet[Any]:
    """A grouped list has no ids to order by."""
    return query.select(rows).order_by(f"{'-' if query.descending else ''}{query.sort}", "domain")


def _page(query: ListQuery, rows: QuerySet[Any]) -> Rows:
    start = (query.page - 1) * query.per_page
    found = list(_ordered(query, rows)[start : start + query.per_page + 1])
    return Rows(list(_known(found[: query.per_page])), len(found) > query.per_page)


def _all(query: ListQuery, rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    """Every site, some hundred at a time."""
    block: list[dict[str, Any]] = []
    for row in _ordered(query, rows).iterator(chunk_size=500):
        block.append(row)
        if len(block) == 500:
            yield from _known(block)
            block = []
    yield from _known(block)


def _known(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows with what is known of each site's politeness and robots.txt."""
    domains = [row["domain"] for row in rows]
    hosts = {one.domain: one for one in CrawlHost.objects.filter(domain__in=domains)}
    for row in rows:
        host = hosts.get(row["domain"])
        yield row | {
            "next_at": host.next_at if host else None,
            "delay": round(_delay(host), 1) if host else None,
            "failures": host.failures if host else None,
            "note": host.note if host else "",
            "robots": ", ".join(sorted({ROBOTS.get(one.state, one.state) for one in _files(row["domain"])})),
        }


def _delay(host: CrawlHost) -> float:
    return backed_off(host.delay or settings.CRAWL_DELAY_SECONDS, host.failures)


def _host_cell(own: Reading, column: tables.Column, row: dict[str, Any]) -> tables.Cell:
    url = own.url("crawl_host", domain=row["domain"])
    hrefs = {
        "domain": url,
        "asked": url,
        "troubled": own.url("crawl_host", {"state": "failed"}, domain=row["domain"]),
        "robots": f"{url}#robots",
    }
    value = row[column.name]
    if column.name == "domain":
        value = display_host(value)
    empty = {"robots": "not read", "note": "nothing", "last": "not yet"}.get(column.name, "")
    href = hrefs.get(column.name, "") if value not in (None, "") else ""
    return tables.Cell(column, value, href, note=row["note"] if column.name == "failures" else "", empty=empty)


# --- One site ---------------------------------------------------------------------------------------------------------
@access.project("viewer")
@require_safe
def crawl_host(request: HttpRequest, project: Project, domain: str) -> HttpResponse:
    """Politeness, robots.txt, and the log of a site; with `export=csv` the log alone."""
    rows = _asked(request).filter(domain=domain)
    if not rows.exists():
        raise Http404
    own = Reading(project, project.target, {})
    log = rows.filter(fetched_at__isnull=False).select_related("crawl__project__workspace")
    listing = tables.Listing(
        name="crawl-host",
        title=f"Addresses asked of {domain}",
        columns=LOG,
        fetch=lambda asked: asked.fetch(log),
        stream=lambda asked: asked.stream(log),
        file_name=f"asked-of-{domain}",
        cells=lambda columns, row: [_log_cell(one, row) for one in columns],
        value=log_value,
        labels=STATES | PURPOSES,
        exported=record_export(project, domain),
        stacks=True,
        empty=tables.Empty("Nothing was asked yet", "Its addresses wait, or robots.txt lets us ask for none."),
    )
    host = CrawlHost.objects.filter(domain=domain).first()
    context = {
        "project": project,
        "own": own,
        "domain": display_host(domain),
        "host": host,
        "delay": _delay(host) if host else None,
        "is_held": bool(host and host.lease_until and host.lease_until > timezone.now()),
        "may_now": bool(host and host.next_at <= timezone.now()),
        "origins": list(_origins(rows, domain)),
        "agent": robots.AGENT,
    }
    query = ListQuery.parse(LOG, request.GET, sort="-fetched_at")
    return tables.answer(request, listing, query, page="backlinks/crawl_host.html", context=context)


def _files(domain: str) -> Iterable[RobotsFile]:
    """The robots.txt of a site's hosts."""
    found = RobotsFile.objects.filter(origin__contains=domain).defer("text").order_by("origin")
    hosts = ((one, urlsplit(one.origin).hostname or "") for one in found[: MOST_ORIGINS * 4])
    return [one for one, host in hosts if host == domain.strip("[]") or host.endswith(f".{domain}")][:MOST_ORIGINS]


def _origins(rows: QuerySet[CrawlUrl], domain: str) -> Iterator[Origin]:
    """Of the origins that the reader's crawls have addresses of."""
    for one in _files(domain):
        if rows.filter(url__startswith=f"{one.origin}/").exists():
            rules = robots.kept(one.state, one.text, one.reason)
            yield Origin(
                one.origin,
                ROBOTS.get(one.state, one.state),
                one.reason or rules.reason,
                one.status,
                rules.delay,
                rules.skip_host,
                one.fetched_at,
                one.text[:SHOWN_TEXT],
                len(one.text) > SHOWN_TEXT,
            )


def _log_cell(column: tables.Column, row: CrawlUrl) -> tables.Cell:
    value = log_value(column, row)
    if column.name == "state":
        return tables.Cell(replace(column, kind=f"state-{tone(row.state)}"), value)
    if column.name == "crawl":
        project = row.crawl.project
        return tables.Cell(column, value, Reading(project, project.target, {}).url("crawl", crawl_id=row.crawl_id))
    return tables.Cell(column, value, external=column.kind == "url")


def log_value(column: tables.Column, row: CrawlUrl) -> Any:
    if column.name in ("state", "purpose"):
        return (STATES | PURPOSES)[getattr(row, column.name)]
    if column.name == "code":
        return in_words(row.code)
    if column.name == "seconds":
        return round(row.seconds * 1000)
    if column.name == "crawl":
        return str(row.crawl)
    found = tables.value_of(column, row)
    return None if column.name == "status" and not found else found


# --- For owners of sites ----------------------------------------------------------------------------------------------
@access.public
@require_safe
def bot(request: HttpRequest) -> HttpResponse:
    """Who asks, why, and how to slow us down or keep us out."""
    contact = settings.CRAWL_CONTACT_URL
    context = {
        "agent": robots.AGENT,
        "user_agent": settings.CRAWL_USER_AGENT,
        "delay": settings.CRAWL_DELAY_SECONDS,
        "most_delay": robots.MAX_DELAY,
        "mail": settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">"),
        "contact": contact if urlsplit(contact).path.rstrip("/") != request.path.rstrip("/") else "",
    }
    return render(request, "backlinks/bot.html", context)
