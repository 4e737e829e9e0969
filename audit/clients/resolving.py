"""What becomes of an objection: an editor takes it over as a decision, or dismisses it with a reason."""

from django.utils import timezone

from audit import review
from audit.models import Decision, ReviewStep
from audit.review import REASON_LENGTH, Undecided
from backlinks import index
from projects.models import User
from seoapp.lib.words import typed

from . import standing
from .models import ClientAnswer


def take_over(answer: ClientAnswer, user: User, run: index.auditlists.AuditRun | None) -> ReviewStep:
    """Keep the domain, with the client's words as the reason; can be taken back like any step. Raises `Undecided`."""
    project = answer.review.project
    if not standing.objections(project).filter(pk=answer.pk).exists():
        raise Undecided("This objection is resolved already.")
    said = " ".join(answer.note.split())
    who = answer.review.client_name
    client = f"The client ({who})" if who else "The client"
    reason = f"{client} keeps it: {said}" if said else f"{client} wants to keep it."
    return review.decide(project, [answer.domain], Decision.Verdict.KEEP, reason[:REASON_LENGTH], user, run)


def dismiss(answer: ClientAnswer, user: User, why: str) -> None:
    """The decision stands in spite of the client. Raises `Undecided`."""
    why = typed(why, REASON_LENGTH)
    if not why:
        raise Undecided("Say why the decision stands in spite of the client: the client may ask.")
    rows = ClientAnswer.objects.filter(pk=answer.pk, dismissed_at=None, answer=ClientAnswer.Answer.KEEP)
    fields = {"dismissed_by": user, "dismissed_at": timezone.now(), "dismissal": why}
    if not rows.update(**fields):
        raise Undecided("This objection is resolved already.")
