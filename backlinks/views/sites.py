"""Sites watched for new pages: the list, a form, looking now, and the pages that were found.

Decided: a look is a crawl of its own and shows with the others; what it found new is one list over all watched sites.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from backlinks.crawl import watching
from backlinks.crawl.discovery import SitePage, WatchedSite
from backlinks.crawl.models import Crawl
from backlinks.watch_forms import REPEATS, WatchForm
from projects import access
from projects.audit import record_request
from projects.models import Project
from projects.tasks import ring
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from .exports import record_export
from .reading import Reading


@dataclass(frozen=True, slots=True)
class Watched:
    """A site as it is listed; `known` pages are all that it has ever listed."""

    site: WatchedSite
    last: Crawl | None
    known: int
    new: int
    new_url: str

    @property
    def often(self) -> str:
        hours = self.site.every_hours
        return dict(REPEATS).get(hours, f"Every {hours} hours")

    @property
    def is_going_on(self) -> bool:
        return self.last is not None and self.last.is_active


@access.project("viewer")
@require_safe
def watched_sites(request: HttpRequest, project: Project) -> HttpResponse:
    return _page(request, project, WatchForm())


def _page(request: HttpRequest, project: Project, form: WatchForm) -> HttpResponse:
    own = Reading(project, project.target, {})
    context = {
        "project": project,
        "form": form,
        "sites": _watched(own),
        "new_pages_url": own.url("new_pages"),
        "crawls_url": own.url("crawls"),
    }
    return render(request, "backlinks/watched_sites.html", context, status=422 if form.errors else 200)


def _watched(own: Reading) -> list[Watched]:
    sites = list(WatchedSite.objects.filter(project=own.project))
    newest: dict[int, Crawl] = {}
    for crawl in Crawl.objects.filter(watched__in=sites).select_related("run").order_by("watched_id", "-pk"):
        newest.setdefault(crawl.watched_id, crawl)
    counts = {
        row["site"]: row
        for row in SitePage.objects.filter(site__in=sites)
        .order_by()
        .values("site")
        .annotate(known=Count("pk"), new=Count("pk", filter=Q(is_new=True)))
    }
    none = {"known": 0, "new": 0}
    return [
        Watched(
            one,
            newest.get(one.pk),
            counts.get(one.pk, none)["known"],
            counts.get(one.pk, none)["new"],
            own.url("new_pages", {"site": str(one.pk)}),
        )
        for one in sites
    ]


# --- What an editor asks for ------------------------------------------------------------------------------------------
@access.project("editor")
@require_POST
def site_watch(request: HttpRequest, project: Project) -> HttpResponse:
    """Watch a site, or change how often; the first look begins at once."""
    form = WatchForm(request.POST)
    if not form.is_valid():
        return _page(request, project, form)
    try:
        with transaction.atomic():
            site = watching.watch_site(project=project, user=request.user, **form.cleaned_data)
            record_request(request, "site.watched", project.workspace, site.url, every_hours=site.every_hours)
            if watching.going_on(site) is None:
                ring(watching.look(site, request.user).run_id)
    except watching.WatchRefused as error:
        form.add_error("url", str(error))
        return _page(request, project, form)
    messages.success(request, "The site is watched. The first look learns which pages it has.")
    return _back(project)


@access.project("editor")
@require_POST
def site_look(request: HttpRequest, project: Project, site_id: int) -> HttpResponse:
    site = get_object_or_404(WatchedSite, pk=site_id, project=project)
    try:
        with transaction.atomic():
            crawl = watching.look(site, request.user)
            record_request(request, "site.looked_at", project.workspace, site.url)
            ring(crawl.run_id)
    except watching.WatchRefused as error:
        messages.warning(request, str(error))
    return _back(project)


@access.project("editor")
@require_POST
def site_pause(request: HttpRequest, project: Project, site_id: int) -> HttpResponse:
    """Stop looking by itself, or go on (`resume`)."""
    site = get_object_or_404(WatchedSite, pk=site_id, project=project)
    site.is_paused = "resume" not in request.POST
    site.save(update_fields=["is_paused"])
    record_request(request, "site.paused" if site.is_paused else "site.resumed", project.workspace, site.url)
    return _back(project)


@access.project("editor")
@require_POST
def site_forget(request: HttpRequest, project: Project, site_id: int) -> HttpResponse:
    site = get_object_or_404(WatchedSite, pk=site_id, project=project)
    try:
        watching.forget(site)
    except watching.WatchRefused as error:
        messages.warning(request, str(error))
        return _back(project)
    record_request(request, "site.forgotten", project.workspace, site.url)
    messages.success(request, "The site is no longer watched. What was found on its pages stays.")
    return _back(project)


def _back(project: Project) -> HttpResponse:
    return redirect("backlinks:watched_sites", slug=project.workspace.slug, project_id=project.pk)


# --- New pages --------------------------------------------------------------------------------------------------------
NEW_PAGES = (
    Field("url", "Page", "url", "text"),
    Field("title", "Page title", "text", "text"),
    Field("domain", "Site", "text", "text", path="site__domain"),
    Field("found_at", "Found", "datetime", "date", help="When our crawler saw it listed for the first time."),
    Field("listed_at", "Date in the list", "datetime", "date", help="What the sitemap or feed says."),
    Field("status", "HTTP", "int", "number", help="Status that it answered with; nothing while it waits."),
    Field("fetched_at", "Fetched", "datetime", default=False),
)


@access.project("viewer")
@require_safe
def new_pages(request: HttpRequest, project: Project) -> HttpResponse:
    """A page, a fragment, or with `export=csv` all rows; `?site=` keeps to one watched site."""
    own = Reading(project, project.target, {})
    site = _asked(request, project)
    rows = SitePage.objects.filter(site__project=project, is_new=True).select_related("site")
    rows = rows.filter(site=site) if site else rows
    listing = tables.Listing(
        name="new-pages",
        title=f"New pages of the sites watched for {project.target}",
        columns=NEW_PAGES,
        fetch=lambda asked: asked.fetch(rows),
        stream=lambda asked: asked.stream(rows),
        file_name=f"{project.target}-new-pages-{datetime.now(UTC):%Y-%m-%d}",
        cells=cells,
        value=value_of,
        exported=record_export(project),
        stacks=True,
        empty=tables.Empty(
            "No new page yet",
            "Watch sites: what their sitemaps and feeds list for the first time after that stands here.",
            own.url("watched_sites"),
            "Go to watched sites",
        ),
    )
    context = {"project": project, "site": site, "sites_url": own.url("watched_sites"), "all_url": own.url("new_pages")}
    query = ListQuery.parse(NEW_PAGES, request.GET, sort="-found_at")
    keep = {"site": str(site.pk)} if site else {}
    return tables.answer(request, listing, query, page="backlinks/new_pages.html", context=context, keep=keep)


def _asked(request: HttpRequest, project: Project) -> WatchedSite | None:
    text = request.GET.get("site", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return WatchedSite.objects.filter(project=project, pk=int(text)).first()


def cells(columns: Sequence[tables.Column], row: SitePage) -> list[tables.Cell]:
    return [tables.Cell(one, value_of(one, row), external=one.kind == "url") for one in columns]


def value_of(column: tables.Column, row: SitePage) -> Any:
    if column.name == "domain":
        return row.site.domain
    found = tables.value_of(column, row)
    return None if column.name == "status" and not found else found
