"""Sites that are watched for new pages: which, how often, and looking now."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from projects.models import Project, User
from seoapp.lib.weburl import parse

from . import frontier, jobs
from .discovery import WatchedSite
from .models import Crawl

MAX_SITES = 500
PAGES = (1, 10_000)  # new pages that one look may fetch
EVERY = (1, 24 * 90)  # hours
SECONDS = 6 * 3600


class WatchRefused(ValueError):
    """The site is not watched, or not looked at; the message says why."""


def watch_site(
    *, project: Project, url: str, every_hours: int = 24, max_pages: int = 100, user: User | None = None
) -> WatchedSite:
    """Watch a site from a start page on; one that is watched already gets the new times.

    Raises BadUrl or WatchRefused.
    """
    found = parse(url, "https")
    key = frontier.key_hash(found.key)
    known = WatchedSite.objects.filter(project=project)
    if not known.filter(key=key).exists() and known.count() >= MAX_SITES:
        raise WatchRefused(f"{MAX_SITES} sites are the most that a project can watch.")
    said = {
        "workspace": project.workspace, "url": found.url, "domain": found.domain, "is_paused": False,
        "every_hours": _within(every_hours, EVERY), "max_pages": _within(max_pages, PAGES), "next_at": timezone.now(),
    }  # fmt: skip
    made, _ = WatchedSite.objects.update_or_create(
        project=project, key=key, defaults=said, create_defaults=said | {"started_by": user}
    )
    return made


def _within(value: int, limits: tuple[int, int]) -> int:
    return min(max(value, limits[0]), limits[1])


def look(site: WatchedSite, user: User | None = None) -> Crawl:
    """Queue a look for new pages; the caller rings. Raises WatchRefused while one goes on."""
    with transaction.atomic():
        if going_on(site) is not None:
            raise WatchRefused(f"{site.url} is being looked at already.")
        crawl = jobs.start(
            project=site.project, kind=Crawl.Kind.NEWS, user=user, starts=[site.url], max_pages=site.max_pages,
            max_seconds=SECONDS, watched=site,
        )  # fmt: skip
        WatchedSite.objects.filter(pk=site.pk).update(next_at=timezone.now() + timedelta(hours=site.every_hours))
    return crawl


def going_on(site: WatchedSite) -> Crawl | None:
    """The look that is not over."""
    newest = site.crawls.select_related("run").first()
    return newest if newest is not None and newest.is_active else None


def forget(site: WatchedSite) -> None:
    """Watch it no longer, and forget which pages it has; what was read of them stays. Raises WatchRefused."""
    if going_on(site) is not None:
        raise WatchRefused(f"{site.url} is being looked at: cancel that crawl first, or wait for its end.")
    site.delete()
