"""What somebody has looked at: recent targets, and since when things are new to him.

Decided: a look is noted when a whole page of a target is opened. Pages that are opened within half an hour are one
visit, so "since you last looked" means since the end of the visit before, and not since the page before. A row is
written at most once a minute. Refused: a list in the session, because it would be gone with the browser.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from backlinks import index
from projects.models import Project, User
from seoapp.lib.weburl import BadUrl, Target, parse

from .models import Look

VISIT = timedelta(minutes=30)
WRITTEN_EVERY = timedelta(minutes=1)
KEPT = 200  # looks of a user in a project; the oldest are forgotten
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A target that somebody may mean: `text` is what to look at, `note` why it is offered."""

    text: str
    scope: str
    note: str


def note(project: Project, user: User, text: str, target: Target, now: datetime | None = None) -> datetime | None:
    """Note a look at `target`, typed as `text`; returns the end of the visit before this one, None at the first."""
    now = now or timezone.now()
    found, made = Look.objects.get_or_create(
        project=project, user=user, target=text, scope=target.scope, defaults={"looked_at": now}
    )
    if made:
        _forget_old(project, user)
        return None
    if now - found.looked_at > VISIT:
        Look.objects.filter(pk=found.pk).update(looked_at=now, before_at=F("looked_at"), times=F("times") + 1)
        return found.looked_at
    if now - found.looked_at > WRITTEN_EVERY:
        Look.objects.filter(pk=found.pk).update(looked_at=now)
    return found.before_at


def _forget_old(project: Project, user: User) -> None:
    old = Look.objects.filter(project=project, user=user).values_list("pk", flat=True)[KEPT:]
    if old:
        Look.objects.filter(pk__in=list(old)).delete()


def recent(project: Project, user: User, words: str = "") -> QuerySet[Look]:
    """The targets that a user looked at last in a project, among those that contain `words`."""
    return Look.objects.filter(project=project, user=user, target__icontains=words)[:SHOWN]


def suggestions(project: Project, user: User, words: str, *, is_narrow: bool) -> list[Suggestion]:
    """What the user may mean: recent targets, the project with its competitors, then profiles that begin so.

    Whoever is `is_narrow` sees this project alone, so no profile of others is offered.
    """
    words = words.strip()[:253]
    offered = [Suggestion(one.target, one.scope, "looked at lately") for one in recent(project, user, words)]
    offered += _of_project(project, words)
    if words and not is_narrow:
        offered += _profiles(project.workspace_id, words)
    return list({(one.text, one.scope): one for one in reversed(offered)}.values())[::-1]


def _of_project(project: Project, words: str) -> Iterable[Suggestion]:
    """The project itself and its competitors, where they contain the words."""
    named = [(project.url, project.scope, "this project")]
    named += [(one, None, "competitor") for one in project.competitors.values_list("target", flat=True)]
    for text, scope, reason in named:
        target = Target.parse(text, scope)
        if words.lower() in target.label:
            yield Suggestion(target.label, target.scope, reason)


def _profiles(workspace_id: int, words: str) -> Iterable[Suggestion]:
    """Domains whose links this workspace knows, the largest first."""
    found = index.known_targets(workspace_id, _start_of_domain(words), SHOWN)
    return [Suggestion(name, "root", f"{domains:,} referring domains") for name, domains in found]


def _start_of_domain(words: str) -> str:
    """What a domain begins with whose address somebody has begun to type."""
    try:
        host = parse(words, "https").host
    except BadUrl:
        host = words.lower().partition("://")[2] or words.lower()
    return host.removeprefix("www.")
