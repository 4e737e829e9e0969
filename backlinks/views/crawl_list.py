"""The crawls of a project, newest first, and the forms that start one.

Decided: the form offers the site where it was found before: a site that answers by http only, or at a port of its own,
is not offered by https again. A form that is sent twice starts one crawl, and leads to it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backlinks.crawl import jobs
from backlinks.crawl.models import Crawl
from backlinks.crawl_forms import LIST_BYTES, PageListForm, SiteCrawlForm
from projects import access
from projects.audit import record_request
from projects.models import Project, Run
from projects.tasks import ring
from seoapp.lib.htmx import render_page
from seoapp.lib.longforms import takes_long_form
from seoapp.lib.weburl import BadUrl, parse

from .crawl_figures import READ, pages_read
from .crawls import MANY_ROWS, crawls_of, page_of
from .reading import Reading

PER_PAGE = 30
LOOKED_AT = 20  # latest crawls that may say where the project's site is
PORT = re.compile(r":[0-9]+/")


@dataclass(frozen=True, slots=True)
class Listed:
    """A crawl as the list shows it: pages read of at most so many (0: a check is limited by links, not by pages)."""

    made: Crawl
    read: int
    read_url: str
    most: int
    rests_until: datetime | None


@access.project("viewer")
@require_safe
def crawls(request: HttpRequest, project: Project) -> HttpResponse:
    """Its cut `_crawls.html` is asked for again while one is at work; `?site=` fills the form."""
    return _list(request, project)


def _list(request: HttpRequest, project: Project, *refused: forms.Form) -> HttpResponse:
    before = request.GET.get("before", "")
    rows = _older(crawls_of(project), before)
    found = list(rows.order_by("-created_at", "-pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    active = [one for one in shown if one.is_active]
    given = {one.kind: one for one in refused}
    own, address = Reading(project, project.target, {}), own_address(project)
    context = {
        "project": project,
        "own": own,
        "rows": _listed(own, shown),
        "every": ("10s" if any(one.pages > MANY_ROWS for one in active) else "2s") if active else "",
        "next": shown[-1].pk if len(found) > PER_PAGE else None,
        "is_first": not before,
        "here": request.get_full_path() if request.method != "POST" else request.path.removesuffix("start/"),
        "site_form": given.get("site") or SiteCrawlForm(initial={"site": request.GET.get("site") or address}),
        "list_form": given.get("list") or PageListForm(),
        "known": [address, *project.competitors.values_list("target", flat=True)],
    }
    if refused:
        return render(request, "backlinks/crawls.html", context, status=422)
    return render_page(request, "backlinks/crawls.html", "backlinks/_crawls.html", context)


def _older(rows: QuerySet[Crawl], before: str) -> QuerySet[Crawl]:
    """Those behind the crawl `before`; all where it is none."""
    if not (before.isascii() and before.isdigit() and len(before) < 19):
        return rows
    last = rows.filter(pk=int(before)).first()
    if last is None:
        return rows
    return rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))


def _listed(own: Reading, shown: list[Crawl]) -> list[Listed]:
    read = pages_read(shown)
    return [
        Listed(one, read[one.pk], own.url("crawl_pages", READ, crawl_id=one.pk), _most(one), _rests_until(one))
        for one in shown
    ]


def _most(made: Crawl) -> int:
    """Of a list each address leads to one page, whatever redirects to it."""
    if made.kind == Crawl.Kind.CHECK:
        return 0
    return len(made.starts) if made.kind == Crawl.Kind.LIST else made.max_pages


def _rests_until(made: Crawl) -> datetime | None:
    """A crawl that has begun and whose run waits for a moment."""
    run = made.run
    rests = made.is_active and made.started_at and run.state == Run.State.QUEUED and run.lease_until
    return run.lease_until if rests and run.lease_until > timezone.now() else None


def own_address(project: Project) -> str:
    """Where the project's site was last found by a crawl, with scheme and port; else its address as it was given."""
    rows = Crawl.objects.filter(project=project, kind=Crawl.Kind.SITE, pages__gt=0).order_by("-pk")
    starts = (found[0] for found in rows.values_list("starts", flat=True)[:LOOKED_AT] if found)
    return next((start for start in starts if _is_of(project, start)), project.url)


def _is_of(project: Project, start: str) -> bool:
    try:
        key = parse(start).key
    except BadUrl:
        return False
    target = project.target
    return key == target.key or (target.scope in ("root", "host") and PORT.sub("/", key, count=1) == target.key)


# --- What an editor asks for ------------------------------------------------------------------------------------------
def _too_long(request: HttpRequest, project: Project) -> HttpResponse:
    return _list(request, project, PageListForm.too_long())


@access.project("editor")
@require_POST
@takes_long_form(LIST_BYTES, refuse=_too_long)
def crawl_start(request: HttpRequest, project: Project) -> HttpResponse:
    """Start a crawl of a site, or of a pasted list."""
    is_list = request.POST.get("kind") == PageListForm.kind
    form = PageListForm(request.POST) if is_list else SiteCrawlForm(request.POST)
    if not form.is_valid():
        return _list(request, project, form)
    try:
        made, is_new = _start(request, project, form)
    except jobs.CrawlRefused as error:
        form.add_error("pages" if is_list else "site", str(error))
        return _list(request, project, form)
    if not is_new:
        messages.info(request, "This crawl is running already.")
    return page_of(made)


def _start(request: HttpRequest, project: Project, form: PageListForm | SiteCrawlForm) -> tuple[Crawl, bool]:
    with transaction.atomic():
        made, is_new = jobs.start_once(project=project, kind=form.kind, user=request.user, **form.asked())
        if is_new:
            record_request(
                request, "crawl.started", project.workspace, str(made), project=project.name, starts=made.starts[:5]
            )
            ring(made.run_id)
    return made, is_new
