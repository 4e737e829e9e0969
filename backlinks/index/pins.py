"""Pinned queries: fixed to the newest published generation of their target, so that all reads of a page agree.

Decided: what a target is pinned to and the epoch that kept answers rest on (`kept`) come by one statement, because it
takes longer to plan than to run. Which scores count and the ids of the open graph change once a day and are kept
briefly. Refused: a statement for each of eleven targets that stand side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from seoapp.lib.expression import Wrong

from . import graph, kept
from .authority import score_rows, shown_keys
from .patterns import checked
from .query import LinkQuery

NEWEST = """SELECT target_domain, max(workspace) AS owner, argMax(generation, (workspace, generation)) AS newest<epoch>
FROM generations WHERE workspace IN {scope:Array(UInt32)} AND target_domain IN {domains:Array(String)}
GROUP BY target_domain"""


def pin(query: LinkQuery) -> LinkQuery:
    """The query at the newest generation of its target; one that is pinned stays as it is.

    A query whose advanced filter cannot be read is not run: `readable` says what is wrong with it before.
    """
    if query.generation >= 0:
        return query
    if query.where.tree is not None and (problem := checked(query.where).error):
        raise Wrong(problem)
    return pin_all([query])[0]


def pin_all(queries: Sequence[LinkQuery]) -> list[LinkQuery]:
    """Queries of one workspace, each pinned as `pin` would."""
    return pin_scored(queries)[0]


def pin_scored(queries: Sequence[LinkQuery]) -> tuple[list[LinkQuery], dict[str, dict[str, Any]]]:
    """The same, and the score row of each of their domains that has one."""
    if not queries:
        return [], {}
    workspace = queries[0].workspace
    domains = sorted({one.target.domain for one in queries})
    epoch = "" if kept.epoch_is_known(workspace) else f", {kept.EPOCH}"
    found = kept.once(NEWEST.replace("<epoch>", epoch), {"scope": sorted({0, workspace}), "domains": domains})
    seen_at = kept.epoch_of(workspace, found[0] if found else None)
    profiles = {row["target_domain"]: (row["owner"], row["newest"]) for row in found}
    runs = shown_keys(workspace)
    scores = score_rows(runs, domains)
    release = graph.current()
    nodes = graph.nodes_of(release, domains) if release else {}
    seen = [replace(one, epoch=seen_at, scores=runs) for one in queries]
    return [_pinned(one, profiles, scores, release, nodes) for one in seen], scores


def _pinned(
    query: LinkQuery,
    profiles: Mapping[str, tuple[int, int]],
    scores: Mapping[str, dict[str, Any]],
    release: graph.Release | None,
    nodes: Mapping[str, int],
) -> LinkQuery:
    domain = query.target.domain
    owner, generation = profiles.get(domain, (query.workspace, 0))
    return replace(
        query,
        owner=owner,
        generation=generation,
        graph=(release.batch, nodes[domain]) if release and domain in nodes else None,
        graph_day=release.last_day if release else None,
        authority=scores[domain]["score"] if domain in scores else -1.0,
    )
