"""A report as a workbook: every domain, link and piece of evidence, for who wants to count for themselves.

Decided: the sheets hold all rows, whatever a PDF leaves out, and stream, so that an audit of a million links costs no
memory; each cell is written as any export writes it (`seoapp/lib/export_xlsx.py`), where text is never a formula. A
network has a row for each of its domains, so that sheets can be joined by their names. Refused: charts in the workbook,
which its reader makes as he needs them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from audit import review
from audit.markers import MARKERS
from audit.models import Decision, Removal
from audit.score import BAND_LABELS
from audit.since import run_since
from audit.words import KIND_WORDS, fact_of, group_name, name_of
from backlinks import index
from projects.models import Project
from seoapp.lib.export_types import Extract
from seoapp.lib.listquery import Field, ListQuery

from . import telling
from .contents import Contents

Step = Callable[[], None]
Cells = list[Any]
STEP_ROWS = 1_000
MOST_NETWORKS = 10_000
UNITS = {"links": "A link", "pages": "A page", "domains": "The domain"}
DOMAIN = Field("domain", "Referring domain")
RISK, CONFIDENCE, BAND = (
    Field("risk", "Risk", "int"), Field("confidence", "Confidence, %", "int"), Field("band", "Band"),
)  # fmt: skip
FIRST, LAST = Field("first_seen", "First seen", "date"), Field("last_seen", "Last seen", "date")


def sheets(told: Contents, step: Step = lambda: None) -> Iterator[Extract]:
    """The sheets in their order; `step` is called every so many rows."""
    project, run = told.audit.project, run_since(told.audit)
    for title, columns, rows in (
        ("Summary", SUMMARY, _summary(told)),
        ("Domains", DOMAINS, _domains(project, run)),
        ("Links", LINKS, _links(run)),
        ("Evidence", EVIDENCE, _evidence(run)),
        ("Markers", MARKED, _markers(run)),
        ("Networks", NETWORKS, _networks(run)),
        ("Decisions", DECISIONS, _decisions(project)),
        ("Removals", REMOVALS, _removals(project)),
    ):
        yield Extract(title, columns, _stepped(rows, step))


def _stepped(rows: Iterable[Cells], step: Step) -> Iterator[Cells]:
    for count, row in enumerate(rows):
        if count % STEP_ROWS == 0:
            step()
        yield row


def _day(value: Any) -> date | None:
    """Day 0 stands for a day that nobody knows."""
    return value if value is not None and value.year > 1970 else None


def _known(value: float) -> float | None:
    return value if value >= 0 else None


# --- Summary ----------------------------------------------------------------------------------------------------------
SUMMARY = (Field("what", "What"), Field("figure", "Figure", "number"), Field("words", "In words"))


def _summary(told: Contents) -> Iterator[Cells]:
    audit, project = told.audit, told.audit.project
    yield ["Workspace", None, project.workspace.name]
    yield ["Site", None, project.target.label]
    yield ["Audit of", None, audit.as_of.isoformat()]
    yield ["Weights", None, audit.weights]
    if told.wanted.heading:
        yield ["Heading", None, told.wanted.heading]
    if told.wanted.note:
        yield ["Note", None, told.wanted.note]
    yield ["Result", None, telling.verdict(told)]
    yield from (["Meaning", None, one] for one in telling.meaning(told))
    yield ["Risk, of 100", audit.risk, ""]
    yield ["Confidence, %", told.percent, ""]
    yield ["Referring domains", audit.domains, ""]
    yield ["Links", audit.links, ""]
    yield from (["Domains by band", one.count, one.label] for one in told.bands)
    yield from (["Since the audit before", one.count, one.label] for one in told.changes)
    yield from (["Decisions", one.count, one.label] for one in told.verdicts)
    yield from (["Requests for removal", one.count, one.label] for one in told.states)
    yield from (["Next step", None, one] for one in telling.steps(told))
    yield from (["Missing, at links", one.links, f"{one.name}. {one.how}"] for one in told.missing)
    yield from (
        ["Audit before" if one.pk != audit.pk else "This audit", one.risk, f"Risk of {one.as_of}"]
        for one in told.audits
    )


# --- Findings ---------------------------------------------------------------------------------------------------------
DOMAINS = (
    DOMAIN, RISK, CONFIDENCE, BAND, Field("decision", "Decision"), Field("reason", "Reason"),
    Field("found", "What was found", "list"), Field("links", "Links", "int"), Field("sharing", "Links as risky", "int"),
    Field("state", "State"), Field("authority", "Authority", "score"), Field("country", "Country"), FIRST, LAST,
)  # fmt: skip


def _domains(project: Project, run: index.auditlists.AuditRun) -> Iterator[Cells]:
    decided = review.decided(project)
    query = ListQuery.parse(index.auditlists.fields(()), {}, sort=index.auditlists.SORT)
    for row in index.auditlists.every_domain(run, query):
        decision = decided.get(row["source_domain"])
        yield [
            row["source_domain"], row["risk"], row["confidence"], BAND_LABELS[row["band"]],
            decision.get_verdict_display() if decision else "", decision.reason if decision else "",
            _named(row["markers"]), row["links"], row["sharing"], row["state"], _known(row["authority"]),
            row["country"], _day(row["first_seen"]), _day(row["last_seen"]),
        ]  # fmt: skip


def _named(markers: Iterable[str]) -> list[str]:
    return [f"{one} {name_of(one)}" for one in markers]


LINKS = (
    DOMAIN, Field("source_url", "Linking page"), Field("target_url", "Linked page"), Field("anchor", "Anchor"),
    Field("anchor_class", "Class of the anchor"), Field("state", "State"), Field("nofollow", "Nofollow", "bool"),
    RISK, CONFIDENCE, BAND, Field("found", "What was found", "list"), FIRST, LAST,
)  # fmt: skip


def _links(run: index.auditlists.AuditRun) -> Iterator[Cells]:
    for row in index.auditreports.every_link(run):
        yield [
            row["source_domain"], row["source_url"], row["target_url"], row["anchor"], row["anchor_class"],
            row["state"], None if row["nofollow"] < 0 else bool(row["nofollow"]), row["risk"], row["confidence"],
            BAND_LABELS[row["band"]], _named(row["found"]), _day(row["first_seen"]), _day(row["last_seen"]),
        ]  # fmt: skip


EVIDENCE = (
    DOMAIN, Field("marker", "Marker"), Field("name", "Sign"), Field("class", "Class"), Field("fact", "What was found"),
    Field("at", "At"), Field("page", "Page"), Field("day", "Seen", "date"),
)  # fmt: skip
CLASSES: Mapping[str, str] = {one.id: "Trust" if one.group == "TRU" else KIND_WORDS[one.kind] for one in MARKERS}


def _evidence(run: index.auditlists.AuditRun) -> Iterator[Cells]:
    for row in index.auditreports.every_finding(run):
        marker = row["marker"]
        yield [
            row["source_domain"], marker, name_of(marker), CLASSES.get(marker, ""),
            fact_of(marker, row["value"], row["said"]), UNITS.get(row["unit"], row["unit"]), row["page"],
            _day(row["day"]),
        ]  # fmt: skip


MARKED = (
    Field("marker", "Marker"), Field("name", "Sign"), Field("group", "Group"), Field("class", "Class"),
    Field("domains", "Domains", "int"),
)  # fmt: skip


def _markers(run: index.auditlists.AuditRun) -> Iterator[Cells]:
    fired = index.auditlists.fired(run)
    for one in sorted(MARKERS, key=lambda marker: (-fired.get(marker.id, 0), marker.id)):
        yield [one.id, one.name, group_name(one.id), CLASSES[one.id], fired.get(one.id, 0)]


NETWORKS = (
    Field("network", "Network", "int"), DOMAIN, Field("size", "Domains of the network", "int"),
    Field("things", "Held together by"),
)  # fmt: skip


def _networks(run: index.auditlists.AuditRun) -> Iterator[Cells]:
    for number, one in enumerate(index.auditlists.networks(run, MOST_NETWORKS), start=1):
        yield from ([number, name, one["size"], "; ".join(one["things"])] for name in one["domains"])


# --- What the team did ------------------------------------------------------------------------------------------------
DECISIONS = (
    DOMAIN, Field("page", "Page"), Field("verdict", "Decision"), Field("reason", "Reason"), Field("who", "By"),
    Field("made_at", "At", "datetime"), Field("approved_by", "Approved by"), RISK, Field("found", "Evidence", "list"),
)  # fmt: skip


def _decisions(project: Project) -> Iterator[Cells]:
    made = Decision.objects.filter(project=project).select_related("made_by", "approved_by")
    for one in made.iterator(STEP_ROWS):
        yield [
            one.domain, one.url, one.get_verdict_display(), one.reason, str(one.made_by or ""), one.made_at,
            str(one.approved_by or ""), one.risk, _named(one.evidence),
        ]  # fmt: skip


REMOVALS = (
    DOMAIN, Field("state", "State"), Field("contact", "Contact"), Field("note", "Note"), Field("who", "Asked for by"),
    Field("made_at", "Asked for", "datetime"), Field("changed_at", "Changed", "datetime"),
)  # fmt: skip


def _removals(project: Project) -> Iterator[Cells]:
    for one in Removal.objects.filter(project=project).select_related("made_by").iterator(STEP_ROWS):
        yield [
            one.domain, one.get_state_display(), one.contact, one.note, str(one.made_by or ""), one.made_at,
            one.changed_at,
        ]  # fmt: skip
