"""What the demo's team has decided: a year of it, with a file that was inherited, one that was uploaded, and work left.

Decided: it is a run that comes after the audit, because a decision carries the evidence of the day. It is made by the
functions of the pages and then dated back, so that it stands as it would after such a year; what it decides follows
what the audit found, by risk and name. Refused: decisions that contradict the audit to look busy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from audit import approving, assigning, auditing, disavowing, listed, removals, review
from audit.models import Comment, Decision, DisavowVersion, Removal, ReviewSettings, ReviewStep
from audit.since import run_since
from backlinks import index
from projects import runs
from projects.models import Project, Run, User

from . import openweb, story

KIND = "demo_decisions"
SOON = timedelta(seconds=5)
OLD_NAME = "disavow-2024-old-agency.txt"
OLD_FILE = b"""# Links of the old agency, removed where we could
domain:web-directory-2000.example
domain:www.link-package.example
domain:paid-post-one.example
domain:paid-post-one.example
http://guestbook.example/page/7
guestbook.example/page/8

# Asked in March 2024, no answer
domain:article-farm.example
"""
ATTACK = "Came in the week of the attack, with the anchors of all the others"
LATER = "Same network as the attack, seen since"
FANS = ("A small blog of a customer, real articles", "Local paper, its anchor is clumsy but honest",
        "A club that rides our bikes", "Knows us from the fair, keep")  # fmt: skip
ASKED = "Paid post of the old agency"
COMMENTS = (
    (0, "Looks like all the others of that week: one host, one anchor."),
    (1, "Agreed. I would not wait for their owners."),
    (0, "The anchor is what our old agency used to buy, let us ask first."),
)
Story = tuple[tuple[int, str, str], ...]  # days ago, state, note
MOST_BAD = 16
GONE = slice(2, 4)  # those of the requests whose links have gone since: one of them nobody has noted yet
REQUESTS: tuple[Story, ...] = (
    (),
    ((34, "sent", "To the address in their imprint"), (12, "sent", "Asked a second time")),
    ((33, "sent", ""), (30, "answered", "“Who are you? We will look at it.”")),
    ((33, "sent", ""), (29, "answered", "“Sorry, gone by Friday.”"), (25, "removed", "The page is gone")),
    ((32, "sent", ""), (31, "refused", "Wants 80 € for taking it down; we do not pay")),
)  # fmt: skip


def queue(project: Project, user: User) -> Run | None:
    """The run that makes this project's history of decisions; None where it has one."""
    made = DisavowVersion.objects.filter(project=project).exists()
    if made or Run.objects.filter(project=project, kind=KIND).exists():
        return None
    return runs.start(kind=KIND, workspace=project.workspace, project=project, arguments={}, user=user)


def carry_out(claimed: runs.Claimed) -> None:
    project, owner = claimed.run.project, claimed.run.started_by
    assert project is not None and owner is not None  # noqa: S101 - `queue` gives each both
    if auditing.newest(project) is None and openweb.is_audit_coming(project):
        raise runs.Later(timezone.now() + SOON)
    editor = User.objects.get(email=story.TEAM[1][0])
    if auditing.newest(project) is not None and not DisavowVersion.objects.filter(project=project).exists():
        _Team(project, owner, editor, timezone.now()).work()


@dataclass(frozen=True)
class _Team:
    """Two people and what they did, until `now`."""

    project: Project
    owner: User
    editor: User
    now: datetime

    def work(self) -> None:
        bad, doubtful, good = self._found()
        ReviewSettings.objects.update_or_create(project=self.project, defaults={"needs_second": True})
        self._inherit()
        for name, why in zip(good, FANS, strict=False):
            self._decide([name], "keep", why, 41, self.owner)
        self._decide(bad[:-3], "disavow", ATTACK, 40)
        self._approve(bad[:-3], 39)
        self._ask(doubtful)
        self._upload()
        self._decide(bad[-3:-1], "disavow", LATER, 4)
        self._approve(bad[-3:-1], 3)
        self._decide(bad[-1:], "disavow", LATER, 1)
        self._talk(bad, doubtful)
        ReviewStep.objects.filter(project=self.project).delete()

    def _found(self) -> tuple[list[str], list[str], list[str]]:
        """Names to disavow, to ask, and to keep; nothing that somebody has decided about."""
        audit = auditing.newest(self.project)
        rows = index.audits.domains(self.project.target.domain, self.project.workspace_id, audit.number if audit else 0)
        known = set(Decision.objects.filter(project=self.project).values_list("domain", flat=True))
        found = sorted(rows, key=lambda row: (-row["risk"], row["source_domain"]))
        open_ = [row for row in found if row["source_domain"] not in known]
        live = [row for row in open_ if row["state"] != "lost"]
        lost = [row["source_domain"] for row in open_ if row["state"] == "lost" and row["band"] != "toxic"]
        bad = [row["source_domain"] for row in live if row["band"] == "toxic"][:MOST_BAD]
        rest = [row for row in live if row["band"] != "toxic"]
        good = [row["source_domain"] for row in rest[len(REQUESTS) :] if row["band"] == "none"][: len(FANS)]
        asked = [row["source_domain"] for row in rest[: len(REQUESTS)]]
        asked[GONE] = lost[: GONE.stop - GONE.start] or asked[GONE]
        return bad, asked[: len(REQUESTS)], good

    def _ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days, hours=days % 5)

    def _decide(self, names: Sequence[str], verdict: str, why: str, days: int, user: User | None = None) -> None:
        audit = auditing.newest(self.project)
        if names and audit is not None:
            review.decide(self.project, names, verdict, why, user or self.editor, run_since(audit))
            review.of_names(self.project, names).update(made_at=self._ago(days))

    def _approve(self, names: Sequence[str], days: int) -> None:
        if names:
            approving.approve(self.project, names, self.owner)
            review.of_names(self.project, names).update(approved_at=self._ago(days))

    def _inherit(self) -> None:
        """The file that the old agency had uploaded, and what of it was merged into the list."""
        version, _ = listed.bring(self.project, self.owner, OLD_FILE, OLD_NAME)
        DisavowVersion.objects.filter(pk=version.pk).update(made_at=self._ago(44), uploaded_at=self._ago(500))
        listed.merge_in(self.project, self.owner, version, ())

    def _ask(self, names: Sequence[str]) -> None:
        self._decide(names, "remove", ASKED, 35)
        for name, told in zip(names, REQUESTS, strict=False):
            row = Removal.objects.get(project=self.project, domain=name)
            for _, state, note in told:
                removals.change(row, self.editor, state=state, contact=row.contact, note=note or "By mail")
            row.refresh_from_db()
            days = (35, *(one for one, _, _ in told))
            history = [line | {"at": self._at(day)} for line, day in zip(row.history, days, strict=True)]
            Removal.objects.filter(pk=row.pk).update(
                history=history, made_at=self._ago(35), changed_at=self._ago(days[-1])
            )

    def _at(self, days: int) -> str:
        return self._ago(days).isoformat(timespec="seconds")

    def _upload(self) -> None:
        """The file that Google has."""
        day = self._ago(21)
        made, _ = disavowing.drafted(self.project, day.date())
        confirmed = {one.name: "Looked at one by one" for one in made.confirmations}
        version = disavowing.write(
            self.project, self.owner, confirmed, "The attack, and what was inherited", day.date()
        )
        moments = {"made_at": day, "downloaded_at": day, "uploaded_at": day + timedelta(minutes=9)}
        site = self.project.target.domain
        properties = [f"https://{site}/", f"https://www.{site}/"]
        DisavowVersion.objects.filter(pk=version.pk).update(**moments, properties=properties)

    def _talk(self, bad: Sequence[str], doubtful: Sequence[str]) -> None:
        about = (*bad[-1:], *bad[-1:], *doubtful[:1])
        people = (self.editor, self.owner)
        for name, (who, text), days in zip(about, COMMENTS, (2, 1, 36), strict=False):
            said = Comment.objects.create(project=self.project, domain=name, user=people[who], text=text)
            Comment.objects.filter(pk=said.pk).update(made_at=self._ago(days))
        for name in (*bad[-1:], *doubtful[:1]):
            assigning.assign(self.project, name, str(self.owner.pk), self.editor)


RUN_KIND = runs.RunKind(name=KIND, label="Decisions of the demo", run=carry_out, transient=(index.IndexUnavailable,))
