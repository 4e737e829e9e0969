"""Which answers of clients count for what: agreements and objections, read from the answers themselves.

Decided: neither is written into decisions. An agreement is about the decision that the client was shown, known by its
moment, so that deciding anew asks anew and taking a step back brings the agreement back. An objection is open as long
as nobody dismissed it and the domain is not kept, so that taking it over is a decision like any other, and undoing that
decision opens the objection again. Revoking a link takes its agreements away, because somebody else may have had it;
its objections stay until an editor has looked, since leaving a domain out of a file does no harm.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.models import Decision
from projects.models import Project

from .models import ClientAnswer


def sent(project: Project) -> QuerySet[ClientAnswer]:
    """Answers that were sent, of all client reviews of a project."""
    found = ClientAnswer.objects.filter(review__project=project).exclude(review__sent_at=None)
    return found.exclude(answer="").select_related("review", "dismissed_by")


def is_agreed() -> Q:
    """A condition on decisions about whole domains: the client agreed to this very decision."""
    agreements = ClientAnswer.objects.filter(
        answer=ClientAnswer.Answer.AGREE,
        review__project=OuterRef("project"),
        review__sent_at__isnull=False,
        review__revoked_at=None,
        domain=OuterRef("domain"),
        verdict=OuterRef("verdict"),
        decided_at=OuterRef("made_at"),
    )
    return Q(Exists(agreements), url="")


def objections(project: Project) -> QuerySet[ClientAnswer]:
    """Open ones, the newest first."""
    kept = Decision.objects.filter(
        project=OuterRef("review__project"), domain=OuterRef("domain"), url="", verdict=Decision.Verdict.KEEP
    )
    found = sent(project).filter(~Exists(kept), answer=ClientAnswer.Answer.KEEP, dismissed_at=None)
    return found.order_by("-answered_at", "-pk")


def objected(project: Project) -> frozenset[str]:
    """Domains to which a client objects."""
    return frozenset(objections(project).values_list("domain", flat=True))
