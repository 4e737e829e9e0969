"""Benchmarks: a profile saved as it was, its figures in our row, its domains in the index.

Decided: the domains are written first and the row after them, so that a benchmark is there whole or not at all. The
score of that day is kept with the points of its parts, because computations are forgotten and a difference must be
explained for ever. Its causes are those of `authority.change` where that day's computation is still kept.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from backlinks import index
from backlinks.authority.change import Cause, last_change
from backlinks.authority.explain import LOSSES, MEANINGS
from projects import runs
from projects.models import Project, User
from seoapp.lib.weburl import Target

from .models import Benchmark

MOST = 500  # of a project
DATES = ("first_seen", "last_seen")
ROUNDING = ("Rounding and limits", "The ends of the scale, and what is too small to be told apart.")
LEAST = 0.005


class TooMany(ValueError):
    """The project has as many benchmarks as it may; the message says what to do."""


def save(*, project: Project, user: User, query: index.LinkQuery, name: str, note: str) -> Benchmark:
    """Keep the profile of a query as it is now. Raises `TooMany`."""
    if project.benchmarks.count() >= MOST:
        raise TooMany(f"A project keeps at most {MOST} benchmarks: delete one that nobody needs.")
    pinned = index.benchmarks.as_of(query)
    batch = index.new_batch_id()
    try:
        sums = index.benchmarks.keep(pinned, batch)
        return Benchmark.objects.create(
            project=project, created_by=user, name=name, note=note, target=str(pinned.target),
            scope=pinned.target.scope, with_graph=pinned.with_graph, batch=batch,
            figures=_figures(pinned) | {"sums": sums},
        )  # fmt: skip
    except (DatabaseError, index.IndexUnavailable):
        index.benchmarks.forget_kept(pinned.workspace, [batch])
        raise


def now_of(query: index.LinkQuery) -> dict[str, Any]:
    """The figures of a profile as a benchmark would keep them, but for those that are added up over its domains."""
    return _figures(index.benchmarks.as_of(query))


def _figures(pinned: index.LinkQuery) -> dict[str, Any]:
    head = index.headline(pinned)
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(head).items()}
    return {
        "head": told,
        "generation": str(pinned.generation),
        "day": timezone.now().date().isoformat(),
        "score": _score(pinned, head.authority),
    }


def _score(pinned: index.LinkQuery, authority: float | None) -> dict[str, Any] | None:
    """The domain's score with the points of its parts, and what of it the target holds (`factor`)."""
    rows = index.score_days(pinned.workspace, pinned.target.domain)
    if authority is None or pinned.authority < 0:
        return None
    points = rows[-1]["parts"] if rows and abs(rows[-1]["score"] - pinned.authority) < LEAST else {}
    factor = authority / pinned.authority if pinned.authority else 1.0
    return {"domain": pinned.authority, "points": dict(points), "factor": factor}


def kept(benchmark: Benchmark) -> index.benchmarks.Kept:
    figures = benchmark.figures
    return index.benchmarks.Kept(
        benchmark.project.workspace_id,
        benchmark.batch,
        int(figures["generation"]),
        date.fromisoformat(figures["day"]),
    )


def target_of(benchmark: Benchmark) -> Target:
    return Target.parse(benchmark.target, benchmark.scope)


def remove(benchmark: Benchmark) -> None:
    index.benchmarks.forget_kept(benchmark.project.workspace_id, [benchmark.batch])
    benchmark.delete()


def remove_project(project: Project, claimed: runs.Claimed) -> None:
    """Take the benchmarks of a project out of the index; for the run that removes a project."""
    batches = list(project.benchmarks.values_list("batch", flat=True))
    if batches:
        claimed.step(line=f"Removing {len(batches)} benchmarks")
        index.benchmarks.forget_kept(project.workspace_id, batches)
        project.benchmarks.all().delete()


# --- Authority ----------------------------------------------------------------------------------------------------
def authority_causes(workspace: int, domain: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Cause]:
    """What has changed a score, by cause; `before` and `after` are figures of benchmarks. The points add up."""
    was, now = before["score"], after["score"]
    if was is None or now is None:
        return []
    factors = was["factor"], now["factor"]
    causes = [Cause(one.label, one.detail, one.points * factors[0]) for one in _of_domain(workspace, domain, was, now)]
    if abs(factors[0] - factors[1]) > 1e-9:
        detail = f"What of its domain's score it holds: {factors[0]:.0%} → {factors[1]:.0%}."
        causes.append(Cause("Its share", detail, now["domain"] * (factors[1] - factors[0])))
    told = [one for one in causes if abs(one.points) >= LEAST]
    rest = now["domain"] * factors[1] - was["domain"] * factors[0] - sum(one.points for one in told)
    return told + ([Cause(*ROUNDING, rest)] if abs(rest) >= LEAST else [])


def _of_domain(workspace: int, domain: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Cause]:
    """Of the domain's own score: finely where both computations are kept, else by the points of each part."""
    found = last_change(workspace, domain)
    if found and abs(found.before - was["domain"]) < LEAST and abs(found.after - now["domain"]) < LEAST:
        return list(found.causes)
    labels = {name: told[0] for name, told in (MEANINGS | LOSSES).items()}
    return [
        Cause(
            labels.get(name, name),
            f"{was['points'].get(name, 0):.2f} → {now['points'].get(name, 0):.2f} points.",
            now["points"].get(name, 0.0) - was["points"].get(name, 0.0),
        )
        for name in sorted({*was["points"], *now["points"]})
    ]
