"""The open graph's switch: whether domains that only Common Crawl's graph knows count in what is shown."""

from dataclasses import dataclass

from django.http import HttpRequest

from backlinks import index
from seoapp.lib.tables import Link

from .reading import Reading

# Reports made of referring domains. Of links, hosts, anchors and pages a graph of domains says nothing.
OF_DOMAINS = frozenset(("domains", "ips", "subnets", "countries", "tlds"))


@dataclass(frozen=True, slots=True)
class GraphSwitch:
    """`choices` is empty where the release does not know the target."""

    release: str
    choices: tuple[Link, ...]


def graph_switch(request: HttpRequest, reading: Reading, query: index.LinkQuery) -> GraphSwitch | None:
    """The switch for a pinned query's page; None where no release is loaded, or for a part of a domain."""
    release = index.graph.current() if reading.target.scope == "root" and query.graph_day else None
    if release is None:
        return None
    if query.graph is None:
        return GraphSwitch(release.release, ())
    choices = (
        Link("included", _with(request, ""), reading.with_graph),
        Link("left out", _with(request, index.GRAPH_OFF), not reading.with_graph),
    )
    return GraphSwitch(release.release, choices)


def _with(request: HttpRequest, value: str) -> str:
    """This page with the switch in one position; everything else of its address stays, but for the page of a list."""
    asked = request.GET.copy()
    for name in (index.GRAPH, "page"):
        asked.pop(name, None)
    if value:
        asked[index.GRAPH] = value
    return f"{request.path}?{asked.urlencode()}" if asked else request.path
