"""Sources of a whole workspace: what merging them adds over the best one, for every client and all of them together.

Decided: profiles are added up, so a domain that links to two clients counts twice: each of them has that link. What to
import next is the source that adds most where the workspace has it, measured by what only it knows. Search Console
comes first, because it is Google's own list and costs nothing. A source that adds nothing wherever it was imported is
not advised, and neither is one that nobody has imported: what it adds is not known, and that is what is said.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backlinks import index
from projects import access
from projects.models import Project, Workspace

from .overlap_svg import svg_answer
from .reading import Reading
from .sources import Picture, Region, exactly, picture
from .vendors import vendor_label

MOST_PROJECTS = 30  # each is a question to the index
LEAST_WORTH = 0.001
SHOWN_CLIENTS = 3  # of one set of sources
# What a team can import; the rest comes by crawls and open data.
IMPORTED = ("gsc", "ahrefs", "semrush", "majestic", "moz", "bing")
Sets = Mapping[tuple[str, ...], int]


@dataclass(frozen=True, slots=True)
class Client:
    """A project: the union of its sources, the best of them, what the others add to it, and what to import next."""

    project: Project
    domains: int
    domains_url: str
    sources_url: str
    imports_url: str
    best: str
    best_domains: int
    best_url: str
    gain: float | None
    sources: tuple[str, ...]
    next_label: str
    next_why: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A set of sources, and the clients with most domains that exactly this set knows: (name, domains, URL)."""

    region: Region
    clients: list[tuple[str, int, str]]


@access.workspace("viewer")
@require_safe
def workspace_sources(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    projects = list(access.visible_projects(membership).order_by("name"))
    try:
        context = _context(projects, is_narrow=membership.is_narrow)
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    return render(request, "backlinks/workspace_sources.html", context)


@access.workspace("viewer")
@require_safe
def workspace_sources_svg(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """The picture of all clients together, as a file."""
    membership = request.membership  # type: ignore[attr-defined]
    projects = list(access.visible_projects(membership).order_by("name"))
    try:
        drawn = _picture(_shared(*_read(projects, is_narrow=membership.is_narrow)))
    except index.IndexUnavailable as error:
        return render(request, "backlinks/unavailable.html", {"reason": str(error)}, status=503)
    return svg_answer(request, drawn, label=workspace.name, workspace=workspace)


def _context(projects: Sequence[Project], *, is_narrow: bool) -> dict[str, Any]:
    known, whole = _read(projects, is_narrow=is_narrow)
    worth = _worth([sets for _, sets in known])
    best, best_domains = _best(whole)
    shared = _shared(known, whole)
    return {
        "clients": [_client(reading, sets, worth) for reading, sets in known],
        "left_out": max(0, len(projects) - MOST_PROJECTS),
        "union": whole.total(),
        "best": vendor_label(best) if best else "",
        "best_domains": best_domains,
        "gain": (whole.total() - best_domains) / best_domains if best_domains else None,
        "shared": shared,
        "picture": _picture(shared) if len(_by_source(whole)) > 1 else None,
    }


def _read(
    projects: Sequence[Project], *, is_narrow: bool
) -> tuple[list[tuple[Reading, Sets]], Counter[tuple[str, ...]]]:
    """The sets of every client, and all of them added up."""
    readings = [Reading(one, one.target, {}, is_narrow=is_narrow) for one in projects[:MOST_PROJECTS]]
    known = [(one, _sets(one)) for one in readings]
    whole: Counter[tuple[str, ...]] = Counter()
    for _, sets in known:
        whole.update(sets)
    return known, whole


def _picture(shared: Sequence[Shared]) -> Picture:
    counts = _by_source({one.region.sources: one.region.domains for one in shared})
    return picture([one.region for one in shared], [name for name, _ in counts.most_common()])


def _sets(reading: Reading) -> Sets:
    """Referring domains by the exact set of sources that knows them."""
    return {tuple(sorted(one.sources)): one.domains for one in index.overlap(reading.query("links"))}


def _by_source(sets: Sets) -> Counter[str]:
    made: Counter[str] = Counter()
    for names, domains in sets.items():
        made.update(dict.fromkeys(names, domains))
    return made


def _best(sets: Sets) -> tuple[str, int]:
    """The source that knows most, by name where several do; "" without any."""
    return min(_by_source(sets).items(), key=lambda one: (-one[1], one[0]), default=("", 0))


def _worth(profiles: Iterable[Sets]) -> dict[str, float]:
    """Source -> what it adds to the others, on average over the profiles that have it."""
    added: dict[str, list[float]] = {}
    for sets in profiles:
        union = sum(sets.values())
        for name in _by_source(sets):
            rest = union - sets.get((name,), 0)
            if rest:
                added.setdefault(name, []).append(sets.get((name,), 0) / rest)
    return {name: sum(values) / len(values) for name, values in added.items()}


def _client(reading: Reading, sets: Sets, worth: Mapping[str, float]) -> Client:
    best, best_domains = _best(sets)
    union = sum(sets.values())
    label, why = _next(set(_by_source(sets)), worth)
    return Client(
        reading.project,
        union,
        reading.url("domains"),
        reading.url("sources"),
        reading.url("imports"),
        vendor_label(best) if best else "",
        best_domains,
        reading.url("domains", {"sources": best}) if best else "",
        (union - best_domains) / best_domains if best_domains else None,
        tuple(vendor_label(name) for name in sorted(_by_source(sets))),
        label,
        why,
    )


def _next(have: set[str], worth: Mapping[str, float]) -> tuple[str, str]:
    """(source, why) that a client should import next; without a source, why none is advised."""
    missing = [name for name in IMPORTED if name not in have]
    if missing[:1] == ["gsc"]:
        return vendor_label("gsc"), "Google's own list; without it nobody can say which links Google knows."
    best = max(missing, key=lambda name: worth.get(name, -1.0), default="")
    if worth.get(best, -1.0) >= LEAST_WORTH:
        return vendor_label(best), f"Adds {worth[best]:.1%} to the others on average, where this workspace has it."
    return "", _why_none(missing, worth)


def _why_none(missing: Sequence[str], worth: Mapping[str, float]) -> str:
    useless = [vendor_label(name) for name in missing if name in worth]
    unknown = [vendor_label(name) for name in missing if name not in worth]
    said = [
        f"{' and '.join(useless)} add{'s' if len(useless) == 1 else ''} nothing new where this workspace has"
        f" {'it' if len(useless) == 1 else 'them'}." if useless else "",
        f"What {', '.join(unknown)} would add is not known: no client here has an export." if unknown else "",
    ]  # fmt: skip
    return " ".join(filter(None, said)) or "Every source is here."


def _shared(known: Sequence[tuple[Reading, Sets]], whole: Counter[tuple[str, ...]]) -> list[Shared]:
    union = whole.total()
    return [
        _of_set(known, names, domains, union, number) for number, (names, domains) in enumerate(whole.most_common())
    ]


def _of_set(
    known: Sequence[tuple[Reading, Sets]], names: tuple[str, ...], domains: int, union: int, number: int
) -> Shared:
    """The picture leads to the line of the table, the line to the rows of its clients."""
    label = " + ".join(map(vendor_label, names)) or "No source"
    region = Region(names, label, domains, f"#set-{number}", 0, "", domains / union if union else 0.0)
    holders = [(one.project.name, sets[names], exactly(one, "domains", names)) for one, sets in known if names in sets]
    largest = sorted(holders, key=lambda one: (-one[1], one[0]))[:SHOWN_CLIENTS]
    return Shared(region, largest)
