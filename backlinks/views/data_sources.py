"""What the index holds, source by source: releases, lists, tables and files of open data, imports, crawls.

Decided: crawled pages come in thousands of files, so those that are done are one line; what works or has failed stands
for itself. Where a file lies on the operator's machine is shown to nobody. A member of named projects sees imports,
crawls and visits of these only.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.urls import reverse

from backlinks import index
from backlinks.models import Crawl, Import, OpenImport
from projects.models import Project, Run, Workspace
from seoapp.lib.words import counted

from .vendors import vendor_label

SHOWN = 20  # of each kind
KINDS = OpenImport.Kind
STATES = OpenImport.State
ACTIVE = (STATES.WAITING, STATES.RUNNING)
NOTHING = {
    KINDS.WEBGRAPH: "No release of the open graph.",
    KINDS.POPULARITY: "No popularity list.",
    KINDS.WAT: "No crawled pages of Common Crawl.",
    KINDS.ADDRESSES: "No tables of countries and networks.",
    KINDS.BLOCKLIST: "No list of malware or blocked sites.",
    KINDS.VISITS: "No visits of your own sites.",
}


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that was read, or several files in one line. `state` is (key, word); `percent` None: not at work.

    `remove_url`: where an editor takes it back; "" for open data, which is the operator's.
    """

    title: str
    holds: str
    day: date | None
    rows: int
    accepted: int
    rejected: int
    state: tuple[str, str]
    error: str
    notes: Sequence[str]
    percent: int | None
    problems_url: str
    at: datetime | None
    remove_url: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """All of one kind; `nothing` is said where there is none."""

    label: str
    holdings: list[Holding]
    nothing: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What a vendor's files, or our crawler, have brought."""

    label: str
    files: int
    unit: str
    rows: int
    accepted: int
    rejected: int
    first: date | None
    last: date | None
    at: datetime | None


def shelves(workspace: Workspace, projects: QuerySet[Project]) -> list[Shelf]:
    """Open data of all, and what this workspace has brought for these projects."""
    seen = visible(workspace, projects).select_related("run", "project").defer("problems", "progress")
    graphs = {one.batch: one for one in index.graph.releases()}
    ranges = index.addresses.current()
    made = []
    for kind, nothing in NOTHING.items():
        rows = [one for one in seen if one.kind == kind]
        listed = [*_listed(workspace, kind, rows, graphs, ranges)]
        made.append(Shelf(kind.label, listed, nothing))
    return [*made, scores(workspace)]


def visible(workspace: Workspace, projects: QuerySet[Project]) -> QuerySet[OpenImport]:
    mine = Q(workspace=workspace) & (Q(project=None) | Q(project__in=projects))
    return OpenImport.objects.filter(Q(workspace=None) | mine).exclude(state=STATES.REMOVED)


def is_active(one: OpenImport) -> bool:
    """Whether its state changes by itself."""
    return one.state in ACTIVE and one.run is not None and not one.run.is_over


def _listed(
    workspace: Workspace,
    kind: KINDS,
    rows: Sequence[OpenImport],
    graphs: dict[int, index.graph.Release],
    ranges: index.addresses.RangeFacts | None,
) -> Iterator[Holding]:
    alone = rows
    if kind == KINDS.WAT:
        done = [one for one in rows if one.state == STATES.DONE]
        alone = [one for one in rows if one.state != STATES.DONE]
        if done:
            yield _together(done)
    for one in alone[:SHOWN]:
        yield _holding(workspace, one, _holds(one, graphs, ranges))


def _together(done: Sequence[OpenImport]) -> Holding:
    days = [one.day for one in done if one.day]
    return Holding(
        counted(len(done), "file"),
        "",
        max(days, default=None),
        *(sum(getattr(one, name) for one in done) for name in ("rows", "accepted", "rejected")),
        (STATES.DONE.value, STATES.DONE.label),
        "",
        (),
        None,
        "",
        max((one.finished_at for one in done if one.finished_at), default=None),
    )


def _holding(workspace: Workspace, one: OpenImport, holds: str) -> Holding:
    title = f"{one} · {one.project}" if one.project else str(one)
    address = {"slug": workspace.slug, "open_import_id": one.pk}
    is_own = one.kind == KINDS.VISITS and one.workspace_id == workspace.pk
    return Holding(
        title,
        holds,
        one.day,
        one.rows,
        one.accepted,
        one.rejected,
        _state(one),
        one.error or (one.run.error if one.run and _has_failed(one) else ""),
        one.notes,
        one.run.percent if one.run and is_active(one) and one.run.total else None,
        reverse("backlinks:data_problems", kwargs=address) if one.problems_file else "",
        None if is_active(one) else one.finished_at or one.created_at,
        reverse("backlinks:data_remove", kwargs=address) if is_own and not is_active(one) else "",
    )


def _has_failed(one: OpenImport) -> bool:
    """Whether its reading ended without a result, said by itself or by its run."""
    lost = one.state in ACTIVE and (one.run is None or one.run.state in (Run.State.FAILED, Run.State.CANCELLED))
    return lost or one.state == STATES.FAILED


def _state(one: OpenImport) -> tuple[str, str]:
    state = STATES.FAILED if _has_failed(one) else STATES(one.state)
    return state.value, state.label


def _holds(one: OpenImport, graphs: dict[int, index.graph.Release], ranges: index.addresses.RangeFacts | None) -> str:
    graph = graphs.get(one.batch)
    if graph:
        whole = "whole release" if graph.part == "whole" else "neighbourhood of your domains"
        return f"{counted(graph.nodes, 'domain')}, {counted(graph.edges, 'link')}, {whole}"
    if ranges and ranges.batch == one.batch:
        return counted(ranges.ranges, "range")
    domains, of = one.options.get("domains"), one.options.get("of", "")  # of a list of bad sites: its kind
    held = counted(domains, "domain") if isinstance(domains, int) and one.state == STATES.DONE else ""
    return f"{of}, {held}" if of and held else held


# --- Scores ---------------------------------------------------------------------------------------------------------
def scores(workspace: Workspace) -> Shelf:
    """The computations that this workspace sees: its own, and that of the open graph."""
    made = [_computed(one) for one in index.shown_runs(workspace.pk)]
    return Shelf("Authority scores", made, "No scores have been computed.")


def _computed(run: index.ScoreRun) -> Holding:
    of = "with the links of this workspace" if run.workspace else "of open data alone"
    holds = f"{counted(run.domains, 'domain')}, {counted(run.edges, 'vote')}, {run.release or 'without a release'}"
    done = STATES.DONE.value, STATES.DONE.label
    day = run.computed_at.date()
    return Holding(
        f"{run.version}, {of}", holds, day, run.domains, run.domains, 0, done, "", (), None, "", run.computed_at
    )


# --- What the workspace brings itself -------------------------------------------------------------------------------
def brought(projects: QuerySet[Project]) -> list[Brought]:
    """Vendors' files by vendor, then our own crawler."""
    return [*_of_vendors(projects), *_of_crawler(projects)]


def _of_vendors(projects: QuerySet[Project]) -> Iterable[Brought]:
    done = Import.objects.filter(project__in=projects, state=Import.State.DONE)
    sums = {"n": Count("pk"), "r": Sum("rows"), "a": Sum("accepted"), "x": Sum("rejected")}
    days = {"first": Min("export_date"), "last": Max("export_date"), "at": Max("finished_at")}
    for row in done.order_by("vendor").values("vendor").annotate(**sums, **days):
        yield Brought(
            vendor_label(row["vendor"]), row["n"], "file", row["r"], row["a"], row["x"],
            row["first"], row["last"], row["at"],
        )  # fmt: skip


def _of_crawler(projects: QuerySet[Project]) -> Iterable[Brought]:
    crawls = Crawl.objects.filter(project__in=projects).exclude(batch=0)
    row: dict[str, Any] = crawls.aggregate(
        n=Count("pk"), pages=Sum("pages"), errors=Sum("errors"), first=Min("created_at"), last=Max("finished_at")
    )
    if row["n"]:
        first, last = (moment.date() if moment else None for moment in (row["first"], row["last"]))
        pages, errors = row["pages"] or 0, row["errors"] or 0
        yield Brought(vendor_label("crawl"), row["n"], "crawl", pages + errors, pages, errors, first, last, row["last"])
