"""Runs: rows are the truth, the broker is a doorbell (design section 5).

Decided: a run is claimed by one conditional UPDATE with a lease and a token; every later write carries the token, so a
worker that slept through its lease writes nothing. The lease is short, so that a killed worker is replaced soon; a
thread renews it while a long step runs, but not for ever: a worker that hangs in a step loses the run. Attempts are
counted in the row: a run that kills its worker ends after five. A worker that is told to stop gives its run back.
Refused: results and state in the broker, which may lose them; a lease as long as the longest step, because that is how
long a killed run would stand still.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from seoapp.lib import claim, registry
from seoapp.lib.logs import bind_run

from .models import Membership, Project, Run, User, Workspace

logger = logging.getLogger(__name__)
ATTEMPTS = 5
TITLE, ABOUT = "title", "about"  # names among the arguments of a run
LOG_LIMIT = 20_000
STEP_SECONDS = 0.5
BACK_OFF = timedelta(seconds=10)  # before the second attempt; doubled for each further one
FRESH = timedelta(seconds=10)  # whoever made a run rings for it, or carries it out, within this time
RING_AGAIN = timedelta(minutes=2)
RINGS_AT_ONCE = 100
WAIT = 0.5  # seconds between two looks at a run that another worker has
stopping = threading.Event()  # set when this worker was told to stop


class LostLease(Exception):
    """Another worker has this run now: stop without writing."""


class Cancelled(Exception):
    """Somebody asked to cancel this run."""


class Later(Exception):
    """Nothing can be done before `due_at`: the run waits for it, and this worker does something else."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(f"waits until {due_at:%H:%M:%S}")
        self.due_at = due_at


class Released(Exception):
    """This worker was told to stop: the run waits for another one."""


@dataclass(frozen=True, slots=True)
class RunKind:
    """A kind of long job.

    `page` names the URL that shows its result (argument: the run's id), "" for none. After an error of the `transient`
    kinds (a server that does not answer for a moment) the run is tried again; any other error ends it. `name_of` says
    what a single run is called where its arguments make it another job than the `label` says. Arguments may also hold
    a `TITLE`, the run's own name, and what it is `ABOUT`, for those who may open the page.
    """

    name: str
    label: str
    run: Callable[["Claimed"], None]
    page: str = ""
    transient: tuple[type[Exception], ...] = ()
    name_of: Callable[[Run], str] | None = None

    def label_of(self, run: Run) -> str:
        return self.name_of(run) if self.name_of else self.label


@dataclass(slots=True)
class Claimed:
    """A run in our hands. Call `step` often: it shows progress, renews the lease, obeys a cancel and a stop."""

    run: Run
    token: str
    lost: bool = False
    touched: float = field(default_factory=time.monotonic)
    _last: float = 0.0

    def step(self, *, done: int | None = None, total: int | None = None, line: str = "") -> None:
        """Write progress (at most twice a second, unless there is a line to log).

        Raises LostLease, Cancelled or Released; none of them is an error: let them pass.
        """
        self.touched = now = time.monotonic()
        self.run.done = self.run.done if done is None else done
        self.run.total = self.run.total if total is None else total
        if self.lost:
            raise LostLease
        if stopping.is_set():
            raise Released
        if not line and now - self._last < STEP_SECONDS:
            return
        self._last = now
        self._write(line)
        if Run.objects.filter(pk=self.run.pk, cancel_asked=True).exists():
            raise Cancelled

    def _write(self, line: str) -> None:
        if line:
            self.run.log = (self.run.log + f"{timezone.now():%H:%M:%S} {line}\n")[-LOG_LIMIT:]
        if not claim.renew(
            self.mine(), self.token, lease(), done=self.run.done, total=self.run.total, log=self.run.log
        ):
            raise LostLease

    def mine(self) -> QuerySet[Run]:
        """The row, as long as it is ours."""
        return Run.objects.filter(pk=self.run.pk, token=self.token, state=Run.State.RUNNING)


def lease() -> timedelta:
    return timedelta(seconds=settings.RUN_LEASE_SECONDS)


@contextmanager
def _kept(claimed: Claimed) -> Iterator[None]:
    """Renew the lease from a thread, so that one long step does not lose it."""
    ended = threading.Event()
    threading.Thread(target=_keep, args=(claimed, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _keep(claimed: Claimed, ended: threading.Event) -> None:
    while not ended.wait(settings.RUN_LEASE_SECONDS / 3):
        if time.monotonic() - claimed.touched > settings.RUN_STEP_SECONDS:
            logger.warning(
                "run %s hangs: no step in %s s, its lease is given up", claimed.run.pk, settings.RUN_STEP_SECONDS
            )
            return
        try:
            claimed.lost = not claim.renew(claimed.mine(), claimed.token, lease())
        except DatabaseError as error:
            logger.warning("run %s: the lease was not renewed: %s", claimed.run.pk, error)
        finally:
            connection.close()


def kinds() -> dict[str, RunKind]:
    return {kind.name: kind for kind in registry.load(settings.RUN_KINDS)}


def start(
    *, kind: str, workspace: Workspace | None, project: Project | None, arguments: dict[str, object], user: User | None
) -> Run:
    """Queue a run. The caller (a view, command or task) rings with `projects.tasks.ring`."""
    return Run.objects.create(workspace=workspace, project=project, kind=kind, arguments=arguments, started_by=user)


def execute(run_id: int) -> bool:
    """Claim and carry out a run; does nothing when somebody else has it, it is over or not due.

    True when the run was given back because this worker stops: ring for it again.
    """
    rows = Run.objects.filter(pk=run_id)
    token = claim.claim(rows, queued=Run.State.QUEUED, running=Run.State.RUNNING, lease=lease(), attempts=ATTEMPTS)
    if token is None:
        return False
    rows.filter(token=token, started_at=None).update(started_at=timezone.now())
    claimed = Claimed(Run.objects.select_related("workspace", "project", "started_by").get(pk=run_id), token)
    with bind_run(run_id), _kept(claimed):
        return _carry_out(claimed)


def _carry_out(claimed: Claimed) -> bool:
    run = claimed.run
    kind = kinds().get(run.kind)
    transient = (OperationalError, *(kind.transient if kind else ()))
    try:
        _start(claimed, kind)
    except LostLease:
        logger.warning("run %s lost its lease", run.pk)
    except Released:
        return _give_back(claimed)
    except Later as pause:
        _give_back(claimed, due_at=pause.due_at)
    except Cancelled:
        _end(claimed, Run.State.CANCELLED, "")
    except PermissionError as error:
        _end(claimed, Run.State.FAILED, str(error))
    except transient as error:
        _try_again(claimed, error)
    except Exception as error:
        logger.exception("run %s failed", run.pk)
        _end(claimed, Run.State.FAILED, _sentence(error))
    else:
        _end(claimed, Run.State.DONE, "")
    return False


def _start(claimed: Claimed, kind: RunKind | None) -> None:
    run = claimed.run
    if kind is None:
        raise PermissionError(f"This installation knows no run of the kind {run.kind!r}: was a part removed?")
    if not _still_member(run):
        raise PermissionError(f"{run.started_by} is no longer a member of {run.workspace}.")
    kind.run(claimed)


def _give_back(claimed: Claimed, due_at: datetime | None = None) -> bool:
    """Queue the run again, not before `due_at`; this attempt does not count."""
    return bool(
        claimed.mine().update(
            state=Run.State.QUEUED, token="", lease_until=due_at, heartbeat=None, attempts=F("attempts") - 1
        )
    )


def _try_again(claimed: Claimed, error: Exception) -> None:
    """Queue the run once more after a pause, until its attempts are used up."""
    run = claimed.run
    logger.warning("run %s, attempt %s: %s", run.pk, run.attempts, error)
    if run.attempts >= ATTEMPTS:
        _end(claimed, Run.State.FAILED, f"Given up after {ATTEMPTS} attempts: {_sentence(error)}")
        return
    due_at = timezone.now() + BACK_OFF * 2 ** (run.attempts - 1)
    claimed.mine().update(
        state=Run.State.QUEUED, token="", lease_until=due_at, error=f"Tried again soon: {_sentence(error)}"
    )


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]


def _still_member(run: Run) -> bool:
    if run.started_by is None or run.workspace is None:
        return True
    return run.started_by.is_active and Membership.objects.filter(workspace=run.workspace, user=run.started_by).exists()


def _end(claimed: Claimed, state: str, error: str) -> None:
    claimed.mine().update(
        state=state,
        error=error,
        done=claimed.run.done,
        total=claimed.run.total,
        finished_at=timezone.now(),
        lease_until=None,
        token="",
    )


def see_through(run: Run) -> None:
    """Carry a run out here, or wait for the worker that has it; one whose worker died is taken over in time."""
    while not run.is_over:
        execute(run.pk)
        run.refresh_from_db()
        if not run.is_over:
            time.sleep(WAIT)


def cancel(run: Run) -> None:
    """Cancel at once when waiting; else ask the worker, which stops between steps."""
    Run.objects.filter(pk=run.pk, state=Run.State.QUEUED).update(state=Run.State.CANCELLED, finished_at=timezone.now())
    Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(cancel_asked=True)


def retry(run: Run) -> bool:
    """Queue a failed or cancelled run again; False when it is neither."""
    return bool(
        Run.objects.filter(pk=run.pk, state__in=(Run.State.FAILED, Run.State.CANCELLED)).update(
            state=Run.State.QUEUED,
            attempts=0,
            error="",
            cancel_asked=False,
            finished_at=None,
            started_at=None,
            done=0,
            token="",
            lease_until=None,
            heartbeat=None,
        )
    )


def due() -> list[int]:
    """Runs to ring for: those that wait unheard, and those whose worker is gone. Ends those past their attempts.

    `heartbeat` of a waiting run says when it was last rung for, so that a busy queue is not rung full.
    """
    now = timezone.now()
    gone = Q(state=Run.State.RUNNING, lease_until__lt=now)
    Run.objects.filter(gone, attempts__gte=ATTEMPTS).update(
        state=Run.State.FAILED,
        error=f"Given up after {ATTEMPTS} attempts: the worker ended each time.",
        finished_at=now,
        lease_until=None,
        token="",
    )
    rung = Q(heartbeat__gte=now - RING_AGAIN) & (Q(lease_until=None) | Q(heartbeat__gt=F("lease_until")))
    waiting = Q(state=Run.State.QUEUED, created_at__lt=now - FRESH) & (Q(lease_until=None) | Q(lease_until__lte=now))
    found = list(
        Run.objects.filter(gone | (waiting & ~rung)).order_by("pk").values_list("pk", flat=True)[:RINGS_AT_ONCE]
    )
    Run.objects.filter(pk__in=found, state=Run.State.QUEUED).update(heartbeat=now)
    return found
