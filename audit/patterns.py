"""What scores are made of besides weights, kept in little room, so that other weights can be tried in a moment.

Decided: links of which every marker says the same score the same, but for how fresh they are. Each such pattern is kept
once, as bits by flag ("fired NET02", "lost"), so that a marker is found by its name whatever the catalogue has become;
each domain keeps the patterns of its links with the freshest of each, which is all that its risk and confidence need.
A million links are scored anew in the time of their patterns. Refused: rounding, or a score by a second formula:
`score.of_facts` is the only one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backlinks import index

from .markers import MARKERS
from .markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, Found
from .profile import DOMAINS, LINKS, PAGES, Flags, Numbers, Profile, of_links
from .score import DomainScores, Facts, of_domains, of_facts
from .weights import Weights

AT_ONCE = 30  # states of two bits that fit into a number
BITS = 64
FIRES, KNOWN, ASKED, TOGETHER, LOST, SILENT = "fired", "known", "asked", "together", "lost", "silent"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the index keeps of an audit: its domains with what was said of them, and what scores them anew.

    `domain` is the row of `names` that each of the rows of patterns belongs to.
    """

    names: pa.Array
    risk: NDArray[np.uint8]
    band: NDArray[np.str_]
    facts: Facts
    domain: NDArray[np.int64]
    pattern: NDArray[np.int64]
    freshness: Numbers


# --- Writing ----------------------------------------------------------------------------------------------------------
def numbered(profile: Profile, findings: Mapping[str, Found], facts: Facts) -> NDArray[np.int64]:
    """The pattern of each link, counted from 0."""
    number = np.zeros(facts.count, np.int64)
    for unit in (DOMAINS, PAGES, LINKS):
        states = [findings[one.id].state for one in MARKERS if one.unit == unit and one.id in findings]
        more = [*facts.together.values(), facts.lost, facts.silent] if unit == LINKS else []
        own = _distinct([*states, *more], profile.rows(unit).count)
        number = _joined(number, of_links(profile, unit, own))
    return number


def _distinct(columns: list[NDArray[np.uint8] | Flags], count: int) -> NDArray[np.int64]:
    """A number for each row: the same where all columns are."""
    number = np.zeros(count, np.int64)
    for start in range(0, len(columns), AT_ONCE):
        part = np.zeros(count, np.int64)
        for place, column in enumerate(columns[start : start + AT_ONCE]):
            part |= column.astype(np.int64) << 2 * place
        number = _joined(number, np.unique(part, return_inverse=True)[1])
    return number


def _joined(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each pair; both are counted from 0."""
    if not len(one):
        return one
    return np.unique(one * (int(other.max()) + 1) + other, return_inverse=True)[1]


def flags_of(facts: Facts, number: NDArray[np.int64]) -> pa.Table:
    """Every flag that is true of some pattern."""
    first = np.unique(number, return_index=True)[1]
    flags = [(name, _words(bits[first])) for name, bits in _flags(facts) if bits[first].any()]
    sizes = np.concatenate(([0], np.cumsum([len(words) for _, words in flags]))).astype(np.int32)
    words = np.concatenate([words for _, words in flags]) if flags else np.zeros(0, np.uint64)
    return pa.table(
        {
            "flag": pa.array([name for name, _ in flags], pa.string()),
            "words": pa.ListArray.from_arrays(pa.array(sizes), pa.array(words)),
        }
    )


def _flags(facts: Facts) -> Iterator[tuple[str, Flags]]:
    for name, state in facts.states.items():
        yield f"{FIRES} {name}", state == FIRED
        if name in facts.applying:
            yield f"{KNOWN} {name}", (state == FIRED) | (state == CLEAR)
            yield f"{ASKED} {name}", state != BESIDE
    for (context, other), rows in facts.together.items():
        yield f"{TOGETHER} {context} {other}", rows
    yield LOST, facts.lost
    yield SILENT, facts.silent


def _words(bits: Flags) -> NDArray[np.uint64]:
    padded = np.zeros(-(-len(bits) // BITS) * BITS, np.bool_)
    padded[: len(bits)] = bits
    return np.packbits(padded, bitorder="little").view(np.dtype("<u8"))


def domains_of(profile: Profile, facts: Facts, number: NDArray[np.int64]) -> pa.Table:
    """The patterns of each domain's links."""
    width = int(number.max()) + 1 if len(number) else 1
    key = profile.domain.astype(np.int64) * width + number
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1)) if len(order) else np.zeros(0, np.int64)
    pairs = key[order[starts]]
    freshness = np.maximum.reduceat(facts.freshness[order], starts) if len(starts) else np.zeros(0, np.float32)
    names = pa.array([profile.domains.text("name").at(row) for row in range(profile.domains.count)], pa.string())
    return pa.table(
        {
            "source_domain": names.take(pa.array(pairs // width)),
            "pattern": pa.array((pairs % width).astype(np.uint32)),
            "links": pa.array(np.diff(starts, append=len(order)).astype(np.uint64)),
            "freshness": pa.array(freshness.astype(np.float32)),
        }
    )


# --- Reading ----------------------------------------------------------------------------------------------------------
def kept(run: index.auditlists.AuditRun) -> Kept | None:
    """What is kept of a run; None where it was made before patterns were."""
    said = index.audits.bands(run.target, run.workspace, run.run)
    rows = index.audits.domain_patterns(run.target, run.workspace, run.run)
    flags = index.audits.patterns(run.target, run.workspace, run.run)
    names = said["source_domain"].combine_chunks()
    coded = rows["source_domain"].combine_chunks().dictionary_encode()
    if not coded.dictionary.equals(names):  # both are in the order of their names
        return None
    pattern = rows["pattern"].to_numpy().astype(np.int64)
    return Kept(
        names,
        said["risk"].to_numpy().astype(np.uint8),
        said["band"].to_numpy().astype(np.str_),
        facts_from(
            zip(flags["flag"].to_pylist(), _lists(flags["words"]), strict=True), int(pattern.max(initial=-1)) + 1
        ),
        coded.indices.to_numpy().astype(np.int64),
        pattern,
        rows["freshness"].to_numpy().astype(np.float32),
    )


def _lists(column: pa.ChunkedArray) -> Iterator[NDArray[np.uint64]]:
    for chunk in column.chunks:
        values, offsets = chunk.values.to_numpy(), chunk.offsets.to_numpy()
        yield from (values[start:end] for start, end in pairwise(offsets))


def facts_from(flags: Iterable[tuple[str, NDArray[np.uint64]]], count: int) -> Facts:
    """The facts of each of `count` patterns; a marker that the catalogue no longer has is left out."""
    bits = {name: _bits(words, count) for name, words in flags}
    never = np.zeros(count, np.bool_)
    together = {
        (name.split()[1], name.split()[2]): rows for name, rows in bits.items() if name.startswith(f"{TOGETHER} ")
    }
    names = [one.id for one in MARKERS]
    return Facts(
        {name: _states(*(bits.get(f"{flag} {name}", never) for flag in (FIRES, KNOWN, ASKED))) for name in names},
        frozenset(name for name in names if f"{ASKED} {name}" in bits),
        {pair: rows for pair, rows in together.items() if set(pair) <= set(names)},
        bits.get(LOST, never),
        bits.get(SILENT, never),
        np.ones(count, np.float32),
    )


def _bits(words: NDArray[np.uint64], count: int) -> Flags:
    return np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little")[:count].astype(np.bool_)


def _states(fired: Flags, known: Flags, asked: Flags) -> NDArray[np.uint8]:
    return np.where(fired, FIRED, np.where(known, CLEAR, np.where(asked, UNKNOWN, BESIDE))).astype(np.uint8)


def rescored(one: Kept, weights: Weights) -> DomainScores:
    """What each domain scores by these weights."""
    links = of_facts(one.facts, weights)
    confidence = links.confidence[one.pattern] * one.freshness
    return of_domains(one.domain, len(one.names), links.risk[one.pattern], confidence)
