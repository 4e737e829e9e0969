"""What is known of the domains in the picture, read once for all of them.

Decided: nothing is looked up anywhere but in the index, so a picture costs a handful of reads whatever its size, and
every reason can name the value that it rests on.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import Any

from backlinks import index

from .choose import Node


@dataclass(frozen=True)
class Facts:
    """`scores` are rows of the shown computation, `pairs` what links look like by (linking domain, target), `links` who
    links to whom, `networks` the /24 or /48 networks of each domain, `hosts` how each network is called, `topics` those
    of each domain, `about` the first levels of the target's own (empty: not known)."""

    scores: Mapping[str, Mapping[str, Any]]
    sets: Mapping[str, index.outbound.LinkedSet]
    links: Sequence[index.neighbours.Among]
    pairs: Mapping[tuple[str, str], index.neighbours.Pair]
    titles: Mapping[str, Sequence[str]]
    networks: Mapping[str, tuple[str, ...]]
    hosts: Mapping[str, str]
    topics: Mapping[str, Sequence[str]]
    about: frozenset[str] = frozenset()
    bad: frozenset[str] = frozenset()

    @cached_property
    def crowds(self) -> Counter[str]:
        """Network -> how many domains of the picture were seen in it."""
        return Counter(one for nets in self.networks.values() for one in nets)

    @cached_property
    def linked(self) -> frozenset[tuple[str, str]]:
        """(linking domain, target) of every link of the picture that is not lost."""
        return frozenset((one.source, one.target) for one in self.links if one.state != "lost" or one.in_graph)

    def titles_of(self, domain: str) -> list[str]:
        """Titles of its pages: of those that crawls have read, and of those that link to a domain of the picture."""
        return list(dict.fromkeys([*self.titles.get(domain, ()), *self.linking_titles.get(domain, ())]))

    @cached_property
    def linking_titles(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for (source, _), pair in self.pairs.items():
            found.setdefault(source, []).extend(pair.titles)
        return found

    @cached_property
    def twins(self) -> Counter[str]:
        """Print of a set of domains -> how many sites of the picture link to exactly these."""
        return Counter(one.print for one in self.sets.values())


def gather(
    nodes: Sequence[Node],
    around: index.neighbours.Around,
    *,
    apart: Sequence[str] = (),
    bad: Sequence[str] = (),
    about: frozenset[str] = frozenset(),
    chosen: Mapping[str, Sequence[str]] | None = None,
) -> Facts:
    """`apart` are domains whose profiles somebody chose to bring, `bad` the operator's list of bad sites, `about` the
    target's topics, `chosen` topics that people gave in place of what was judged."""
    names = [one.domain for one in nodes]
    linked = [one.domain for one in nodes if one.tier < 3]
    networks = {one.domain: _networks(one) for one in nodes if one.found and one.found.ips}
    return Facts(
        scores=index.score_rows(around.scores, names),
        sets=index.outbound.sets_of(around.sight, names, apart),
        links=index.neighbours.links_among(around, names),
        pairs=index.neighbours.pairs(around.sight, linked, names),
        titles=index.neighbours.titles_of(around.sight, names),
        networks=networks,
        hosts=_hosts(nodes),
        topics={**index.neighbours.topics_of(around.sight, linked, names), **(chosen or {})},
        about=about,
        bad=frozenset(bad),
    )


def _networks(node: Node) -> tuple[str, ...]:
    """The networks that its addresses lie in, as the index writes them."""
    return tuple(dict.fromkeys(filter(None, map(network_of, node.found.ips)))) if node.found else ()


def _hosts(nodes: Sequence[Node]) -> dict[str, str]:
    """Network -> who announces it, where a table of ranges says so."""
    ips = {ip: network_of(ip) for one in nodes if one.found for ip in one.found.ips}
    places = index.addresses.locate(ips)
    return {ips[ip]: place.network for ip, place in sorted(places.items()) if place.network}


def network_of(ip: str) -> str:
    """The /24 of an IPv4 address, the /48 of an IPv6 one; "" of what is no address."""
    try:
        found = ip_address(ip)
    except ValueError:
        return ""
    return str(ip_network(f"{ip}/{24 if found.version == 4 else 48}", strict=False))
