"""The network as lists: its domains and its links, with the same facts and reasons as the picture."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from backlinks.network import listed
from backlinks.network.judge import KINDS, MEANINGS, SPAM_LABELS
from backlinks.network.picture import Dot, Line, Picture
from seoapp.lib import tables
from seoapp.lib.listquery import Field, ListQuery, Rows
from seoapp.lib.words import counted

LABELS = KINDS | {name: label for name, (_, label, _) in MEANINGS.items()}
_SIGNS = (
    Field("signs", "Signs", "list", "choice", tuple(MEANINGS), sortable=False, help="Two points make it dangerous."),
    Field("evidence", "Evidence", "text", "text", sortable=False, help="Each sign with the value it rests on."),
)
_STATE = Field("state", "State", "state", "choice", ("live", "unknown"), default=False)
DOMAIN_FIELDS = (
    Field("domain", "Domain", "text", "text"),
    Field("kind", "Class", "text", "choice", tuple(KINDS)),
    Field("tier", "Tier", "int", "number"),
    Field("parent", "Links to", "text", "text", help="The domain by which it is in the picture."),
    Field("authority", "Authority", "score", "number"),
    Field("links", "Links", "int", "number", help="Known links to the domain that it links to; 0: a source names it."),
    Field("linked", "Outbound domains", "int", "number", help="How many domains it is known to link to."),
    Field("worth", "Worth", "number", help="What chose it, from 0 to 1."),
    *_SIGNS,
    Field("shared", "In common", "list", "text", sortable=False, help="Words that it shares with the target."),
    Field("unchecked", "Not checked", "list", "text", default=False, sortable=False),
    Field("networks", "Networks", "list", "text", default=False, sortable=False),
    Field("country", "Country", "text", "text", default=False),
    Field("group", "Group", "int", "number", default=False, help="Domains that mostly link among themselves."),
    _STATE,
)
LINK_FIELDS = (
    Field("source", "Domain that links", "text", "text"),
    Field("target", "Domain that is linked to", "text", "text"),
    Field("links", "Links", "int", "number", help="Known page-level links; 0: a source only names the domain."),
    Field("red", "Dangerous", "bool", "flag"),
    *_SIGNS,
    Field("in_graph", "In Common Crawl's graph", "bool", "flag", default=False),
    _STATE,
)


class Leading(Protocol):
    """What a cell must know of the page: where a domain leads to."""

    reading: Any

    def leads_to(self, domain: str) -> str: ...


@dataclass(frozen=True, slots=True)
class NetworkList:
    """`rows` makes the rows of a picture; `names` are the columns that name a domain."""

    name: str
    title: str
    fields: tuple[Field, ...]
    sort: str
    rows: Callable[[Picture], list[dict[str, Any]]]
    names: tuple[str, ...]

    def fetch(self, picture: Picture) -> Callable[[ListQuery], Rows]:
        return lambda query: listed.page(self.rows(picture), query)

    def stream(self, picture: Picture) -> Callable[[ListQuery], Iterable[dict[str, Any]]]:
        return lambda query: listed.select(self.rows(picture), query)


def domain_rows(picture: Picture) -> list[dict[str, Any]]:
    return [_domain_row(one) for one in picture.dots[1:]]


def _domain_row(dot: Dot) -> dict[str, Any]:
    node, judgement = dot.node, dot.judgement
    found = node.found
    return {
        "domain": node.domain,
        "kind": judgement.kind,
        "tier": node.tier,
        "parent": node.parent,
        "authority": node.authority,
        "links": found.links if found else None,
        "linked": dot.linked or None,
        "worth": found.worth if found else None,
        "signs": [one.name for one in judgement.reasons],
        "evidence": " ".join(one.text for one in judgement.reasons),
        "shared": list(judgement.shared),
        "unchecked": list(judgement.unchecked),
        "networks": list(dot.networks),
        "country": found.country if found else "",
        "group": dot.group + 1,
        "state": found.state if found else "unknown",
    }


def link_rows(picture: Picture) -> list[dict[str, Any]]:
    return [_link_row(one) for one in picture.lines]


def _link_row(line: Line) -> dict[str, Any]:
    return {
        "source": line.source,
        "target": line.target,
        "links": line.links,
        "red": line.is_red,
        "signs": [one.name for one in line.reasons],
        "evidence": " ".join(one.text for one in line.reasons),
        "in_graph": line.in_graph,
        "state": line.state,
    }


LISTS = {
    one.name: one
    for one in (
        NetworkList("domains", "Domains", DOMAIN_FIELDS, "-worth", domain_rows, ("domain", "parent")),
        NetworkList("links", "Links", LINK_FIELDS, "-links", link_rows, ("source", "target")),
    )
}


def value_of(column: tables.Column, row: Mapping[str, Any]) -> Any:
    """The value of a cell, with the words for people."""
    found = row[column.name]
    if column.name == "kind":
        return KINDS[found]
    return [LABELS[one] for one in found] if column.name == "signs" else found


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of a row: a domain leads to its profile, the links of a pair to those that are known."""

    shown: Leading
    made: NetworkList

    def __call__(self, columns: Sequence[tables.Column], row: Mapping[str, Any]) -> list[tables.Cell]:
        urls = {name: self.shown.leads_to(row[name]) for name in self.made.names} | self._links(row)
        return [tables.Cell(one, value_of(one, row), href=urls.get(one.name, "")) for one in columns]

    def _links(self, row: Mapping[str, Any]) -> dict[str, str]:
        source, target = (row["source"], row["target"]) if "source" in row else (row["domain"], row["parent"])
        if not row["links"] or not self.shown.leads_to(target):
            return {}
        behind = {"target": target, "scope": "root", "source_domain_is": source}
        return {"links": self.shown.reading.url("links", behind)}


def facts_of(dot: Dot) -> Iterator[str]:
    """What the picture says of a domain, line by line."""
    node, judgement, found = dot.node, dot.judgement, dot.node.found
    if found is None:
        yield "The target."
        return
    yield f"{KINDS[judgement.kind]} · tier {node.tier}"
    score = "no score" if node.authority is None else f"authority {node.authority:g}"
    linked = f"links to {counted(dot.linked, 'domain')}" if dot.linked else "what it links to is not known"
    yield f"{score[0].upper()}{score[1:]} · {counted(found.links, 'link')} to {node.parent} · {linked}"
    yield from (f"{one.label}: {one.text}" for one in judgement.reasons)
    if judgement.shared:
        yield f"In common with the target: {', '.join(judgement.shared)}"
    if dot.networks:
        yield f"Seen in {', '.join(dot.networks[:3])}"
    if dot.spam:
        yield "; ".join(f"{SPAM_LABELS[name]} {value:g}" for name, value in sorted(dot.spam.items()))
    if judgement.unchecked:
        yield f"Not checked: {', '.join(judgement.unchecked)}"
