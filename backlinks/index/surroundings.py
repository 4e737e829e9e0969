"""What lies around the referring domains of a target, of all of them at once: what they link to, whether the target
links back, and prints of who links to them.

Decided: the names never leave the index as parameters, because there may be a hundred thousand of them. What a site
links to is public, so that every profile of the workspace is read; domains whose profiles somebody chose to bring are
set apart, because what is known of them says what was brought. A domain that links to more than `MOST_LINKED` has no
list, only a number. Prints are sums of hashes over the open graph's edges: equal sets have equal prints.
"""

from collections.abc import Collection
from typing import Any

import pyarrow as pa

from . import engine, graph, sql
from .beside import COUNTED
from .query import LinkQuery
from .settle import OPEN_DATA
from .sight import Sight, newest

MOST_LINKED = 2_000
LEAST_VOTES, MOST_VOTES = 5, 2_000  # of a domain that has a print
_PROFILES = newest("SELECT target_domain FROM generations WHERE workspace IN {scope:Array(UInt32)}")
LINKED_SQL = f"""SELECT source_domain AS name, toUInt32(count()) AS outbound,
    if(countIf(NOT apart) <= {MOST_LINKED}, arraySort(groupArrayIf(target_domain, NOT apart)), []) AS linked
FROM (SELECT DISTINCT source_domain, target_domain, target_domain IN {{apart:Array(String)}} AS apart FROM outbound
    WHERE workspace IN {{scope:Array(UInt32)}} AND source_domain IN (SELECT source_domain FROM (<edges>))
        AND target_domain != source_domain AND state != 'lost' AND {_PROFILES})
GROUP BY source_domain ORDER BY name"""
_BACK = f"""SELECT DISTINCT target_domain FROM outbound WHERE workspace IN {{scope:Array(UInt32)}}
    AND source_domain = {{target_domain:String}} AND target_domain != source_domain AND state != 'lost'
    AND {_PROFILES}"""
_NODES = """SELECT id FROM graph_domains WHERE workspace = 0 AND batch = {graph:UInt64} AND reversed IN (
    SELECT arrayStringConcat(arrayReverse(splitByChar('.', <name>)), '.') FROM (<rows>))"""
_NAME = "arrayStringConcat(arrayReverse(splitByChar('.', reversed)), '.')"
_GRAPH_BACK = f"""SELECT {_NAME} AS target_domain FROM graph_domains
    WHERE workspace = 0 AND batch = {{graph:UInt64}} AND id IN (SELECT target FROM graph_edges
        WHERE workspace = 0 AND batch = {{graph:UInt64}} AND source = {{node:UInt32}} AND target != source AND target IN
        ({_NODES.replace("<name>", "source_domain").replace("<rows>", "<edges>")}))"""
# Whether anybody has looked at what the target links to.
LOOKED_SQL = f"SELECT count() AS n FROM ({_BACK})"
_VOTED = f"""SELECT domain FROM authority
    WHERE (workspace, run, version) IN {{scores:Array(Tuple(UInt32, UInt64, String))}}
    AND votes BETWEEN {LEAST_VOTES} AND {MOST_VOTES} AND domain IN (SELECT source_domain FROM (<edges>))"""
PRINTS_SQL = f"""SELECT {_NAME} AS name, votes, print FROM (
    SELECT target, count() AS votes, sum(sipHash64(source)) AS print FROM (
        SELECT DISTINCT target, source FROM graph_edges WHERE workspace = 0 AND batch = {{graph:UInt64}}
            AND source != target AND target IN ({_NODES.replace("<name>", "domain").replace("<rows>", _VOTED)}))
    GROUP BY target HAVING votes BETWEEN {LEAST_VOTES} AND {MOST_VOTES}) AS voted
INNER JOIN (SELECT id, reversed FROM graph_domains WHERE workspace = 0 AND batch = {{graph:UInt64}}
    AND id IN ({_NODES.replace("<name>", "domain").replace("<rows>", _VOTED)})) AS named ON named.id = voted.target
ORDER BY name"""
# Of each host the certificate of the newest visit that saw one.
CERTIFICATES_SQL = f"""SELECT source_domain AS name, arraySort(groupUniqArrayArray(newest)) AS certificate FROM (
    SELECT source_domain, host, argMax(certificate, (fetched_at, batch, row)) AS newest FROM page_facts
    WHERE workspace IN {{seen:Array(UInt32)}} AND source_domain IN (SELECT source_domain FROM (<edges>))
        AND notEmpty(certificate) AND {COUNTED} GROUP BY source_domain, host)
GROUP BY name ORDER BY name"""


def certificates(query: LinkQuery) -> pa.Table:
    """name, certificate (the names in it), of those referring domains of a pinned query whose certificate was seen."""
    return _asked(query, CERTIFICATES_SQL, {"seen": sorted({OPEN_DATA, query.workspace})})


def linked_sets(query: LinkQuery, apart: Collection[str]) -> pa.Table:
    """name, outbound (domains it links to), linked (their names without those set apart; none of very many), of those
    referring domains of a pinned query of which anything is known."""
    return _asked(query, LINKED_SQL, {"apart": sorted(apart)})


def linked_back(query: LinkQuery) -> pa.Array | None:
    """Referring domains that the target links to, by profiles and by the open graph; None where nobody has looked."""
    release = graph.current()
    node = graph.node_of(release, query.target.domain) if release else None
    bound = {"target_domain": query.target.domain}
    looked = _asked(query, LOOKED_SQL, bound)["n"][0].as_py()
    if release is None or node is None:
        return _names(_asked(query, _of_edges(_BACK), bound)) if looked else None
    both = f"{_BACK} UNION DISTINCT {_GRAPH_BACK}"
    return _names(_asked(query, _of_edges(both), bound | {"graph": release.batch, "node": node}))


def _of_edges(found: str) -> str:
    return (
        f"SELECT target_domain AS name FROM ({found}) WHERE name IN (SELECT source_domain FROM (<edges>)) ORDER BY name"
    )


def _names(found: pa.Table) -> pa.Array:
    return found["name"].combine_chunks()


def prints(query: LinkQuery) -> pa.Table | None:
    """name, votes, print of the linking domains, of referring domains with some votes and not too many; None without a
    release of the open graph or without scores."""
    release = graph.current()
    if release is None or not query.scores:
        return None
    return _asked(query, PRINTS_SQL, {"graph": release.batch, "scores": list(query.scores)})


def _asked(query: LinkQuery, statement: str, bound: dict[str, Any]) -> pa.Table:
    edges, own = sql.edges(query)
    return engine.arrow(statement.replace("<edges>", edges), own | Sight(query.workspace).parameters | bound)
