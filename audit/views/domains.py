"""The domains that an audit judged, in the lists of the review: to be decided, kept, to be removed, to be disavowed."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from audit import approving, assigning, review
from audit.clients import standing
from audit.markers import MARKERS
from audit.markers.marker import GROUPS
from audit.models import Audit, Decision
from audit.record import KEEPS_SOURCES
from audit.score import BAND_LABELS, BAND_WORDS
from audit.words import group_name, name_of
from backlinks import index
from backlinks.views.exports import record_export
from backlinks.views.vendors import LABELS as SOURCE_LABELS
from backlinks.views.vendors import vendor_label
from projects import access
from projects.models import Project, User
from seoapp.lib import listing as tables_bulk
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery

from . import shelves
from .asked import audit_page, url_of

IDS = tuple(one.id for one in MARKERS)
GROUP_IDS = tuple(GROUPS)
CERTAINTY_LABELS = {
    "high": "High: 70 % and more",
    "fair": "Fair: 50 to 69 %",
    "low": "Low: 30 to 49 %",
    "little": "Too little to judge: below 30 %",
}
KNOWN_WORDS = {"yes": "Yes", "no": "No", "unknown": ""}
SECTIONS = (
    ("The judgement", ("source_domain", "risk", "band", "certainty", "confidence", "markers", "groups")),
    ("The team", ("decision", "assigned")),
    ("Who knows it", ("new", "sources", "known_to_google")),
)
LABELS = {
    **BAND_LABELS, **{one: f"{one} {name_of(one)}" for one in IDS}, **GROUPS, **CERTAINTY_LABELS, **SOURCE_LABELS,
}  # fmt: skip
OF_SOURCES = ("sources", "known_to_google")  # filters that older audits cannot answer
EMPTY = {"decision": "undecided", "assigned": "nobody"}
ASK_CLIENT = "ask_client"
REASON = ("reason", "Why", review.REASON_LENGTH)
BULK = (
    tables_bulk.BulkAction("keep", "Keep", "check", ((*REASON, False),)),
    tables_bulk.BulkAction("remove", "Ask for removal", "mail", ((*REASON, False),)),
    tables_bulk.BulkAction("disavow", "Disavow", "ban", ((*REASON, True),)),
    tables_bulk.BulkAction("undecided", "Undecided again", "eraser"),
    tables_bulk.BulkAction(ASK_CLIENT, "Ask the client about them", "user-question"),
)
SECOND = (
    tables_bulk.BulkAction("approve", "Approve", "checks"),
    tables_bulk.BulkAction("refuse", "Refuse to disavow", "x", ((*REASON, False),)),
)


@dataclass(frozen=True, slots=True)
class Team:
    """What people said about the domains: decisions, whose each one is to look at, whether disavowals need a second
    person, for whom one waits, and to what a client objects."""

    decisions: Mapping[str, Decision]
    owners: Mapping[str, str]
    asks: bool
    waiting: Collection[str]
    objected: Collection[str]

    @classmethod
    def of(cls, project: Project, owners: Mapping[str, str]) -> "Team":
        asks, waiting = approving.needs_second(project), approving.waiting_names(project)
        return cls(review.decided(project), owners, asks, waiting, standing.objected(project))

    def verdict(self, domain: str) -> str:
        made, waits = self.decisions.get(domain), domain in self.waiting
        return shelves.verdict_of(made, waits=waits, is_objected=domain in self.objected)


@access.project("client")
@require_safe
@audit_page
def domains(request: HttpRequest, project: Project, audit: Audit) -> HttpResponseBase:
    """The page, its fragment, or a file of all rows."""
    shelf = shelves.Shelf.asked(request.GET)
    inside = request.membership.may("viewer")  # type: ignore[attr-defined]
    owners = assigning.owners(project) if inside else {}
    team = Team.of(project, owners)
    listing = _listing(project, audit, shelf, request.user, team)
    if request.membership.may("editor"):  # type: ignore[attr-defined]
        listing = replace(listing, bulk=_bulk(project, request.user, asks=team.asks))
    query = ListQuery.parse(listing.columns, request.GET, sort=index.auditlists.SORT)
    context = {
        "project": project,
        "audit": audit,
        "shelves": shelves.links(project, shelf, team.decisions, asks=team.asks),
        "narrowed": shelf.chips(project),
        "unanswered": unanswered(audit, request.GET),
        "mine": shelves.mine(request, project, shelf) if inside else None,
        "review_url": url_of(project, "review", shelf.params | query.with_page(1).params()) if inside else "",
    }
    return tables.answer(request, listing, query, page="audit/domains.html", context=context, keep=shelf.params)


def fields_of(audit: Audit) -> tuple[Field, ...]:
    """The columns of the list, by what the audit kept."""
    knows = bool(audit.facts.get(KEEPS_SOURCES))
    return index.auditlists.fields(IDS, GROUP_IDS, knows_sources=knows)


def unanswered(audit: Audit, params: Mapping[str, str]) -> str:
    """What is to be said where an address asks for a filter that the audit cannot answer."""
    if audit.facts.get(KEEPS_SOURCES) or not any(params.get(name) for name in OF_SOURCES):
        return ""
    return (
        "This audit did not keep yet who knows a domain, so the list stands without that filter: run the audit again."
    )


def _listing(project: Project, audit: Audit, shelf: shelves.Shelf, user: User, team: Team) -> tables.Listing:
    run, chosen = shelf.of_run(audit), shelf.among(project, user)
    return tables.Listing(
        name="audit-domains",
        title=f"Referring domains of {project.target.domain} by risk",
        columns=fields_of(audit),
        fetch=lambda query: index.auditlists.domain_rows(run, query, chosen),
        stream=lambda query: index.auditlists.every_domain(run, query, chosen),
        file_name=f"{project.target.domain}-audit-{datetime.now(UTC):%Y-%m-%d}",
        cells=Cells(project, team),
        value=lambda column, row: value_of(column, row, team),
        row_url=lambda row: url_of(project, "domain", domain=row["source_domain"]),
        row_label="Everything found at this domain",
        labels=LABELS,
        sections=SECTIONS,
        exported=record_export(project, project.target),
        stacks=True,
    )


def _bulk(project: Project, user: User, *, asks: bool) -> tables_bulk.Bulk:
    last = review.last_step(project, user)
    return tables_bulk.Bulk(
        url=url_of(project, "decide"),
        actions=(*BULK, *SECOND) if asks else BULK,
        pick=lambda row: (row["source_domain"], row["source_domain"]),
        most=review.MOST_AT_ONCE,
        undo_url=url_of(project, "undo"),
        last=last.about if last else "",
    )


# Columns whose values people read as words.
IN_WORDS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "band": lambda row: BAND_LABELS[row["band"]],
    "certainty": lambda row: CERTAINTY_LABELS[row["certainty"]].partition(":")[0],
    "markers": lambda row: [f"{one} {name_of(one)}" for one in row["markers"]],
    "groups": lambda row: [GROUPS[one] for one in row["groups"] if one in GROUPS],
    "sources": lambda row: [vendor_label(one) for one in row["sources"]],
    "known_to_google": lambda row: KNOWN_WORDS[row["known_to_google"]],
}


def value_of(column: tables.Column, row: Mapping[str, Any], team: Team) -> Any:
    if column.name == "decision":
        return team.verdict(row["source_domain"])
    if column.name == "assigned":
        return team.owners.get(row["source_domain"], "")
    if column.name in IN_WORDS:
        return IN_WORDS[column.name](row)
    found = tables.value_of(column, row)
    return (
        found.date() if isinstance(found, datetime) and found.year > 1970 else None if column.kind == "date" else found
    )


@dataclass(frozen=True, slots=True)
class Cells:
    """A domain leads to what was found there; context is left out of the list, it is on that page."""

    project: Project
    team: Team

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        href = url_of(self.project, "domain", domain=row["source_domain"])
        words = {"markers": _groups(row), "band": BAND_WORDS[row["band"]]}
        return [
            tables.Cell(
                column=one,
                value=words[one.name] if one.name in words else value_of(one, row, self.team),
                href=href if one.name == "source_domain" else "",
                empty=_no_evidence(row) if one.name == "markers" else EMPTY.get(one.name, ""),
            )
            for one in columns
        ]


def _groups(row: Mapping[str, Any]) -> list[str]:
    """The groups with evidence, each with how many of its markers fired."""
    strong = [marker for marker, kind in zip(row["markers"], row["kinds"], strict=True) if kind != "C"]
    counts = Counter(map(group_name, strong))
    return [name if times == 1 else f"{name} {times}" for name, times in counts.items()]


def _no_evidence(row: Mapping[str, Any]) -> str:
    context = len([kind for kind in row["kinds"] if kind == "C"])
    return f"no evidence, {context} of context" if context else "nothing"
