"""A client of the demo who was asked by a link, and has answered two of three questions.

Decided: it is a run that comes after the audit, because only what was judged can be asked about. Where nobody has
decided anything yet, the riskiest domains are decided here, by the same functions as everywhere. The link itself is
lost on purpose, as any link is that was shown once: whoever wants to see the client's page makes a new one.
"""

from datetime import timedelta

from django.utils import timezone

from audit import auditing, review
from audit.clients import answering, sharing
from audit.clients.models import ClientAnswer, ClientReview
from audit.models import Audit, Decision
from audit.since import run_since
from backlinks import index
from projects import runs
from projects.models import Project, Run, User

from . import openweb

KIND = "demo_asking"
SOON = timedelta(seconds=5)
ASKED = 3  # domains
REASON = "Came in the week of the attack, with the anchors of all the others"
TITLE = "Do you know these websites?"
MESSAGE = """Hello,

in summer a few hundred websites began to link to your shop within a week. We want search engines to ignore them. Please
tell us if a partner or dealer of yours is among them.

Thank you!"""
AGREED, KEPT = "", "That is our dealer's new site, please keep it."


def queue(project: Project, user: User) -> Run | None:
    """The run that asks this project's client; None where one was asked."""
    if ClientReview.objects.filter(project=project).exists() or Run.objects.filter(project=project, kind=KIND).exists():
        return None
    return runs.start(kind=KIND, workspace=project.workspace, project=project, arguments={}, user=user)


def carry_out(claimed: runs.Claimed) -> None:
    project, user = claimed.run.project, claimed.run.started_by
    assert project is not None and user is not None  # noqa: S101 - `queue` gives each both
    audit = auditing.newest(project)
    if audit is None and openweb.is_audit_coming(project):
        raise runs.Later(timezone.now() + SOON)
    if audit is not None and not ClientReview.objects.filter(project=project).exists():
        _ask(project, user, audit)


def _ask(project: Project, user: User, audit: Audit) -> None:
    made = Decision.objects.filter(project=project)
    if not made.exists():
        found = index.audits.domains(project.target.domain, project.workspace_id, audit.number)
        worst = sorted(found, key=lambda row: (-row["risk"], row["source_domain"]))[:ASKED]
        names = [row["source_domain"] for row in worst]
        review.decide(project, names, Decision.Verdict.DISAVOW, REASON, user, run_since(audit))
    asked = made.filter(url="", verdict__in=sharing.ASKABLE).order_by("-risk", "domain")[:ASKED]
    if not asked:
        return
    draft = sharing.draft(project, [one.domain for one in asked], user)
    shared = sharing.share(draft, sharing.Asking(TITLE, MESSAGE, sharing.DAYS, with_reasons=True), run_since(audit))
    _answer(shared.review, f"{project.name} (client)")


def _answer(row: ClientReview, name: str) -> None:
    """As the client would by the link."""
    answering.opened(row)
    said = ((ClientAnswer.Answer.AGREE, AGREED), (ClientAnswer.Answer.KEEP, KEPT))
    answers = zip(row.answers.all(), said, strict=False)
    answering.save(row, {one.pk: answering.Given(answer, note, "") for one, (answer, note) in answers})
    answering.sign(row, name, "")
    answering.send(row)


RUN_KIND = runs.RunKind(name=KIND, label="Client review of the demo", run=carry_out)
