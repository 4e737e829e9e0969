"""Auditing a project: the run kind `audit`.

Decided: an audit reads the profile once, lets every marker speak, scores, writes everything to the index and counts
from one row of the database on. Killed half-way it is begun anew under the same number, and what was written already
adds nothing. The findings of the newest audits are kept, the figures of all: a trend needs no evidence. Refused:
auditing link by link as links come in, because most markers speak of the whole profile.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backlinks import index
from backlinks.authority import compute
from backlinks.models import Import
from projects import runs
from projects.models import Project, Run, User
from seoapp.lib.checkpoint import checkpoint

from . import record, score, since, weights
from .gather import freeze
from .markers import MARKERS
from .markers.marker import Found
from .models import Alert, Audit, WeightSet
from .profile import Profile
from .record import Judged, Place
from .weights import Weights

KIND = "audit"
KEPT = 3  # audits of a project whose findings are kept
WAIT, LOOK_AGAIN = timedelta(minutes=30), timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Audited:
    """A finished audit and what it rests on."""

    audit: Audit
    judged: Judged


def start(project: Project, user: User | None = None) -> Run:
    """Queue an audit; one that waits already is the one that is wanted."""
    waiting = Run.objects.filter(kind=KIND, project=project, state=Run.State.QUEUED).first()
    return waiting or runs.start(kind=KIND, workspace=project.workspace, project=project, arguments={}, user=user)


def carry_out(claimed: runs.Claimed) -> None:
    """The run kind `audit`."""
    run = claimed.run
    assert run.project is not None  # noqa: S101  # `start` gives each its project
    wait_for_facts(run)
    row, _ = Audit.objects.get_or_create(
        run=run,
        defaults={
            "project": run.project,
            "started_by": run.started_by,
            "number": run.pk,
            "as_of": timezone.localdate(run.created_at),
        },
    )

    def say(line: str) -> None:
        claimed.step(line=line)

    audit(row, say)
    tidy(run.project)


def wait_for_facts(run: Run) -> None:
    """An audit that begins while exports of its project are being read, or scores computed, waits, for WAIT at most."""
    moment = timezone.now()
    reading = Import.objects.filter(project=run.project, state__in=(Import.State.WAITING, Import.State.RUNNING))
    places = Q(workspace=None) | Q(workspace=run.workspace)
    active = (Run.State.QUEUED, Run.State.RUNNING)
    scoring = Run.objects.filter(places, kind=compute.KIND, state__in=active)
    if moment < run.created_at + WAIT and (reading.exists() or scoring.exists()):
        raise runs.Later(moment + LOOK_AGAIN)


def audit(row: Audit, say: Callable[[str], None]) -> Judged:
    """Audit the project of a row, write what was found, and let the audit count."""
    began = time.monotonic()
    row.generation = generation_of(row.project)
    profile = freeze(row.project, row.as_of, say)
    read_in = time.monotonic() - began
    judged = judge(profile, weights_of(row.project), say)
    place = Place(row.project.target.domain, row.project.workspace_id, row.number)
    record.write(place, judged, say)
    checkpoint("audit written")
    _finish(row, judged, {"read_seconds": round(read_in, 1), "seconds": round(time.monotonic() - began, 1)})
    return judged


def generation_of(project: Project) -> int:
    """The newest generation of the project's profile."""
    asked = index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="links", params={})
    return index.pin(asked).generation


def judge(profile: Profile, by: Weights, say: Callable[[str], None] = lambda _: None) -> Judged:
    """Let every marker speak, and score what they said."""
    findings: dict[str, Found] = {}
    for one in MARKERS:
        findings[one.id] = one.test(profile, one.limits)
    say(f"{sum(bool(one.fired.any()) for one in findings.values())} of {len(findings)} markers have fired")
    return Judged(profile, findings, by, score.score(profile, findings, by))


def weights_of(project: Project) -> Weights:
    """The weights of the project's workspace: its own newest version, or ours."""
    own = WeightSet.objects.filter(workspace=project.workspace_id).order_by("-number").first()
    return weights.read(f"{weights.VERSION}.{own.number}", own.data) if own else Weights()


def _finish(row: Audit, judged: Judged, facts: dict[str, object]) -> None:
    scores, profile = judged.scores, judged.profile
    row.weights = judged.weights.version
    row.risk, row.confidence, row.bands = scores.risk, scores.confidence, dict(scores.bands)
    row.links = int((profile.links.hashes("id") > 0).sum())
    row.domains = profile.domains.count
    run = since.run_since(row)
    changed = since.figures(run)
    alerts = since.alerts(row, run, changed)
    row.facts = facts | {
        since.SINCE: changed, record.KEEPS_SOURCES: True, record.WANTING: record.wanting(judged),
    }  # fmt: skip
    row.finished_at = timezone.now()
    with transaction.atomic():
        row.save()
        Alert.objects.filter(audit=row).delete()
        Alert.objects.bulk_create(alerts)


def tidy(project: Project) -> None:
    """Delete the findings of all but the newest audits of a project; their figures stay."""
    done = Audit.objects.filter(project=project, is_kept=True).exclude(finished_at=None).order_by("-finished_at")
    old = list(done[KEPT:])
    if old:
        index.audits.forget(project.target.domain, project.workspace_id, [one.number for one in old])
        Audit.objects.filter(pk__in=[one.pk for one in old]).update(is_kept=False)


def newest(project: Project, before: date | None = None) -> Audit | None:
    """The newest audit that counts, of an earlier day than `before` where one is named."""
    done = Audit.objects.filter(project=project, is_kept=True).exclude(finished_at=None)
    if before is not None:
        done = done.filter(as_of__lt=before)
    return done.order_by("-finished_at").first()


RUN_KIND = runs.RunKind(name=KIND, label="Audit", run=carry_out, transient=(index.IndexUnavailable,))
