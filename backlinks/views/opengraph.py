"""The open graph's switch: whether domains that only Common Crawl's graph knows count in what is shown.

Each page that counts referring domains says in one line whether these are among them; the lines stand here alone.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from backlinks import index
from seoapp.lib.tables import Link

from .reading import Reading

# Reports made of referring domains. Of links, hosts, addresses, anchors and pages a graph of domains says nothing.
OF_DOMAINS = frozenset(("domains", "countries", "tlds"))
COUNTED = "Referring domains are counted here with those that only Common Crawl's graph names."
LEFT_OUT = "Referring domains are counted here without those that only Common Crawl's graph names, as the switch says."
WITHOUT = (
    "Referring domains are counted here without those that only Common Crawl's graph names: it knows no "
    "addresses and no links of them, and is not part of other profiles."
)


@dataclass(frozen=True, slots=True)
class GraphSwitch:
    """`choices` is empty where the release does not know the target; `words` say which of them is chosen."""

    release: str
    choices: tuple[Link, ...]
    words: str = ""


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
    return GraphSwitch(release.release, choices, COUNTED if reading.with_graph else LEFT_OUT)


def without_graph(*, of_part: bool = False) -> str:
    """The line of a page that never counts them; "" where no release is loaded, and for a part of a domain."""
    return "" if of_part or index.graph.current() is None else WITHOUT


def _with(request: HttpRequest, value: str) -> str:
    """This page with the switch in one position; everything else of its address stays, but for the page of a list."""
    asked = request.GET.copy()
    for name in (index.GRAPH, "page"):
        asked.pop(name, None)
    if value:
        asked[index.GRAPH] = value
    return f"{request.path}?{asked.urlencode()}" if asked else request.path
