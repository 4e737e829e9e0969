"""From the lines of a release to its domains: numbers, the neighbourhood, and ranks that share a value.

Decided: at domain level an id is the file's own line number, unless a name was refused or stands there twice; at host
level domains are numbered densely in the order of their reversed names. The names never come here: the index sorts
them, and hands over line numbers in that order with a mark where a domain begins. What is held is one number of four
bytes a line (1 GB for 247 M hosts), only where lines and domains differ, a byte a line for a neighbourhood, and eight
bytes for each run of tied ranks. Refused: a dictionary of names, which would take 100 bytes a name and more.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from backlinks import index
from backlinks.index import graph
from projects.models import Competitor, Project
from seoapp.lib import weburl
from seoapp.lib.weburl import BadUrl, Target

NONE = np.uint32(2**32 - 1)
SLICE_LINES = 1 << 19
POSITIONS = 1 << 23  # of a rank that are looked at together
RANKS = ("harmonic", "pagerank")
Step = Callable[[], None]  # shows that the work goes on


# --- Numbers ------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Numbers:
    """Which domain a line is. `of_line` is None where they are the same; `firsts` are first ids of folded ranges."""

    ranges: list[graph.Range]
    of_line: np.ndarray | None = None
    firsts: list[int] = field(default_factory=list)

    def of(self, lines: np.ndarray) -> np.ndarray:
        return lines if self.of_line is None else self.of_line[lines]


def number(batch: index.Batch, lines: int, step: Step, *, folded: bool, distinct: bool) -> Numbers:
    """Number the domains. `distinct`: each name stands once."""
    made = Numbers(graph.bounds(batch, SLICE_LINES))
    if folded or not distinct or graph.held(batch, "graph_names") < lines:
        made.of_line = np.full(lines, NONE, np.uint32)
        count = 0
        for part in made.ranges:
            made.firsts.append(count)
            ids, begins = graph.ordered_ids(batch, part)
            domains = np.cumsum(begins) - 1
            made.of_line[ids] = (domains + count if folded else ids[begins][domains]).astype(np.uint32)
            count += int(begins.sum())
            step()
    return made


# --- The neighbourhood --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Domains that the workspaces look at, and those that link to them; `digest` tells one such set from another."""

    domains: tuple[str, ...]
    targets: int

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.domains).encode()).hexdigest()[:16]


def neighbourhood() -> Neighbourhood:
    """Domains of all projects, their competitors, and the referring domains that the index knows of them."""
    targets = {project.domain for project in Project.objects.filter(removed_at=None).only("domain")}
    for text in Competitor.objects.filter(project__removed_at=None).values_list("target", flat=True):
        try:
            targets.add(Target.parse(text).domain)
        except BadUrl:  # what somebody typed long ago
            continue
    domains = {weburl.registrable_domain(name) for name in targets}
    return Neighbourhood(tuple(sorted(domains | set(graph.referring_domains(sorted(domains))))), len(domains))


def marked(batch: index.Batch, domains: Sequence[str], numbers: Numbers, lines: int) -> np.ndarray:
    """Which ids belong to these domains."""
    return _mask((numbers.of(ids) for ids in graph.ids_of(batch, domains)), lines)


def linked(batch: index.Batch, lines: int, at_once: int) -> np.ndarray:
    """Which ids are an end of an edge that was kept."""
    return _mask(graph.linked_ids(batch, at_once), lines)


def _mask(found: Iterable[np.ndarray], lines: int) -> np.ndarray:
    mask = np.zeros(lines, bool)
    for ids in found:
        mask[ids] = True
    return mask


# --- Ranks --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Ties:
    """Runs of positions that share a value: `middle` of those from `first` to `last`."""

    first: np.ndarray
    last: np.ndarray

    def middle(self, at: np.ndarray) -> np.ndarray:
        """Positions as they are shown: of a tied one the middle of its run."""
        shown = at.astype(np.float64)
        if len(self.first):
            run = np.maximum(np.searchsorted(self.first, at, "right") - 1, 0)
            tied = (at >= self.first[run]) & (at <= self.last[run])
            shown[tied] = (self.first[run][tied].astype(np.float64) + self.last[run][tied]) / 2
        return shown


def ties(batch: index.Batch, value: str, lines: int, step: Step) -> Ties:
    """Runs of positions with one value, of a rank: some positions at a time, so that a longer file needs no more."""
    firsts, lasts = [np.zeros(0, np.uint32)], [np.zeros(0, np.uint32)]
    before = np.zeros(0, np.int64), np.zeros(0)  # the last known position and its value
    for start in range(0, lines + 1, POSITIONS):
        held = np.full(min(POSITIONS, lines + 1 - start), np.nan)
        at, values = graph.positions(batch, value, start, start + POSITIONS)
        held[at - np.uint32(start)] = values
        step()
        known = np.flatnonzero(~np.isnan(held))
        places = np.concatenate((before[0], known + start))
        first, last = _runs(places, np.concatenate((before[1], held[known])))
        firsts.append(first)
        lasts.append(last)
        before = places[-1:], held[known[-1:]] if len(known) else before[1]
    return _chained(np.concatenate(firsts), np.concatenate(lasts))


def _runs(places: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(first, last) places of the runs of equal neighbours."""
    edges = np.diff(np.concatenate(([0], values[1:] == values[:-1], [0])).astype(np.int8))
    return places[np.flatnonzero(edges == 1)].astype(np.uint32), places[np.flatnonzero(edges == -1)].astype(np.uint32)


def _chained(first: np.ndarray, last: np.ndarray) -> Ties:
    """Runs that go on where another one ended are one."""
    goes_on = np.concatenate((first[1:] == last[:-1], [False])) if len(first) else np.zeros(0, bool)
    return Ties(first[~np.roll(goes_on, 1)], last[~goes_on])


def chosen(domains: pa.Table, first: int | None, used: np.ndarray | None) -> pa.Table:
    """Domains by their ids (from `first` on where hosts were folded), without those that no edge needs."""
    if first is not None:
        ids = pa.array(np.arange(first, first + domains.num_rows, dtype=np.uint32))
        domains = domains.drop_columns("id").append_column("id", ids)
    return domains if used is None else domains.filter(pa.array(used[domains["id"].to_numpy()]))


def shown(domains: pa.Table, tied: dict[str, Ties]) -> pa.Table:
    """Domains with positions as they are shown; those without a rank keep 0."""
    for name in RANKS:
        at = domains[f"{name}_at"].to_numpy()
        middle = tied[name].middle(at) if name in tied else np.zeros(len(at))
        domains = domains.drop_columns(f"{name}_at").append_column(f"{name}_at", pa.array(middle))
    return domains
