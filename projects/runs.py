"""Runs: rows are the truth, the broker is a doorbell (design section 5).

Decided: a run is claimed by one conditional UPDATE with a lease and a token; every later write carries the token, so a
worker that slept through its lease writes nothing. Attempts are counted in the row: a run that kills its worker ends
after five. Refused: results and state in the broker, which may lose them.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from seoapp.lib import claim, registry
from seoapp.lib.logs import bind_run

from .models import Membership, Project, Run, User, Workspace

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)
ATTEMPTS = 5
LOG_LIMIT = 20_000
STEP_SECONDS = 0.5


class LostLease(Exception):
    """Another worker has this run now: stop without writing."""


class Cancelled(Exception):
    """Somebody asked to cancel this run."""


@dataclass(frozen=True, slots=True)
class RunKind:
    """A kind of long job. `page` names the URL that shows its result (argument: the run's id), "" for none."""

    name: str
    label: str
    run: Callable[["Claimed"], None]
    page: str = ""


@dataclass(slots=True)
class Claimed:
    """A run in our hands. Call `step` often: it renews the lease, shows progress and obeys a cancel."""

    run: Run
    token: str
    _last: float = field(default=0.0)

    def step(self, *, done: int | None = None, total: int | None = None, line: str = "") -> None:
        """Write progress (at most twice a second, unless there is a line to log). Raises LostLease or Cancelled."""
        if done is not None:
            self.run.done = done
        if total is not None:
            self.run.total = total
        now = time.monotonic()
        if not line and now - self._last < STEP_SECONDS:
            return
        self._last = now
        if line:
            self.run.log = (self.run.log + f"{timezone.now():%H:%M:%S} {line}\n")[-LOG_LIMIT:]
        self._write(done=self.run.done, total=self.run.total, log=self.run.log)
        if Run.objects.filter(pk=self.run.pk, cancel_asked=True).exists():
            raise Cancelled

    def _write(self, **values: object) -> None:
        if not claim.renew(Run.objects.filter(pk=self.run.pk, state=Run.State.RUNNING), self.token, LEASE, **values):
            raise LostLease


def kinds() -> dict[str, RunKind]:
    return {kind.name: kind for kind in registry.load(settings.RUN_KINDS)}


def start(
    *, kind: str, workspace: Workspace, project: Project | None, arguments: dict[str, object], user: User | None
) -> Run:
    """Queue a run. The caller (a view, command or task) rings with `projects.tasks.ring`."""
    return Run.objects.create(workspace=workspace, project=project, kind=kind, arguments=arguments, started_by=user)


def execute(run_id: int) -> None:
    """Claim and carry out a run; does nothing when somebody else has it or it is over."""
    rows = Run.objects.filter(pk=run_id)
    token = claim.claim(rows, queued=Run.State.QUEUED, running=Run.State.RUNNING, lease=LEASE, attempts=ATTEMPTS)
    if token is None:
        return
    rows.filter(token=token, started_at=None).update(started_at=timezone.now())
    claimed = Claimed(Run.objects.select_related("workspace", "project", "started_by").get(pk=run_id), token)
    with bind_run(run_id):
        _carry_out(claimed)


def _carry_out(claimed: Claimed) -> None:
    run = claimed.run
    try:
        if not _still_member(run):
            raise PermissionError(f"{run.started_by} is no longer a member of {run.workspace}.")
        kinds()[run.kind].run(claimed)
    except LostLease:
        logger.warning("run %s lost its lease", run.pk)
    except Cancelled:
        _end(claimed, Run.State.CANCELLED, "")
    except PermissionError as error:
        _end(claimed, Run.State.FAILED, str(error))
    except Exception as error:
        logger.exception("run %s failed", run.pk)
        _end(claimed, Run.State.FAILED, f"{type(error).__name__}: {error}"[:2000])
    else:
        _end(claimed, Run.State.DONE, "")


def _still_member(run: Run) -> bool:
    if run.started_by is None:
        return True
    return run.started_by.is_active and Membership.objects.filter(workspace=run.workspace, user=run.started_by).exists()


def _end(claimed: Claimed, state: str, error: str) -> None:
    Run.objects.filter(pk=claimed.run.pk, token=claimed.token).update(
        state=state, error=error, done=claimed.run.done, total=claimed.run.total, finished_at=timezone.now(), lease_until=None
    )


def cancel(run: Run) -> None:
    """Cancel at once when waiting; else ask the worker, which stops between steps."""
    Run.objects.filter(pk=run.pk, state=Run.State.QUEUED).update(state=Run.State.CANCELLED, finished_at=timezone.now())
    Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(cancel_asked=True)


def retry(run: Run) -> bool:
    """Queue a failed or cancelled run again; False when it is neither."""
    return bool(
        Run.objects.filter(pk=run.pk, state__in=(Run.State.FAILED, Run.State.CANCELLED)).update(
            state=Run.State.QUEUED, attempts=0, error="", cancel_asked=False, finished_at=None, started_at=None, done=0
        )
    )


def due() -> list[int]:
    """Runs that wait, or whose worker is gone; those past their attempts are ended."""
    now = timezone.now()
    gone = Q(state=Run.State.RUNNING, lease_until__lt=now)
    Run.objects.filter(gone, attempts__gte=ATTEMPTS).update(
        state=Run.State.FAILED,
        error=f"Given up after {ATTEMPTS} attempts: the worker ended each time.",
        finished_at=now,
    )
    return list(Run.objects.filter(Q(state=Run.State.QUEUED) | gone).values_list("pk", flat=True)[:500])
