"""An audit's findings and scores as columns for the index.

Decided: a link keeps its score and the ids of what fired; the evidence stands beside it, once for each link, page or
domain that a marker speaks of, so that a page's fact is not written for each of its links. What is unknown is kept as
the sources that were missing, which is what a reader can do something about. What scores are made of besides weights
is kept by pattern (`patterns.py`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backlinks import index

from . import patterns
from .columns import BY_NAME, LIST, NUMBER, PRINT, TEXT
from .communities import Shared, networks
from .markers import MARKERS
from .markers.marker import BECOMES, CONTEXT, EVIDENCE, FIRED, UNKNOWN, Cluster, Found, Marker, by_id
from .profile import DOMAINS, LINKS, PAGES, Flags, Numbers, Profile, Sets, Words
from .score import Scores, bands_of
from .weights import CAPS, Weights
from .words import name_of

BLOCK = 250_000
KEEPS_SOURCES = "keeps_sources"  # a name among an audit's facts: its rows say who knows a domain
WANTING = "wanting"  # and another one: what `wanting` says
GOOGLE = "gsc"  # the source that is Search Console
MOST_THINGS = 12  # that are named of what holds a network together


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run writes."""

    target: str
    workspace: int
    run: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A profile, what its markers found, and the scores that came of it."""

    profile: Profile
    findings: Mapping[str, Found]
    weights: Weights
    scores: Scores


def write(place: Place, judged: Judged, step: Callable[[str], None]) -> None:
    """Write everything of a run; call again after a failure, nothing is added twice."""
    for table, blocks in (
        ("audit_links", _links(judged)),
        ("audit_domains", _domains(judged)),
        ("audit_findings", _findings(judged)),
        ("audit_clusters", chain(_clusters(judged), _networks(judged))),
        *_patterns(judged),
    ):
        for block, columns in enumerate(blocks):
            index.audits.add(table, place.target, place.workspace, place.run, columns, block=block)
            step(f"{table.removeprefix('audit_').replace('_', ' ')} are written")


def _patterns(judged: Judged) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """What other weights can be tried on."""
    facts = judged.scores.facts
    number = patterns.numbered(judged.profile, judged.findings, facts)
    yield "audit_patterns", iter([patterns.flags_of(facts, number)])
    domains = patterns.domains_of(judged.profile, facts, number)
    yield "audit_domain_patterns", (domains.slice(start, BLOCK) for start in range(0, domains.num_rows, BLOCK))


# --- Links ------------------------------------------------------------------------------------------------------------
def _links(judged: Judged) -> Iterator[pa.Table]:
    for start in range(0, judged.profile.links.count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, judged.profile.links.count))
        yield _links_of(judged, rows)


def _links_of(judged: Judged, rows: NDArray[np.int64]) -> pa.Table:
    profile, scores = judged.profile, judged.scores.links
    links = profile.links
    lost = links.number("is_lost")[rows] == 1
    groups = np.stack([scores.groups[name][rows] for name in CAPS], axis=1)
    return pa.table(
        {
            "source_domain": _text(profile.domains.text("name"), profile.domain[rows]),
            "link_id": pa.array(links.hashes("id")[rows]),
            "source_url": _text(profile.pages.text("url"), profile.page[rows]),
            "target_url": _text(links.text("target_url"), rows),
            "target_key": _text(links.text("target"), rows),
            "anchor": _text(links.text("anchor"), rows),
            "anchor_class": _text(links.text("anchor_class"), rows),
            "state": pa.array(np.where(lost, "lost", "live")),
            "nofollow": _flag(links.number("nofollow")[rows]),
            "first_seen": _day(links.number("first_seen")[rows]),
            "last_seen": _day(links.number("last_seen")[rows]),
            "risk": pa.array(scores.risk[rows]),
            "confidence": pa.array(scores.confidence[rows]),
            "band": pa.array(bands_of(scores.risk[rows], scores.confidence[rows])),
            "gates": pa.array(scores.gates[rows]),
            "trust": pa.array(scores.trust[rows]),
            "groups": _lists(np.full(len(rows), len(CAPS)), pa.array(groups.ravel().astype(np.float32))),
            "fired": _fired(judged, rows),
            "missing": _missing(judged, rows),
        }
    )


def _fired(judged: Judged, rows: NDArray[np.int64]) -> pa.ListArray:
    """The ids of the markers that fired at each link."""
    return _picked(np.stack([one == FIRED for one in _states(judged, rows).values()], axis=1), list(judged.findings))


def _states(judged: Judged, rows: NDArray[np.int64]) -> dict[str, NDArray[np.uint8]]:
    """What each marker says at these links."""
    found = {}
    for name, one in judged.findings.items():
        up = judged.profile.up(UNITS[name])
        found[name] = one.state[rows if up is None else up[rows]]
    return found


MARKED = by_id(MARKERS)
UNITS: Mapping[str, str] = {one.id: one.unit for one in MARKERS}


def source_of(need: str) -> str:
    """The source (a key of SOURCES) of what a marker needs."""
    return need.partition(".")[2] if need.startswith("source.") else BY_NAME[need].source


def sources_of(one: Marker) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(source_of, one.needs)))


def wanting(judged: Judged) -> dict[str, dict[str, int]]:
    """Source -> marker -> at how many links it is unknown for want of the source."""
    found: dict[str, Counter[str]] = {}
    for start in range(0, judged.profile.links.count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, judged.profile.links.count))
        for marker, source, where in _wanting(judged, rows):
            found.setdefault(source, Counter())[marker] += int(where.sum())
    return {source: dict(markers) for source, markers in found.items()}


def _wanting(judged: Judged, rows: NDArray[np.int64]) -> Iterator[tuple[str, str, Flags]]:
    """Each marker that is unknown at some of these links, with a source that it lacks there, and where."""
    lacking: dict[str, Flags] = {}
    for name, state in _states(judged, rows).items():
        unknown = state == UNKNOWN
        found: dict[str, Flags] = {}
        for need in MARKED[name].needs if unknown.any() else ():
            if need not in lacking:
                lacking[need] = _lacks(judged.profile, need, rows)
            source = source_of(need)
            found[source] = found.get(source, np.False_) | (unknown & lacking[need])
        yield from ((name, source, where) for source, where in found.items() if where.any())


def _missing(judged: Judged, rows: NDArray[np.int64]) -> pa.ListArray:
    """The sources for want of which some marker is unknown at each link."""
    found: dict[str, Flags] = {}
    for _, source, where in _wanting(judged, rows):
        found[source] = found.get(source, np.False_) | where
    names = sorted(found)
    return _picked(
        np.stack([found[name] for name in names], axis=1) if names else np.zeros((len(rows), 0), bool), names
    )


def _none(count: int) -> pa.ListArray:
    return _lists(np.zeros(count, np.int64), pa.array([], pa.string()))


def _lacks(profile: Profile, need: str, rows: NDArray[np.int64]) -> Flags:
    """At which of these links a column, or a whole source, is missing."""
    unit, _, name = need.partition(".")
    if unit == "source":
        return np.full(len(rows), name not in profile.about.offered)
    table, up = profile.rows(unit), profile.up(unit)
    missing = {
        NUMBER: lambda: np.isnan(table.number(name)),
        TEXT: lambda: table.text(name).codes < 0,
        LIST: lambda: ~table.lists(name).known,
        PRINT: lambda: table.hashes(name) == 0,
    }[BY_NAME[need].kind]()
    return missing[rows if up is None else up[rows]]


def _picked(matrix: Flags, names: Sequence[str]) -> pa.ListArray:
    columns = np.nonzero(matrix)[1]
    return _lists(matrix.sum(axis=1), pa.array(list(names), pa.string()).take(pa.array(columns)))


def _lists(sizes: NDArray[np.int64], flat: pa.Array) -> pa.ListArray:
    offsets = np.concatenate(([0], np.cumsum(sizes))).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), flat)


# --- Domains ----------------------------------------------------------------------------------------------------------
def _domains(judged: Judged) -> Iterator[pa.Table]:
    for start in range(0, judged.profile.domains.count, BLOCK):
        yield _domains_of(judged, np.arange(start, min(start + BLOCK, judged.profile.domains.count)))


def _domains_of(judged: Judged, rows: NDArray[np.int64]) -> pa.Table:
    profile, scores = judged.profile, judged.scores
    domains, first = profile.domains, scores.domains.first[rows]
    sizes, parts = parts_of(judged, first)
    return pa.table(
        {
            "source_domain": _text(domains.text("name"), rows),
            "links": pa.array(np.nan_to_num(domains.number("links")[rows]).astype(np.uint64)),
            "sharing": pa.array(scores.domains.sharing[rows].astype(np.uint64)),
            "state": _text(domains.text("state"), rows),
            "country": _text(domains.text("country"), rows),
            "first_seen": _day(domains.number("first_seen")[rows]),
            "last_seen": _day(domains.number("last_seen")[rows]),
            "authority": pa.array(np.nan_to_num(domains.number("authority")[rows], nan=-1.0)),
            "risk": pa.array(scores.domains.risk[rows]),
            "confidence": pa.array(scores.domains.confidence[rows]),
            "band": pa.array(bands_of(scores.domains.risk[rows], scores.domains.confidence[rows])),
            "gates": pa.array(scores.links.gates[first]),
            "link_id": pa.array(profile.links.hashes("id")[first]),
            "sources": _of_sets(domains.lists("sources"), rows),
            "known_to_google": pa.array(known_to_google(domains.lists("sources"))[rows]),
            **{name: _lists(sizes, flat) for name, flat in parts.items()},
        }
    )


def known_to_google(sources: Sets) -> NDArray[np.int8]:
    """1 where a Search Console list names the domain, 0 where one was imported and does not, -1 where none was."""
    if GOOGLE not in sources.values:
        return np.full(len(sources.known), -1, np.int8)
    said = sources.codes == sources.values.index(GOOGLE)
    return (np.bincount(sources.owners[said], minlength=len(sources.known)) > 0).astype(np.int8)


def parts_of(judged: Judged, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], dict[str, pa.Array]]:
    """Of these links: how many markers fired at each, and one after the other their ids, classes there, and points."""
    states = _states(judged, rows)
    names = list(states)
    fired = np.stack([states[name] == FIRED for name in names], axis=1)
    at, column = np.nonzero(fired)
    is_evidence = np.zeros(fired.shape, np.bool_)
    for name, where in judged.scores.links.raised.items():
        is_evidence[:, names.index(name)] = where[rows]
    raised = is_evidence[at, column]
    kinds = np.array([CONTEXT if MARKED[name].kind == BECOMES else MARKED[name].kind for name in names])
    points = np.array([judged.weights.of(name) for name in names], np.float32)
    as_evidence = np.array([judged.weights.as_evidence(name) for name in names], np.float32)
    return fired.sum(axis=1), {
        "markers": pa.array(names, pa.string()).take(pa.array(column)),
        "kinds": pa.array(np.where(raised, EVIDENCE, kinds[column])),
        "points": pa.array(np.where(raised, as_evidence[column], points[column]).astype(np.float32)),
    }


# --- Evidence ---------------------------------------------------------------------------------------------------------
def _findings(judged: Judged) -> Iterator[pa.Table]:
    """In blocks of several markers; a marker that fires often has blocks of its own."""
    waiting: list[pa.Table] = []
    for one in MARKERS:
        if one.id not in judged.findings:
            continue
        fired = np.flatnonzero(judged.findings[one.id].fired)
        for start in range(0, len(fired), BLOCK):
            waiting.append(_findings_of(judged.profile, one, judged.findings[one.id], fired[start : start + BLOCK]))
            if sum(table.num_rows for table in waiting) >= BLOCK:
                yield pa.concat_tables(waiting)
                waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _findings_of(profile: Profile, one: Marker, found: Found, rows: NDArray[np.int64]) -> pa.Table:
    count = len(rows)
    domain, page = _above(profile, one.unit, rows)
    ids = profile.links.hashes("id")[rows] if one.unit == LINKS else np.zeros(count, np.uint64)
    nothing = Words.unknown(profile.rows(one.unit).count)
    cluster = found.cluster[rows] if found.cluster is not None else np.full(count, -1, np.int32)
    return pa.table(
        {
            "source_domain": _text(profile.domains.text("name"), domain),
            "marker": pa.repeat(pa.scalar(one.id), count),
            "unit": pa.repeat(pa.scalar(one.unit), count),
            "page": _text(profile.pages.text("url"), page),
            "link_id": pa.array(ids),
            "value": pa.array(found.value[rows]),
            "said": _text(found.said or nothing, rows),
            "day": _day(_days(profile, one)[rows]),
            "cluster": pa.array(cluster.astype(np.int32)),
        }
    )


def _above(profile: Profile, unit: str, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The domain and the page of each row of a unit; a domain is on no page (-1)."""
    if unit == DOMAINS:
        return rows, np.full(len(rows), -1, np.int64)
    if unit == PAGES:
        return profile.home[rows].astype(np.int64), rows
    return profile.domain[rows].astype(np.int64), profile.page[rows].astype(np.int64)


def _days(profile: Profile, one: Marker) -> Numbers:
    """When what a marker rests on was seen: our visit where it rests on one, else the newest claim."""
    rows = profile.rows(one.unit)
    visited = {LINKS: "checked_at", PAGES: "fetched", DOMAINS: "scored_on"}[one.unit]
    days = rows.number("last_seen")
    return np.where(np.isnan(rows.number(visited)), days, rows.number(visited)) if _is_visited(one) else days


def _is_visited(one: Marker) -> bool:
    return bool({"visit", "graph"} & set(sources_of(one)))


def _clusters(judged: Judged) -> Iterator[pa.Table]:
    names = judged.profile.domains.text("name")
    rows = [
        (one.id, number, cluster)
        for one in MARKERS
        if one.id in judged.findings
        for number, cluster in enumerate(judged.findings[one.id].clusters)
    ]
    for start in range(0, len(rows), BLOCK):
        yield _clusters_of(names, rows[start : start + BLOCK])


def _clusters_of(names: Words, rows: Sequence[tuple[str, int, Cluster]]) -> pa.Table:
    return pa.table(
        {
            "marker": pa.array([marker for marker, _, _ in rows], pa.string()),
            "cluster": pa.array([number for _, number, _ in rows], pa.int32()),
            "what": pa.array([one.what for _, _, one in rows], pa.string()),
            "domains": pa.array([[names.at(row) for row in one.domains] for _, _, one in rows], pa.list_(pa.string())),
        }
    )


def _thing(one: Shared) -> str:
    return f"{name_of(one.marker)}: {one.what} ({one.domains:,} of {one.of:,})"


def _networks(judged: Judged) -> Iterator[pa.Table]:
    """Domains that several things hold together, as clusters of no marker; what they share in words."""
    names = judged.profile.domains.text("name")
    found = [one for one in networks(judged.findings) if one.is_proven]
    for start in range(0, len(found), BLOCK):
        part = found[start : start + BLOCK]
        things = [[_thing(shared) for shared in one.shared[:MOST_THINGS]] for one in part]
        yield pa.table(
            {
                "marker": pa.array([""] * len(part), pa.string()),
                "cluster": pa.array(range(start, start + len(part)), pa.int32()),
                "what": pa.array([one.shared[0].what for one in part], pa.string()),
                "domains": pa.array([[names.at(row) for row in one.domains] for one in part], pa.list_(pa.string())),
                "things": pa.array(things, pa.list_(pa.string())),
            }
        )


# --- Columns ----------------------------------------------------------------------------------------------------------
def _text(words: Words, rows: NDArray[np.int64] | NDArray[np.int32]) -> pa.Array:
    """The texts of these rows; "" where nothing is known, and for row -1."""
    codes = words.take(rows).codes
    values = pa.array((*words.values, ""), pa.string())
    return values.take(pa.array(np.where(codes < 0, len(words.values), codes)))


def _of_sets(found: Sets, rows: NDArray[np.int64]) -> pa.ListArray:
    """The lists of rows that follow each other."""
    codes = found.codes[found.starts[rows[0]] : found.starts[rows[-1] + 1]]
    return _lists(found.sizes[rows], pa.array(found.values, pa.string()).take(pa.array(codes)))


def _flag(values: Numbers) -> pa.Array:
    return pa.array(np.nan_to_num(values, nan=-1).astype(np.int8))


def _day(values: Numbers) -> pa.Array:
    return pa.array(np.nan_to_num(values, nan=0).astype(np.int32)).cast(pa.date32())
