"""What this app adds to a project's navigation, and to its card on the workspace's page."""

import logging
from datetime import timedelta

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from backlinks import index
from projects.figures import Figure
from projects.models import Project
from projects.navigation import ProjectPage

from .crawl.models import Crawl
from .models import Import
from .views.verdicts import newly_lost

logger = logging.getLogger(__name__)
NEW_DAYS, LOST_DAYS = 30, 7

PROFILE, ORIGINS, BESIDE, WORK = "Profile", "Where links come from", "Beside others", "Work"

PROJECT_PAGES = (
    ProjectPage("backlinks:overview", "Overview", "chart-line", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:history", "History", "timeline", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:changes", "New & lost", "arrows-diff", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:links", "Backlinks", "link", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:domains", "Referring domains", "world", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:anchors", "Anchors", "anchor", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:broken", "Broken backlinks", "link-off", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:pages", "Indexed pages", "file-text", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:distributions", "Distributions", "chart-bar", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:why", "Why this score", "gauge", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:outbound", "Outbound domains", "external-link", takes_target=True, group=PROFILE),
    ProjectPage("backlinks:hosts", "Hosts", "server", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:ips", "IPs", "network", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:subnets", "Subnets", "topology-star", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:networks", "Networks", "sitemap", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:countries", "Countries", "map-pin", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:tlds", "TLDs", "hierarchy", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:languages", "Languages", "language", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:topics", "Topics", "category", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:network", "Network", "affiliate", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:sources", "Sources", "circles-relation", takes_target=True, group=ORIGINS),
    ProjectPage("backlinks:competitors", "Competitors", "swords", takes_target=True, group=BESIDE),
    ProjectPage("backlinks:compare", "Compare", "columns", takes_target=True, group=BESIDE),
    ProjectPage("backlinks:target_lists", "Bulk analysis", "table", role="viewer", group=BESIDE),
    ProjectPage("backlinks:benchmarks", "Benchmarks", "flag", takes_target=True, group=BESIDE),
    ProjectPage("backlinks:mentions", "Mentions", "message-2", group=WORK),
    ProjectPage("backlinks:checks", "Link checks", "list-check", group=WORK),
    ProjectPage("backlinks:crawls", "Crawls", "spider", role="viewer", group=WORK),
    ProjectPage("backlinks:watched_sites", "Watched sites", "rss", role="viewer", group=WORK),
    ProjectPage("backlinks:imports", "Imports", "upload", role="viewer", group=WORK),
    ProjectPage("backlinks:exports", "Exports", "download", group=WORK),
)

WORKSPACE_PAGES = (
    ProjectPage("backlinks:workspace_sources", "Sources", "circles-relation", role="viewer"),
    ProjectPage("backlinks:data", "Data", "database", role="viewer"),
)


def project_figures(projects: list[Project]) -> dict[int, list[Figure]]:
    """Links, referring domains, new and lost links, the last import and check, by project id.

    What the index says is None while it is away.
    """
    done = Import.objects.filter(project__in=projects, state=Import.State.DONE)
    imported = dict(done.order_by().values_list("project").annotate(Max("finished_at")))
    try:
        found = {one.pk: [*_link_figures(one), _last_import(one, imported)] for one in projects}
    except index.IndexUnavailable as error:
        logger.warning("figures of projects: %s", error)
        unknown = index.Headline()
        found = {one.pk: [*_figures(one, unknown, None, known=False), _last_import(one, imported)] for one in projects}
    lost, checked = newly_lost(projects, LOST_DAYS), _last_checks(projects)
    return {
        one.pk: [*found[one.pk], *_check_figures(one, lost.get(one.pk, 0), checked.get(one.pk))] for one in projects
    }


def _last_checks(projects: list[Project]) -> dict[int, Crawl]:
    """Project -> its newest check of a whole list."""
    checks = Crawl.objects.filter(project__in=projects, kind=Crawl.Kind.CHECK, starts=[])
    newest = checks.order_by().values("project").annotate(last=Max("pk")).values("last")
    return {one.project_id: one for one in Crawl.objects.filter(pk__in=newest).select_related("run")}


def _check_figures(project: Project, lost: int, last: Crawl | None) -> list[Figure]:
    address = {"slug": project.workspace.slug, "project_id": project.pk}
    items, checks = reverse("backlinks:check_items", kwargs=address), reverse("backlinks:checks", kwargs=address)
    asked = {"since": LOST_DAYS, "newest": "yes", "state": "lost", "is_new": "yes"}
    return [
        Figure("Newly lost", lost if last else None, f"{items}?{urlencode(asked)}", note=f"in {LOST_DAYS} days"),
        Figure("Last check", _state_of(last), checks),
    ]


def _state_of(check: Crawl | None) -> object:
    """When it ended, or a word for one that has not ended well."""
    if check is None:
        return "never"
    if check.is_active:
        return "at work"
    return "failed" if check.shown_state[0] == "failed" else check.finished_at or check.shown_state[1].lower()


def _link_figures(project: Project) -> list[Figure]:
    day = (timezone.now() - timedelta(days=NEW_DAYS)).date().isoformat()
    asked = {"workspace": project.workspace_id, "target": project.target, "report": "links"}
    all_links = index.LinkQuery.parse(**asked, params={})
    head = index.headline(all_links)
    new = index.count(index.LinkQuery.parse(**asked, params={"first_seen_from": day}))
    return _figures(project, head, new, known=True, day=day)


def _figures(project: Project, head: index.Headline, new: int | None, *, known: bool, day: str = "") -> list[Figure]:
    address = {"slug": project.workspace.slug, "project_id": project.pk}
    links, domains = reverse("backlinks:links", kwargs=address), reverse("backlinks:domains", kwargs=address)
    authority = None if head.authority is None else round(head.authority)
    return [
        Figure("Authority", authority, reverse("backlinks:why", kwargs=address)),
        Figure("Backlinks", head.links if known else None, links),
        Figure("Referring domains", head.referring_domains if known else None, domains),
        Figure(
            "New links", new, f"{links}?{urlencode({'first_seen_from': day})}", note=f"first seen in {NEW_DAYS} days"
        ),
        Figure("Lost links", head.lost if known else None, f"{links}?{urlencode({'state': 'lost'})}"),
    ]


def _last_import(project: Project, imported: dict[int, object]) -> Figure:
    address = {"slug": project.workspace.slug, "project_id": project.pk}
    return Figure("Last import", imported.get(project.pk), reverse("backlinks:imports", kwargs=address), role="viewer")
