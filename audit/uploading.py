"""What the search engine has, and how long the list has been another one.

Decided: what it has is the version that somebody marked as uploaded last. The list differs from it by what both would
disavow, not by their lines, and since the day of the first difference that is known: a decision, a merge, a withdrawal.
Where nobody has decided anything there is no list to differ. Refused: asking the search engine, which has no way to
be asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from projects.models import AuditEntry, Project

from . import disavowing
from .disavow.changes import changes
from .disavow.entries import Entry
from .disavowing import Planned
from .models import Decision, DisavowVersion, ListedEntry

LATE = timedelta(days=30)  # from here on somebody should know
LOOK_AGAIN = timedelta(weeks=8)  # after an upload: pages are crawled again first
REMINDED = timedelta(days=7)  # after a version was written
TAKEN_OUT = (
    "disavow.withdrawn", "disavow.merged", "disavow.restored", "audit.decided", "audit.taken_back", "audit.refused",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drift:
    """How the list differs from what was uploaded, since when, and whether that is too long."""

    added: int
    removed: int
    since: date

    @property
    def days(self) -> int:
        return (timezone.localdate() - self.since).days

    @property
    def is_late(self) -> bool:
        return self.days > LATE.days


def drift(project: Project, plan: Planned) -> Drift | None:
    """How the planned file differs from what was uploaded; None where it does not, or where nothing was uploaded."""
    last = disavowing.uploaded(project)
    if last is None or last.uploaded_at is None or plan.is_proposal:
        return None
    found = changes(disavowing.file_of(last).entries(), plan.entries)
    if not (found.added or found.removed):
        return None
    came, gone = _came(project, found.added, last.uploaded_at), bool(found.removed)
    first = min([*came, *_went(project, last.uploaded_at, some=gone)], default=last.uploaded_at)
    since = max(first, last.uploaded_at)
    return Drift(len(found.added), len(found.removed), timezone.localdate(since))


def _came(project: Project, added: Iterable[Entry], uploaded: datetime) -> list[datetime]:
    """When the first of these entries came into the list."""
    names = {one.value for one in added}
    if not names:
        return []
    made = Decision.objects.filter(project=project, verdict=Decision.Verdict.DISAVOW)
    counted = made.values_list("domain", "url", "made_at", "approved_at")
    came = [approved or at for domain, url, at, approved in counted if (url or domain) in names]
    files = ListedEntry.objects.filter(project=project, origin__made_at__gt=uploaded).order_by("origin__made_at")
    return came + list(files.values_list("origin__made_at", flat=True)[:1])


def _went(project: Project, uploaded: datetime, *, some: bool) -> list[datetime]:
    """When entries may first have gone from the list."""
    if not some:
        return []
    done = AuditEntry.objects.filter(workspace=project.workspace_id, action__in=TAKEN_OUT, at__gte=uploaded)
    first = done.filter(detail__project=project.pk).order_by("at").values_list("at", flat=True).first()
    return [first or uploaded]


def unsent(project: Project) -> DisavowVersion | None:
    """The newest version that was written here some days ago and that nobody has marked as uploaded."""
    newest = DisavowVersion.objects.filter(project=project, is_imported=False).defer("text", "original").first()
    if newest is None or newest.uploaded_at or timezone.now() - newest.made_at < REMINDED:
        return None
    last = disavowing.uploaded(project)
    return newest if last is None or last.number < newest.number else None


def properties_of(project: Project) -> list[str]:
    """The URL-prefix properties of a site: a file is uploaded for each that the console has."""
    site = project.target.domain
    return [f"{scheme}://{www}{site}/" for scheme in ("https", "http") for www in ("", "www.")]
