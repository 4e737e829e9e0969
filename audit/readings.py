"""What takes seconds to say of a long disavow file, kept for a while: how a version reads, what is wrong with it, what
it changes, what merging it would do, and what the next file would be.

Decided: in the cache, by a stamp of everything that the answer rests on. A version never changes, so its digest stands
for it, and that of its entries for the next file; the list and the decisions have figures that change with them: a
decision that is made anew or taken back is another row, whose moment may be an old one and whose number never is.
Popularity and authority are asked anew each day. Whatever writes a file or changes the list computes everything again.
Refused: rows of the database for what can be computed again.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import Count, Max, Sum
from django.db.models.functions import Length
from django.utils import timezone

from backlinks.workbench.models import Mark
from projects.models import Project

from . import approving, auditing, disavowing
from .clients import standing
from .disavowing import Planned
from .models import Decision, DisavowVersion, ListedEntry

MAKE = 1  # of what is kept: raised with a rule of the linter, the writer or the merge
KEPT = timedelta(days=14)
Made = TypeVar("Made")
Stamp = tuple[Any, ...]


def of_version(name: str, version: DisavowVersion, make: Callable[[], Made], *stamp: object) -> Made:
    """What is said of a version; `stamp`: what it rests on beside the version."""
    return _kept((name, version.pk, version.made_at, version.digest, *stamp), make)


def of_plan(name: str, stamp: Stamp, make: Callable[[], Made]) -> Made:
    """What is said of the next file of a project; `stamp`: that of the plan."""
    return _kept((name, *stamp), make)


def plan_stamp(project: Project, plan: Planned) -> Stamp:
    """Another one whenever the next file, what was uploaded, or what stands around them is another."""
    lines = (f"{one.text} {one.who} {one.when} {one.group} {one.reason}" for one in plan.entries)
    digest = hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()
    last = disavowing.uploaded(project)
    rest = (repr(replace(plan, entries=())), last.number if last else 0, last.uploaded_at if last else None)
    return (project.pk, digest, *rest, *around_stamp(project))


def _kept(stamp: Stamp, make: Callable[[], Made]) -> Made:
    digest = hashlib.sha256(repr((MAKE, *stamp)).encode("utf-8")).hexdigest()
    key = f"disavow-{digest}"
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEPT.total_seconds())
    return found


def list_stamp(project: Project) -> Stamp:
    """Another one whenever the list, a decision, what keeps one from counting, or what was uploaded is another."""
    listed = ListedEntry.objects.filter(project=project)
    decided = Decision.objects.filter(project=project)
    last = disavowing.uploaded(project)
    return (
        *listed.aggregate(n=Count("pk"), last=Max("pk"), said=Sum(Length("reason"))).values(),
        *decided.aggregate(
            n=Count("pk"), last=Max("pk"), approved=Max("approved_at"), agreed=Count("approved_at")
        ).values(),
        approving.needs_second(project),
        sorted(approving.waiting_names(project)),
        sorted(standing.objected(project)),
        last.number if last else 0,
    )


def around_stamp(project: Project) -> Stamp:
    """Another one whenever what stands around a file is: names that must not go in, decisions, the newest audit, the
    day."""
    around = disavowing.surroundings(project, ())
    audit = auditing.newest(project)
    names = [sorted(some) for some in (around.own, around.projects, around.partners)]
    marks = Mark.objects.filter(project=project).aggregate(n=Count("pk"), last=Max("changed_at"))
    said = Decision.objects.filter(project=project).aggregate(n=Count("pk"), last=Max("pk"))
    return (timezone.localdate(), audit.number if audit else 0, names, *marks.values(), *said.values())
