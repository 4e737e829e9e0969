"""Figures of several profiles that are compared as shares: home page, follow, links a domain, weak domains.

Decided: what is unknown is in no share, so a share is of the links whose rel is known, or of the domains that have a
score. The figures are counted over the same links and domains as those of a frozen profile (`frozen.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from . import kept, sides
from .query import LinkQuery

WEAK_BELOW = 5
_LINKS = """SELECT side, uniqExact(source_domain) AS domains,
    uniqExactIf(source_domain, path(target_url) IN ('', '/')) AS home,
    countIf(nofollow = 0) AS follow, countIf(nofollow = 1) AS nofollow FROM (<rows>) GROUP BY side"""
_EDGES = "SELECT side, count() AS domains, avgIf(links, links > 0) AS mean FROM (<rows>) GROUP BY side"
_WEAK = f"""SELECT side, count() AS scored, countIf(score < {WEAK_BELOW}) AS weak FROM (<rows>) AS named
INNER JOIN (SELECT domain, argMax(score, workspace) AS score FROM authority
    WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}}
        AND domain IN (SELECT source_domain FROM (<rows>)) GROUP BY domain) AS scored
ON scored.domain = named.source_domain GROUP BY side"""


@dataclass(frozen=True, slots=True)
class Proportions:
    """Of one profile; NaN where not known. `home` is the share of domains with a link to the home page."""

    domains: int
    home: float
    follow: float
    links_per_domain: float
    weak: float


def proportions(pinned: Sequence[LinkQuery]) -> list[Proportions]:
    """The figures of each of these pinned queries of one workspace."""
    if not pinned:
        return []
    links = _read(pinned, sides.of_links(pinned, "source_domain, target_url, nofollow"), _LINKS)
    edges = _read(pinned, sides.of_edges(pinned, "links"), _EDGES)
    scores = list(pinned[0].scores)
    weak = _read(pinned, sides.of_edges(pinned, "source_domain"), _WEAK, scores) if scores else [{}] * len(pinned)
    return [_of(*figures) for figures in zip(links, edges, weak, strict=True)]


def _read(
    pinned: Sequence[LinkQuery], rows: sides.Statement, statement: str, scores: Sequence[object] = ()
) -> list[dict[str, float]]:
    text, bound = rows
    asked = bound | {"scores": list(scores)} if scores else bound
    found = kept.read(statement.replace("<rows>", text), asked)
    return [one[0] if one else {} for one in sides.by_side(found, len(pinned))]


def _of(links: dict[str, float], edges: dict[str, float], weak: dict[str, float]) -> Proportions:
    known = links.get("follow", 0) + links.get("nofollow", 0)
    return Proportions(
        int(edges.get("domains", 0)),
        _share(links.get("home", 0), links.get("domains", 0)),
        _share(links.get("follow", 0), known),
        edges.get("mean", nan),
        _share(weak.get("weak", 0), weak.get("scored", 0)),
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else nan
