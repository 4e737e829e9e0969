"""The second person: where a project asks for one, a disavowal counts only after somebody else has approved it.

Decided: the switch is the project's (`ReviewSettings.needs_second`). Whoever decided cannot approve, and deciding anew
asks anew; switched on, it asks for the disavowals that were made before as well. Refusing a disavowal takes the
decision away and leaves the reason as a comment, so that nobody wonders where it went. Both can be taken back like any
step of the review. Entries of files pass no approval: there an admin merges them. A client's agreement to a disavowal
stands for the second person only where the project says so as well (`clients/standing.py`).
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from projects.models import Membership, Project, User
from seoapp.lib.words import typed

from . import review
from .clients import standing
from .models import Comment, Decision, ReviewSettings, ReviewStep
from .review import REASON_LENGTH, Undecided, Verdict

APPROVED, REFUSED = "Approved", "Refused to disavow"


def needs_second(project: Project) -> bool:
    return ReviewSettings.objects.filter(project=project, needs_second=True).exists()


def lists_alone(project: Project, membership: Membership) -> bool:
    """Whether this member may change the list of entries from files by himself: where a project asks for a second
    person, an admin does, because such entries pass no approval of their own."""
    return membership.may("admin") or not needs_second(project)


def client_is_second(project: Project) -> bool:
    return ReviewSettings.objects.filter(project=project, client_is_second=True).exists()


def waiting(project: Project) -> QuerySet[Decision]:
    """Disavowals that nobody has approved; of all projects, also those that ask for no approval."""
    found = Decision.objects.filter(project=project, verdict=Verdict.DISAVOW, approved_at=None)
    return found.exclude(standing.is_agreed()) if client_is_second(project) else found


def waiting_names(project: Project) -> frozenset[str]:
    """The domains whose disavowal does not count yet; none where the project asks for no second person."""
    if not needs_second(project):
        return frozenset()
    return frozenset(waiting(project).filter(url="").values_list("domain", flat=True))


def counting(made: QuerySet[Decision], project: Project) -> QuerySet[Decision]:
    """Those of these decisions of a project that count."""
    return made.exclude(pk__in=waiting(project).values("pk")) if needs_second(project) else made


def approve(project: Project, domains: Iterable[str], user: User) -> ReviewStep:
    """Let these disavowals of others count. Raises `Undecided`."""
    with transaction.atomic():
        names = _of_others(project, domains, user)
        step = review.keep_step(project, user, f"{APPROVED}: {review.named(names)}", names)
        review.of_names(project, names).update(approved_by=user, approved_at=timezone.now())
    return step


def refuse(project: Project, domains: Iterable[str], why: str, user: User) -> ReviewStep:
    """Take these disavowals of others away again. Raises `Undecided`."""
    reason = typed(why, REASON_LENGTH)
    said = f"{REFUSED}: {reason}"[:REASON_LENGTH] if reason else f"{REFUSED}."
    with transaction.atomic():
        names = _of_others(project, domains, user)
        step = review.keep_step(project, user, f"{REFUSED}: {review.named(names)}", names)
        review.of_names(project, names).delete()
        Comment.objects.bulk_create(Comment(project=project, domain=name, user=user, text=said) for name in names)
    return step


def _of_others(project: Project, domains: Iterable[str], user: User) -> list[str]:
    """Those of the domains that wait for this person; locks the project."""
    Project.objects.select_for_update().get(pk=project.pk)
    if not needs_second(project):
        raise Undecided("This project asks for no second person: disavowals count at once.")
    asked = set(domains)
    if len(asked) > review.MOST_AT_ONCE:
        raise Undecided(f"These are more than {review.MOST_AT_ONCE:,} domains: narrow the list with a filter first.")
    found = dict(waiting(project).filter(url="", domain__in=asked).values_list("domain", "made_by"))
    names = sorted(name for name, made_by in found.items() if made_by != user.pk)
    if found and not names:
        raise Undecided("Somebody else has to approve what you decided yourself.")
    if not names:
        raise Undecided("None of these domains waits for an approval.")
    return names
