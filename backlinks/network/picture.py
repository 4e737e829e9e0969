"""The whole picture: chosen, judged, laid out, and kept until something that it was made of has changed.

Decided: kept in Django's cache under all that went in: the profile's generation, the release, the scores, the moment
of the workspace's last batch, the size, and what the project says of itself. Refused: a row in the database, because a
picture can be computed again in seconds.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from backlinks import index
from backlinks.topics.taxonomy import group_of, label_of

from . import layout
from .choose import Node, Size, choose
from .facts import Facts, gather
from .judge import RED, Judgement, Reason, is_red, judge_link, judge_node, spam_of
from .relevance import niche, relevance

VERSION = 2  # of what is kept: a change of the code that makes another picture raises it
KEPT_SECONDS = 24 * 3600
ANCHORS = 200
LEAST_ANCHOR_DOMAINS = 2
SURE_ENOUGH = 0.33  # confidence in the target's own topics


@dataclass(frozen=True, slots=True)
class Asked:
    """What a picture is made from. `query` is pinned; `apart` are domains whose profiles somebody chose to bring;
    `brands` and `keywords` are the project's where the target is its own; `bad` is the operator's list."""

    query: index.LinkQuery
    sight: index.Sight
    size: Size
    brands: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """A domain as it is drawn."""

    node: Node
    judgement: Judgement
    point: layout.Point
    group: int
    linked: int
    networks: tuple[str, ...]
    spam: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A link between two domains. `links` 0: nobody counts them; `in_graph`: the open graph knows it; `is_choice`: the
    domain that links was chosen for it."""

    source: str
    target: str
    links: int
    state: str
    in_graph: bool
    is_choice: bool
    reasons: tuple[Reason, ...]

    @property
    def is_red(self) -> bool:
        return is_red(self.reasons)


@dataclass(frozen=True, slots=True)
class Picture:
    """`has_niche`: it is known what the target is about, so that relevance could be judged."""

    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]
    has_niche: bool


def picture_of(asked: Asked) -> Picture:
    """The picture, from the cache where it is still true."""
    key = _key(asked)
    found = cache.get(key)
    if not isinstance(found, Picture):
        found = draw(asked)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _key(asked: Asked) -> str:
    moved = index.newest_batches()
    scope = [str(moved.get(one, "")) for one in sorted({0, asked.sight.workspace})]
    query = asked.query
    judged = index.neighbours.last_topic_run(asked.sight.workspace)
    made_of = (VERSION, asked, query.generation, query.graph, query.scores, scope, judged)
    return f"network-{hashlib.sha256(repr(made_of).encode()).hexdigest()}"


def draw(asked: Asked) -> Picture:
    """The picture, made now."""
    release = index.graph.current() if asked.query.with_graph else None
    around = index.neighbours.Around(asked.sight, asked.query.scores, release)
    nodes = choose(asked.query, around, asked.size)
    chosen = {domain: topics for domain, page, topics in asked.query.chosen if not page}
    facts = gather(nodes, around, apart=asked.apart, bad=asked.bad, about=_about(asked), chosen=chosen)
    links = _drawn(nodes, facts)
    graph = layout.graph_of(nodes, [(one.source, one.target) for one in links])
    groups = layout.groups_of(nodes, graph)
    shared, has_niche = _shared(asked, nodes, facts)
    judged = {one.domain: judge_node(one, facts, shared.get(one.domain, ()), groups.sizes) for one in nodes}
    points = layout.place(nodes, graph, groups)
    return Picture(
        tuple(_dot(one, judged[one.domain], at, groups, facts) for one, at in zip(nodes, points, strict=True)),
        tuple(_lines(nodes, links, facts, judged, groups)),
        has_niche,
    )


def _lines(
    nodes: Sequence[Node],
    links: Sequence[index.neighbours.Among],
    facts: Facts,
    judged: Mapping[str, Judgement],
    groups: layout.Groups,
) -> Iterator[Line]:
    choices = {(one.domain, one.parent) for one in nodes}
    reds = {name: one for name, one in judged.items() if one.kind == RED}
    for one in links:
        reasons = judge_link(one, facts, reds, groups.dense)
        is_choice = (one.source, one.target) in choices
        yield Line(one.source, one.target, one.links, one.state, one.in_graph, is_choice, reasons)


def _drawn(nodes: Sequence[Node], facts: Facts) -> list[index.neighbours.Among]:
    """The links that are not lost, and that of each choice (the profile of a host may know it alone)."""
    known = {(one.source, one.target): one for one in facts.links if one.state != "lost" or one.in_graph}
    for node in nodes:
        if node.found and (node.domain, node.parent) not in known:
            in_graph = "commoncrawl" in node.found.sources
            made = index.neighbours.Among(node.domain, node.parent, node.found.links, node.found.state, in_graph)
            known[node.domain, node.parent] = made
    return [known[pair] for pair in sorted(known)]


def _dot(node: Node, judgement: Judgement, point: layout.Point, groups: layout.Groups, facts: Facts) -> Dot:
    linked = facts.sets.get(node.domain)
    score = facts.scores.get(node.domain)
    return Dot(
        node,
        judgement,
        point,
        groups.of.get(node.domain, -1),
        max(linked.domains if linked else 0, score["linked_domains"] if score else 0),
        facts.networks.get(node.domain, ()),
        spam_of(node, facts),
    )


def _about(asked: Asked) -> frozenset[str]:
    """First levels of the target's topics, where enough speaks for them."""
    own = index.topics_of(asked.query)
    return frozenset(group_of(one.topic) for one in own.topics) if own.confidence >= SURE_ENOUGH else frozenset()


def _shared(asked: Asked, nodes: Sequence[Node], facts: Facts) -> tuple[dict[str, tuple[str, ...]], bool]:
    """Domain -> topics and words in common with the target, and whether anything says what the target is about."""
    root = nodes[0].domain
    rows = index.top(asked.query, "anchors", ANCHORS)
    anchors = [row["anchor"] for row in rows if row["anchor_known"] and row["domains"] >= LEAST_ANCHOR_DOMAINS]
    about = niche(
        keywords=asked.keywords,
        titles=facts.titles.get(root, ()),
        anchors=anchors,
        brands=(*asked.brands, root.rpartition(".")[0]),
    )
    words = relevance(about, {one.domain: facts.titles_of(one.domain) for one in nodes[1:]})
    topics = {one.domain: _common_topics(one.domain, facts) for one in nodes[1:]}
    return {name: (*topics[name], *words.get(name, ())) for name in topics}, bool(about or facts.about)


def _common_topics(domain: str, facts: Facts) -> list[str]:
    """Topics of a domain whose first level is one of the target's."""
    return [label_of(one) for one in facts.topics.get(domain, ()) if group_of(one) in facts.about]


def counts(picture: Picture) -> dict[str, Any]:
    """How many domains are of each kind and tier, and how many links are red."""
    kinds: dict[str, int] = {}
    tiers: dict[int, int] = {}
    for one in picture.dots[1:]:
        kinds[one.judgement.kind] = kinds.get(one.judgement.kind, 0) + 1
        tiers[one.node.tier] = tiers.get(one.node.tier, 0) + 1
    return {
        "nodes": len(picture.dots) - 1,
        "kinds": kinds,
        "tiers": tiers,
        "lines": len(picture.lines),
        "red_lines": sum(one.is_red for one in picture.lines),
    }
