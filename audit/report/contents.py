"""What a report says: everything read once into frozen values, words and figures, that a template only lays out.

Decided: a report is for somebody who has not seen the tool. It begins with what to do, says how sure it is, and shows
evidence in sentences. Its tables hold MOST_ROWS rows in all, because printing costs more than twice as much for twice
the rows, and texts end after some lines, because a word of a thousand letters costs as much as a page; what is left out
is counted, and the workbook holds it. Heading and note are flat text: nothing in them is
syntax. Refused: a list of every domain, of which most need nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice, takewhile
from typing import Any

from django.db.models import Count, QuerySet

from audit import approving, disavowing, review
from audit.columns import SOURCE_NAMES, SOURCES
from audit.markers import MARKERS
from audit.markers.marker import CONTEXT
from audit.models import Audit, Decision, DisavowVersion, Removal
from audit.score import BAND_LABELS, BANDS, DOUBTFUL
from audit.since import SINCE, run_since
from audit.words import KIND_WORDS, fact_of, group_name, name_of
from backlinks import index
from projects.models import Project
from seoapp.lib.listquery import ListQuery
from seoapp.lib.words import cut_in_middle

from . import drawing

SECTIONS = {
    "trend": "Risk over time",
    "changes": "Since the audit before",
    "networks": "Networks",
    "markers": "What was found most",
    "decisions": "What was decided",
    "removals": "Requests for removal",
    "disavow": "The disavow file",
    "domains": "Domains by risk",
    "missing": "What nobody could look at",
    "method": "Method and terms",
}
MOST_ROWS = 1_000  # of all tables of a PDF
MOST_DOMAINS, MOST_DECISIONS, MOST_REMOVALS = 400, 150, 150
MOST_NETWORKS, MOST_MARKERS, MOST_AUDITS = 20, 25, 24
MOST_FACTS, MOST_NAMES, MOST_THINGS = 3, 12, 4  # evidence of a domain, names and shared things of a network
LEAST_USUAL = 10  # domains at which something was found, before it is told once for all of them
MOST_ADDRESS = 160  # characters of a page's address
TONES = {"toxic": "bad", "potentially": "warn", "none": "good", "unassessed": "dim"}
HAPPENED = {"new": "New", "lost": "Lost", "back": "Came back", "gone": "No longer known"}
STRONG = frozenset(one.id for one in MARKERS if one.kind in ("K", "E"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What whoever asks for a report chose."""

    sections: frozenset[str] = frozenset(SECTIONS)
    heading: str = ""
    note: str = ""
    most_domains: int = 100


@dataclass(frozen=True, slots=True)
class Domain:
    name: str
    risk: int
    confidence: int
    band: str
    tone: str
    links: int
    decision: str
    facts: tuple[str, ...]
    more: int  # further signs


@dataclass(frozen=True, slots=True)
class Network:
    things: tuple[str, ...]
    size: int
    names: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class FoundMarker:
    id: str
    name: str
    group: str
    kind: str
    domains: int
    share: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A kind of something, how many there are, and of them those with evidence."""

    label: str
    count: int
    toxic: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A row of decisions or requests: about which domain, what, why, by whom and when."""

    domain: str
    what: str
    why: str
    who: str
    day: date


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a list, and how many more there are than are shown."""

    rows: tuple[Any, ...]
    left: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    name: str
    how: str
    links: int


@dataclass(frozen=True, slots=True)
class Contents:
    """A report; what a section holds is empty where it was not asked for."""

    audit: Audit
    previous: Audit | None
    wanted: Wanted
    bands: tuple[drawing.Slice, ...]
    open_toxic: int
    audits: tuple[Audit, ...]
    trend: drawing.Trend | None
    changes: tuple[Counted, ...]
    domains: Table
    usual: tuple[str, ...]  # what was found at most of these domains
    networks: Table
    markers: Table
    decisions: Table
    verdicts: tuple[Counted, ...]
    waiting: int
    removals: Table
    states: tuple[Counted, ...]
    version: DisavowVersion | None
    uploaded: DisavowVersion | None
    missing: tuple[Missing, ...]

    @property
    def toxic(self) -> int:
        return int(self.audit.bands.get("toxic", 0))

    @property
    def doubtful(self) -> int:
        return int(self.audit.bands.get("potentially", 0))

    @property
    def percent(self) -> int:
        return round(100 * self.audit.confidence)

    @property
    def toxic_share(self) -> str:
        return drawing.percent_of(self.toxic, self.audit.domains)

    @property
    def gauge(self) -> tuple[str, str]:
        """The dashes of the risk's circle, and its tone."""
        tone = "bad" if self.audit.risk >= 60 else "warn" if self.audit.risk >= DOUBTFUL else "good"
        return drawing.arc(self.audit.risk), tone

    @property
    def rows(self) -> int:
        """Of all tables; MOST_ROWS at most."""
        tables = (self.domains, self.networks, self.markers, self.decisions, self.removals)
        return sum(len(one.rows) for one in tables) + len(self.audits) + len(self.missing)


EMPTY = Table(())


def gather(audit: Audit, wanted: Wanted) -> Contents:
    """Read what the report of an audit tells. Raises `IndexUnavailable`."""
    project, run = audit.project, run_since(audit)
    has, decided = wanted.sections.__contains__, review_words(project)
    audits = _audits(audit)
    domains, usual = _domains(audit, run, wanted.most_domains, decided) if has("domains") else (EMPTY, ())
    return Contents(
        audit=audit,
        previous=audits[-2] if len(audits) > 1 else None,
        wanted=wanted,
        bands=drawing.slices([(BAND_LABELS[one], audit.bands.get(one, 0), TONES[one]) for one in BANDS]),
        open_toxic=_open_toxic(audit, run, decided),
        audits=audits if has("trend") else (),
        trend=_trend(audits) if has("trend") else None,
        changes=_changes(audit) if has("changes") else (),
        domains=domains,
        usual=usual,
        networks=_networks(run) if has("networks") else EMPTY,
        markers=_markers(audit, run) if has("markers") else EMPTY,
        decisions=_decisions(project) if has("decisions") else EMPTY,
        verdicts=_counted(Decision.objects.filter(project=project), "verdict", Decision.Verdict.choices),
        waiting=approving.waiting(project).count() if approving.needs_second(project) else 0,
        removals=_removals(project) if has("removals") else EMPTY,
        states=_counted(Removal.objects.filter(project=project), "state", Removal.State.choices),
        version=DisavowVersion.objects.filter(project=project).defer("text", "confirmed").first(),
        uploaded=disavowing.uploaded(project),
        missing=_missing(run),
    )


# --- Over time --------------------------------------------------------------------------------------------------------
def _audits(audit: Audit) -> tuple[Audit, ...]:
    """This audit and those before it, the oldest first; the newest one of each day."""
    done = Audit.objects.filter(project=audit.project, finished_at__lte=audit.finished_at).order_by("-finished_at")
    days: dict[date, Audit] = {}
    for one in done[: MOST_AUDITS * 2]:
        days.setdefault(one.as_of, one)
    return tuple(sorted(days.values(), key=lambda one: one.as_of))[-MOST_AUDITS:]


def _trend(audits: Sequence[Audit]) -> drawing.Trend | None:
    if len(audits) < 2:
        return None
    confidence = [round(100 * one.confidence) for one in audits]
    return drawing.trend([one.as_of for one in audits], [one.risk for one in audits], confidence)


def _changes(audit: Audit) -> tuple[Counted, ...]:
    noted = audit.facts.get(SINCE, {})
    return tuple(
        Counted(word, noted[kind], noted.get(f"{kind}_toxic", 0)) for kind, word in HAPPENED.items() if kind in noted
    )


# --- Domains ----------------------------------------------------------------------------------------------------------
def review_words(project: Project) -> dict[str, str]:
    """Domain -> what was decided about it; a disavowal that waits for a second person says so."""
    waiting = approving.waiting_names(project)
    return {
        one.domain: one.get_verdict_display() + (", not approved yet" if one.domain in waiting else "")
        for one in Decision.objects.filter(project=project, url="")
    }


def risky(run: index.auditlists.AuditRun) -> Iterator[dict[str, Any]]:
    """Domains that are more than fine, the riskiest first."""
    query = ListQuery.parse(index.auditlists.fields(()), {}, sort=index.auditlists.SORT)
    return takewhile(lambda row: row["risk"] >= DOUBTFUL, index.auditlists.every_domain(run, query))


def _open_toxic(audit: Audit, run: index.auditlists.AuditRun, decided: Mapping[str, str]) -> int:
    """Domains with evidence about which nobody has decided."""
    told = index.auditlists.told_of(run, decided).values()
    return int(audit.bands.get("toxic", 0)) - sum(row["band"] == "toxic" for row in told)


def _domains(
    audit: Audit, run: index.auditlists.AuditRun, most: int, decided: Mapping[str, str]
) -> tuple[Table, tuple[str, ...]]:
    """The riskiest domains; and what was found at most of them, which is told once."""
    rows = list(islice(risky(run), min(most, MOST_DOMAINS)))
    told = index.auditreports.evidence(run, (row["source_domain"] for row in rows))
    facts = [facts_of(row, told.get(row["source_domain"], ())) for row in rows]
    usual = _usual(facts)
    whole = audit.bands.get("toxic", 0) + audit.bands.get("potentially", 0)
    own = ([one for one in found if one not in usual] for found in facts)
    made = (_domain(row, found, decided) for row, found in zip(rows, own, strict=True))
    return Table(tuple(made), max(0, whole - len(rows))), usual


def _usual(facts: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What is said word for word of more than half of many domains: it speaks of the profile, not of one of them."""
    counts = Counter(one for found in facts for one in set(found))
    return tuple(one for one, count in counts.most_common(MOST_FACTS) if count > max(len(facts) / 2, LEAST_USUAL))


def _domain(row: Mapping[str, Any], facts: Sequence[str], decided: Mapping[str, str]) -> Domain:
    name, band = row["source_domain"], row["band"]
    return Domain(
        name,
        row["risk"],
        row["confidence"],
        BAND_LABELS[band],
        TONES[band],
        row["links"],
        decided.get(name, ""),
        tuple(facts[:MOST_FACTS]),
        max(0, len(facts) - MOST_FACTS),
    )


def facts_of(row: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """What speaks against a domain at its riskiest link, in sentences, the heaviest first; context comes last."""
    told = {one["marker"]: one for one in findings}
    weighed = sorted(
        zip(row["markers"], row["kinds"], row["points"], strict=True),
        key=lambda one: (one[1].startswith(CONTEXT), -one[2], one[0]),
    )
    return [_fact(told[marker]) if marker in told else name_of(marker) for marker, _, points in weighed if points > 0]


def _fact(one: Mapping[str, Any]) -> str:
    return fact_of(one["marker"], one["value"], one["said"])


# --- The other tables -------------------------------------------------------------------------------------------------
def _networks(run: index.auditlists.AuditRun) -> Table:
    found = index.auditlists.networks(run, MOST_NETWORKS)
    return Table(
        tuple(
            Network(
                tuple(one["things"][:MOST_THINGS]),
                one["size"],
                tuple(one["domains"][:MOST_NAMES]),
                max(0, one["size"] - MOST_NAMES),
            )
            for one in found
        )
    )


def _markers(audit: Audit, run: index.auditlists.AuditRun) -> Table:
    """Markers that count as evidence, by the domains at which they fired."""
    kinds = {one.id: KIND_WORDS[one.kind] for one in MARKERS}
    fired = sorted(index.auditlists.fired(run).items(), key=lambda one: (-one[1], one[0]))
    strong = [(marker, count) for marker, count in fired if marker in STRONG]
    made = (
        FoundMarker(
            marker,
            name_of(marker),
            group_name(marker),
            kinds[marker],
            count,
            drawing.percent_of(count, audit.domains),
        )
        for marker, count in strong[:MOST_MARKERS]
    )
    return Table(tuple(made), max(0, len(strong) - MOST_MARKERS))


def _counted(rows: QuerySet[Any], field: str, choices: Sequence[tuple[str, str]]) -> tuple[Counted, ...]:
    counts = dict(rows.order_by().values_list(field).annotate(Count("pk")))
    return tuple(Counted(label, counts.get(name, 0)) for name, label in choices)


def _decisions(project: Project) -> Table:
    """What was decided, the newest first; to keep a domain is told in numbers only."""
    acted = Decision.objects.filter(project=project).exclude(verdict=review.Verdict.KEEP).select_related("made_by")
    rows = acted.order_by("-made_at", "domain", "url")
    made = (
        Told(
            cut_in_middle(one.url or one.domain, MOST_ADDRESS),
            one.get_verdict_display(),
            one.reason,
            _who(one.made_by),
            _day(one.made_at),
        )
        for one in rows[:MOST_DECISIONS]
    )
    return Table(tuple(made), max(0, rows.count() - MOST_DECISIONS))


def _removals(project: Project) -> Table:
    rows = Removal.objects.filter(project=project).select_related("made_by").order_by("-changed_at", "domain")
    made = (
        Told(one.domain, one.get_state_display(), one.note, _who(one.made_by), _day(one.changed_at))
        for one in rows[:MOST_REMOVALS]
    )
    return Table(tuple(made), max(0, rows.count() - MOST_REMOVALS))


def _who(user: object) -> str:
    return str(user) if user else ""


def _day(moment: datetime) -> date:
    return moment.date()


def _missing(run: index.auditlists.AuditRun) -> tuple[Missing, ...]:
    found = index.auditlists.missing(run)
    return tuple(Missing(SOURCE_NAMES[one["source"]], SOURCES[one["source"]], one["links"]) for one in found)
