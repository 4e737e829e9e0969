"""The network graph: up to three tiers of referring domains as a picture, as lists, and as files.

Decided: the server chooses, judges and places; the browser only draws, so the picture, its files and its lists say the
same, and without JavaScript the picture is the SVG. One page has one list: the domains, or with `list=links` the links;
it is folded until somebody asks something of it. Whose profiles a reader may draw on is decided by `sight_of`; a domain
leads to its profile only for who may read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from backlinks import index
from backlinks.authority.compute import operators_seeds
from backlinks.authority.seeds import WrongSeeds
from backlinks.network import drawing
from backlinks.network.choose import MOST_NODES, Size
from backlinks.network.judge import GREEN, GREY, KINDS, MEANINGS, RED, UNKNOWN
from backlinks.network.picture import Asked, Picture, counts, picture_of
from backlinks.views.bringing import empty
from backlinks.views.exports import record_export
from backlinks.views.opengraph import graph_switch
from backlinks.views.reading import Reading, page_context, report_page
from projects import access, audit
from projects.models import Competitor, Project
from seoapp.lib import tables
from seoapp.lib.export import safe_filename
from seoapp.lib.listquery import PAGE_SIZES, ListQuery
from seoapp.lib.weburl import BadUrl, Target, display_host

from . import graph_lists
from .sight import sight_of

LEAST_GROUP, MOST_GROUPS = 5, 12
SIZES = (20, *PAGE_SIZES)
# URL parameters that say which picture is drawn; any other asks something of its list.
NAMING = frozenset(("target", "scope", index.GRAPH, "first", "second", "third"))
FORMATS = {"svg": "image/svg+xml", "graphml": "application/graphml+xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request is shown: the picture of a reading in a size."""

    reading: Reading
    asked: Asked
    picture: Picture

    @property
    def keep(self) -> dict[str, str]:
        """URL parameters of the picture: the reading's and the size's."""
        return self.reading.carried | self.asked.size.params

    def url(self, name: str = "network", params: Mapping[str, str] | None = None) -> str:
        return self.reading.url(name, self.asked.size.params | dict(params or {}))

    def leads_to(self, domain: str) -> str:
        """The profile of a domain, for who may read it."""
        only = self.asked.sight.only
        if only is not None and domain not in only:
            return ""
        return self.reading.url("overview", {"target": domain, "scope": "root"})


@access.project("client")
@report_page
@require_safe
def network(request: HttpRequest, reading: Reading) -> HttpResponse:
    """A page, a fragment of its list, or an export of it."""
    shown = _shown(request, reading)
    made = graph_lists.LISTS["links" if request.GET.get("list") == "links" else "domains"]
    query = ListQuery.parse(made.fields, request.GET, sort=made.sort, sizes=SIZES)
    listing = tables.Listing(
        name=f"network-{made.name}",
        title=f"{made.title} of the network around {reading.label}",
        columns=made.fields,
        fetch=made.fetch(shown.picture),
        stream=made.stream(shown.picture),
        file_name=f"{reading.target.label}-network-{made.name}-{datetime.now(UTC):%Y-%m-%d}",
        cells=graph_lists.Cells(shown, made),
        value=graph_lists.value_of,
        labels=graph_lists.LABELS,
        per_page=SIZES,
        exported=record_export(reading.project, reading.target),
        stacks=True,
        empty=empty(reading, "domains", "Referring domains"),
    )
    keep = shown.keep | ({"list": "links"} if made.name == "links" else {})
    context = page_context(request, reading) | _context(request, shown, made.name)
    return tables.answer(request, listing, query, page="backlinks/network.html", context=context, keep=keep)


@access.project("client")
@report_page
@require_safe
def network_file(request: HttpRequest, reading: Reading, form: str) -> HttpResponse:
    """The picture as SVG or GraphML: in a page where it is shown, with `save` as a file, which the audit log notes."""
    shown = _shown(request, reading)
    if form == "svg":
        content = drawing.svg(shown.picture, f"Network around {reading.label}")
    else:
        content = drawing.graphml(shown.picture)
    response = HttpResponse(content, content_type=FORMATS[form])
    if "save" in request.GET or form != "svg":
        name = safe_filename(f"{reading.target.label}-network-{datetime.now(UTC):%Y-%m-%d}")
        response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
        workspace, size = reading.project.workspace, shown.asked.size.params
        what = f"network of {reading.target} as {form}"
        audit.record_request(request, "export", workspace, what, project=reading.project.pk, parameters=size)
    return response


def _shown(request: HttpRequest, reading: Reading) -> Shown:
    query = index.pin(reading.query("links"))
    project = reading.project
    is_own = reading.target.domain == project.domain
    sight = sight_of(reading)
    asked = Asked(
        query=query,
        sight=sight,
        size=Size.parse(request.GET),
        brands=tuple(project.brand_terms) if is_own else (),
        keywords=tuple(project.money_keywords) if is_own else (),
        apart=_brought(project.workspace_id) if sight.only is None else sight.only,
        bad=_bad_sites(),
    )
    return Shown(reading, asked, picture_of(asked))


def _brought(workspace: int) -> tuple[str, ...]:
    """Domains whose profiles somebody of the workspace looks after."""
    projects = Project.objects.filter(workspace=workspace, removed_at=None)
    found = set(projects.values_list("domain", flat=True))
    rivals = Competitor.objects.filter(project__in=projects)
    for text in rivals.values_list("target", flat=True):
        try:
            found.add(Target.parse(text).domain)
        except BadUrl:
            continue
    return tuple(sorted(found))


def _bad_sites() -> tuple[str, ...]:
    """The operator's list; one that cannot be read condemns nobody (computing scores says what is wrong with it)."""
    try:
        return operators_seeds().bad
    except (WrongSeeds, OSError, UnicodeDecodeError):
        return ()


# --- The page ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: int
    href: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A line of the table of reasons: what it is called and means, how much it counts, and how many have it."""

    label: str
    means: str
    is_strong: bool
    domains: int
    href: str


def _context(request: HttpRequest, shown: Shown, chosen: str) -> dict[str, Any]:
    found = counts(shown.picture)
    return {
        "figures": _figures(shown, found),
        "has_dots": found["nodes"] > 0,
        "data": _data(shown),
        "groups": _groups(shown.picture),
        "kinds": KINDS,
        "size": shown.asked.size,
        "most": MOST_NODES,
        "meanings": _meanings(shown),
        "is_listed": bool(request.GET.keys() - NAMING),
        "has_niche": shown.picture.has_niche,
        "lists": [
            tables.Link("Domains", shown.url(params={"list": "domains"}) + "#lists", chosen == "domains"),
            tables.Link("Links", shown.url(params={"list": "links"}) + "#lists", chosen == "links"),
        ],
        "svg_url": shown.url("network_svg"),
        "svg_save_url": shown.url("network_svg", {"save": "yes"}),
        "graphml_url": shown.url("network_graphml"),
        "graph_switch": graph_switch(request, shown.reading, shown.asked.query),
        "weights": WEIGHTS,
    }


WEIGHTS = {
    "authority": index.neighbours.AUTHORITY_WEIGHT,
    "links": index.neighbours.LINKS_WEIGHT,
    "fewness": index.neighbours.FEWNESS_WEIGHT,
    "most_links": index.neighbours.MOST_LINKS,
    "most_linked": index.neighbours.MOST_LINKED,
}


def _figures(shown: Shown, found: Mapping[str, Any]) -> list[Figure]:
    kinds = found["kinds"]
    return [
        Figure("Domains", found["nodes"], shown.url(params={"list": "domains"})),
        *(
            Figure(KINDS[kind], kinds.get(kind, 0), shown.url(params={"kind": kind}), kind)
            for kind in (GREEN, GREY, RED, UNKNOWN)
        ),
        Figure("Links", found["lines"], shown.url(params={"list": "links"})),
        Figure("Dangerous links", found["red_lines"], shown.url(params={"list": "links", "red": "yes"})),
    ]


def _meanings(shown: Shown) -> list[Meaning]:
    have: dict[str, int] = {}
    for one in shown.picture.dots:
        for name in {reason.name for reason in one.judgement.reasons}:
            have[name] = have.get(name, 0) + 1
    return [
        Meaning(label, means, points > 1, have.get(name, 0), shown.url(params={"signs": name}))
        for name, (points, label, means) in MEANINGS.items()
        if name != "from_red"
    ]


def _groups(picture: Picture) -> list[tuple[int, int]]:
    """(number, domains) of the larger communities."""
    sizes: dict[int, int] = {}
    for one in picture.dots:
        sizes[one.group] = sizes.get(one.group, 0) + 1
    return [(at, n) for at, n in sorted(sizes.items()) if at >= 0 and n >= LEAST_GROUP][:MOST_GROUPS]


def _data(shown: Shown) -> dict[str, Any]:
    """What the browser draws: numbers, names and sentences, no colours."""
    picture = shown.picture
    at = {one.node.domain: number for number, one in enumerate(picture.dots)}
    return {
        "nodes": [
            {
                "name": display_host(one.node.domain),
                "x": one.point[0],
                "y": one.point[1],
                "size": 2 * drawing.radius(one, len(picture.dots)),
                "kind": "target" if one.node.tier == 0 else one.judgement.kind,
                "tier": one.node.tier,
                "group": one.group,
                "facts": list(graph_lists.facts_of(one)),
                "url": shown.leads_to(one.node.domain),
            }
            for one in picture.dots
        ],
        "lines": [
            [
                at[one.source],
                at[one.target],
                int(one.is_red),
                int(one.is_choice),
                " ".join(why.text for why in one.reasons),
            ]
            for one in picture.lines
        ],
        "kinds": {RED: KINDS[RED], GREEN: KINDS[GREEN], GREY: KINDS[GREY], UNKNOWN: KINDS[UNKNOWN]},
    }
