"""What stands around a score: popularity and age of the domain, vendors' own scores, and the project's competitors.

Decided: vendors' scores stand beside ours under their own names and dates, and no mean is made of them: each has its
own scale. Competitors are compared by the parts of the same computation, never by their scores alone.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from backlinks import index
from backlinks.authority.explain import MEANINGS
from backlinks.openweb.registrations import Registration
from projects import access
from seoapp.lib.weburl import BadUrl, Target, display_host

from .reading import Reading
from .standing import score_url_of
from .vendors import vendor_label

LISTS = {
    "crux": "Chrome UX Report",
    "gsc": "Search Console clicks",
    "majestic": "Majestic Million",
    "openpagerank": "Open PageRank",
    "tranco": "Tranco",
    "umbrella": "Cisco Umbrella",
    "visits": "Visits you brought",
}
PRIVATE = frozenset(("gsc", "visits"))  # lists that a project's own people brought
SIGNALS = {"traffic": "visitors", "links": "links, so it is no part of traffic"}


@dataclass(frozen=True, slots=True)
class StandingRow:
    """What one list says of the domain, in words."""

    label: str
    says: str
    made_of: str
    day: date


@dataclass(frozen=True, slots=True)
class AgeRow:
    label: str
    first_seen: date
    last_seen: date


@dataclass(frozen=True, slots=True)
class Side:
    """One domain of the comparison; `cells` are its parts 0-100, None where unknown."""

    domain: str
    shown: str
    href: str
    score: float | None
    confidence: float | None
    cells: list[float | None]
    lost: float | None
    is_read: bool


def others_visits(request: HttpRequest, reading: Reading) -> set[str]:
    """Domains of this comparison with visits that somebody else's project brought, for who sees named projects only.

    What they add to a score can be counted back to the visits: of these domains only the score itself is shown.
    """
    return others_visits_of(request, reading, _compared_domains(reading))


def others_visits_of(request: HttpRequest, reading: Reading, domains: Iterable[str]) -> set[str]:
    """The same, of any domains."""
    membership = request.membership  # type: ignore[attr-defined]
    if not membership.is_narrow:
        return set()
    own = {one.target.domain for one in access.visible_projects(membership)}
    foreign = [one for one in domains if one not in own]
    standings = index.popularity.popularity_of(reading.project.workspace_id, foreign)
    return {domain for domain, listed in standings.items() if any(one.list in PRIVATE for one in listed)}


def around(reading: Reading, private: Set[str] = frozenset()) -> dict[str, Any]:
    """Context of the page, whether there is a score or not; `private` are domains whose parts are not shown."""
    workspace, domain = reading.project.workspace_id, reading.target.domain
    listed = index.popularity.popularity_of(workspace, [domain]).get(domain, [])
    age = index.days.first_seen_of(workspace, [domain]).get(domain)
    if domain in private:
        listed = [one for one in listed if one.list not in PRIVATE]
    sides = compared(reading, private)
    return {
        "domain": domain,
        "popularity": [_standing(one) for one in listed],
        "age": age,
        "ages": _ages(age),
        "registration": Registration.objects.filter(domain=domain, state=Registration.State.KNOWN).first(),
        "vendor_scores": index.vendor_scores_of(workspace, domain),
        "part_heads": [MEANINGS[name] for name in index.PARTS],
        "sides": sides if len(sides) > 1 else [],
    }


def list_label(name: str) -> str:
    return LISTS.get(name, name)


def _standing(one: index.popularity.Standing) -> StandingRow:
    return StandingRow(list_label(one.list), _says(one), SIGNALS.get(one.signal, one.signal), one.day)


def _says(one: index.popularity.Standing) -> str:
    said = []
    if one.rank > 0:
        said.append(f"rank {one.rank:,}")
    elif one.tier > 0:
        said.append(f"among the first {one.tier:,}")
    if one.visits >= 0:
        said.append(f"{one.visits:,.0f} visits in 30 days")
    if one.subnets >= 0:
        said.append(f"{one.subnets:,} referring networks")
    if one.score >= 0:
        said.append(f"score {one.score:g}")
    return ", ".join(said) or "named"


def _ages(age: index.days.Age | None) -> list[AgeRow]:
    if age is None:
        return []
    rows = [AgeRow(_source_label(name), *days) for name, days in age.by_source.items()]
    return sorted(rows, key=lambda one: (one.first_seen, one.label))


def _source_label(name: str) -> str:
    """A vendor's name before that of a list: what noted the day was one of its files."""
    return vendor_label(name) if name in index.VENDORS else LISTS.get(name, name)


# --- Competitors ----------------------------------------------------------------------------------------------------
def compared(reading: Reading, private: Set[str] = frozenset()) -> list[Side]:
    """The domain that is read, the project's own, and its competitors, each once and in this order."""
    domains = _compared_domains(reading)
    rows = index.score_rows(index.shown_keys(reading.project.workspace_id), domains)
    return [_side(reading, one, rows.get(one), is_private=one in private) for one in domains]


def _compared_domains(reading: Reading) -> list[str]:
    project = reading.project
    rivals = _rivals(project.competitors.values_list("target", flat=True))
    return list(dict.fromkeys([reading.target.domain, project.target.domain, *rivals]))


def _rivals(texts: Sequence[str]) -> list[str]:
    found = []
    for text in texts:
        try:
            found.append(Target.parse(text).domain)
        except BadUrl:
            continue
    return found


def _side(reading: Reading, domain: str, row: Mapping[str, Any] | None, *, is_private: bool) -> Side:
    is_read = domain == reading.target.domain
    named = domain, display_host(domain), score_url_of(reading, domain)
    if row is None:
        return Side(*named, None, None, [None] * len(index.PARTS), None, is_read)
    if is_private:
        return Side(*named, row["score"], None, [None] * len(index.PARTS), None, is_read)
    cells = [one if one >= 0 else None for one in row["parts"]]
    lost = sum(one for one in row["penalties"] if one > 0)
    return Side(*named, row["score"], row["confidence"], cells, lost, is_read)
