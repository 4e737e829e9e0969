"""The lists of the review: which domains stand in which, for the page of lists and for the review one by one.

Decided: a list is a set of names in the database that the index is asked to keep to, or to leave out; reading it costs
names alone, and those that nobody has changed since are kept in the memory of this process. "Waiting" is there where
disavowals need a second person, "The client objects" where a client does.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest

from audit import approving, assigning
from audit.clients import standing
from audit.models import Audit, Decision
from audit.review import Verdict
from audit.words import name_of
from backlinks import index
from projects.models import Project, User
from seoapp.lib import tables

from .asked import run_of, url_of

SHELF, MINE, YES = "list", "mine", "yes"  # URL parameters
ANCHOR, LINKED, FOUND = "anchor", "linked", "found"  # of what a list keeps to: an anchor, a page of ours, a marker
MOST_KEY = 2_048  # characters of a key in an address
OPEN, WAITING, OBJECTED = "open", "waiting", "objected"
SHELVES = {
    "": "All", OPEN: "For review", Verdict.KEEP.value: "Whitelist", Verdict.REMOVE.value: "Remove",
    Verdict.DISAVOW.value: "Disavow", WAITING: "Waiting for approval",
    OBJECTED: "The client objects",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelf:
    """One of the lists; `is_mine`: only what is assigned to whoever looks; `anchor`, `linked`: only what links so, or
    to that page (keys of `index.auditgroups`); `found`: only where this marker fired, at whichever link."""

    name: str = ""
    is_mine: bool = False
    anchor: str = ""
    linked: str = ""
    found: str = ""

    @classmethod
    def asked(cls, params: Mapping[str, str]) -> "Shelf":
        name = params.get(SHELF, "")
        narrowed = (params.get(one, "")[:MOST_KEY] for one in (ANCHOR, LINKED, FOUND))
        return cls(name if name in SHELVES else "", params.get(MINE) == YES, *narrowed)

    @property
    def params(self) -> dict[str, str]:
        narrowed = {ANCHOR: self.anchor, LINKED: self.linked, FOUND: self.found}
        asked = {SHELF: self.name, MINE: YES if self.is_mine else ""} | narrowed
        return {name: value for name, value in asked.items() if value}

    @property
    def label(self) -> str:
        return SHELVES[self.name]

    def of_run(self, audit: Audit) -> index.auditlists.AuditRun:
        """The run of an audit, its list of domains kept to what links so."""
        return replace(run_of(audit), anchor=self.anchor, linked=self.linked, found=self.found)

    def chips(self, project: Project) -> list[tables.Link]:
        """What the list keeps to, each with the list without it."""
        kept = (
            (f"Anchor “{self.anchor}”", ANCHOR),
            (f"Links to {self.linked}", LINKED),
            (f"Found: {name_of(self.found)}", FOUND),
        )
        return [
            tables.Link(label, url_of(project, "domains", replace(self, **{name: ""}).params))
            for label, name in kept
            if getattr(self, name)
        ]

    def among(self, project: Project, user: User) -> index.auditlists.Among:
        names = _names(project, self.name) if self.name else frozenset()
        if not self.is_mine:
            is_all = not self.name
            return index.auditlists.ALL if is_all else index.auditlists.Among(names, is_only=self.name != OPEN)
        mine = assigning.assigned_to(project, user)
        left = mine - names if self.name == OPEN else mine & names if self.name else mine
        return index.auditlists.Among(left, is_only=True)


def _names(project: Project, shelf: str) -> frozenset[str]:
    """The domains of a list; of those for review, the domains that are not."""
    if shelf == OBJECTED:
        return standing.objected(project)
    if shelf == WAITING:
        return frozenset(approving.waiting(project).filter(url="").values_list("domain", flat=True))
    verdict = shelf if shelf in Verdict.values else ""
    told = _decided(project.pk, verdict).aggregate(Count("pk"), Max("pk"), Max("made_at"))
    return _held(project.pk, verdict, *told.values())


def _decided(project_id: int, verdict: str) -> QuerySet[Decision]:
    made = Decision.objects.filter(project=project_id, url="").order_by()
    return made.filter(verdict=verdict) if verdict else made


@lru_cache(maxsize=16)
def _held(project_id: int, verdict: str, count: int, newest: int | None, at: datetime | None) -> frozenset[str]:
    """The names as of a count and the newest id: deciding anew makes a new row, so the two change with the names."""
    return frozenset(_decided(project_id, verdict).filter(pk__lte=newest or 0).values_list("domain", flat=True))


def links(project: Project, shelf: Shelf, decisions: Mapping[str, Decision], *, asks: bool) -> list[tables.Link]:
    """The switch between the lists, with how many were decided so."""
    counts = Counter(one.verdict for one in decisions.values())
    counts[OBJECTED] = len(standing.objected(project))
    optional = {WAITING: asks, OBJECTED: bool(counts[OBJECTED])}
    if asks:
        counts[WAITING] = len(approving.waiting_names(project))
    return [
        tables.Link(
            f"{label} {counts[name]:,}" if name in counts else label,
            url_of(project, "domains", replace(shelf, name=name).params),
            name == shelf.name,
        )
        for name, label in SHELVES.items()
        if optional.get(name, True) or name == shelf.name
    ]


def mine(request: HttpRequest, project: Project, shelf: Shelf) -> tables.Link:
    """The switch to what is assigned to whoever looks."""
    count = len(assigning.assigned_to(project, request.user))
    url = url_of(project, "domains", replace(shelf, is_mine=not shelf.is_mine).params)
    return tables.Link(f"Assigned to me {count:,}", url, shelf.is_mine)


def verdict_of(one: Decision | None, *, waits: bool, is_objected: bool) -> str:
    """What was decided, in words, and what keeps it from counting."""
    said = [str(one.get_verdict_display())] if one else []
    return ", ".join(
        (*said, *(["waits for approval"] if waits else []), *(["the client objects"] if is_objected else []))
    )
