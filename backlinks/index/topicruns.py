"""Judging: topics of the newest generation of each target, as a step of its own behind the settle.

Decided: looking up every word of a million links takes about as long as their settle, and nobody waits for topics, so
an import does not either: a task finds the targets whose newest generation, or whose words, were not judged yet. A run
is written whole, then published by one row; until then readers see the topics of the run before. Targets that fail keep
nobody waiting: they are tried in halves behind the others, and one that fails by itself rests for an hour.
Refused: topics within the settle, which would double it; topics at read, which would take seconds.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import inf
from time import monotonic, time
from typing import Any

from django.core.cache import cache

from . import engine
from .derive import OF_GENERATION
from .portions import portions
from .topicjudge import CRAWLED_SQL, topics_sql
from .topicwords import WORD_SETTINGS, ready_words

LINKS_A_PASS = 300_000
SAMPLED = 10_000
LONG_AGO = 900  # seconds after which nobody reads a run that another one replaced
TIDIED_AT_ONCE = 500
FAILED = "topics-failed"  # key of the cache: (workspace, generation, target) -> (due again when, in steps of how many)
REST_SECONDS, KEPT_SECONDS = 3600, 86_400
LAST_NAME = "\U0010ffff"
JUDGE_SETTINGS = {**WORD_SETTINGS, "max_bytes_before_external_group_by": 1_500_000_000}
_DUE = """SELECT newest.workspace AS workspace, target_domain, generation, links FROM (
        SELECT workspace, target_domain, max(generation) AS generation, argMax(links, generation) AS links
        FROM generations WHERE ONLY GROUP BY workspace, target_domain HAVING argMax(domains, generation) > 0) AS newest
    LEFT JOIN (
        SELECT workspace, target_domain, argMax(generation, run) AS judged, argMax(taxonomy, run) AS by_words
        FROM topic_runs GROUP BY workspace, target_domain) AS runs USING (workspace, target_domain)
    WHERE judged != generation OR by_words != {taxonomy:UInt64}
    ORDER BY workspace, generation, target_domain"""


logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """Targets of one generation whose topics are to be judged, and how many links they have."""

    workspace: int
    generation: int
    targets: tuple[str, ...]
    links: int


def judge_topics(workspace: int, targets: Iterable[str]) -> int:
    """Judge the topics of these targets of a workspace, where that is due; returns of how many."""
    only = "workspace = {workspace:UInt32} AND target_domain IN {targets:Array(String)}"
    words = ready_words()
    found = [
        row
        for names in portions(targets)
        for row in engine.read(_DUE.replace("ONLY", only), words | {"workspace": workspace, "targets": names})
    ]
    return sum(_judge(one, words) for one in _together(found))


def judge_due_topics(seconds: float, renew: Callable[[], None] | None = None) -> int:
    """Judge what is due until the time is up; returns how many targets. `renew` is called before long statements."""
    until, words, count = monotonic() + seconds, ready_words(), 0
    waiting = deque(_steps(engine.read(_DUE.replace("ONLY", "1"), words)))
    while waiting:
        one = waiting.popleft()
        try:
            count += _judge(one, words, renew)
        except engine.FAILURES:
            waiting.extend(_halves(one))
        if monotonic() > until:
            break
    return count


def _steps(rows: Sequence[dict[str, Any]]) -> Iterator[Due]:
    """What has failed before comes behind the others, in smaller steps; without what rests."""
    failed, now = cache.get(FAILED, {}), time()
    yield from _together([row for row in rows if _key(row) not in failed])
    again: dict[tuple[int, int, int], list[dict[str, Any]]] = {}
    for row in rows:
        until, most = failed.get(_key(row), (inf, 1))
        if until <= now:
            again.setdefault((row["workspace"], row["generation"], most), []).append(row)
    for (workspace, generation, most), found in again.items():
        for at in range(0, len(found), most):
            step = found[at : at + most]
            targets, links = tuple(row["target_domain"] for row in step), sum(row["links"] for row in step)
            yield Due(workspace, generation, targets, links)


def _key(row: dict[str, Any]) -> tuple[int, int, str]:
    return row["workspace"], row["generation"], row["target_domain"]


def _halves(one: Due) -> list[Due]:
    """What a step that has failed is tried again as; one target by itself is logged, and rests."""
    middle = len(one.targets) // 2
    if not middle:
        logger.exception("topics of %s in workspace %s were not judged", one.targets[0], one.workspace)
        _note(one, time() + REST_SECONDS, 1)
        return []
    _note(one, 0, middle)
    return [replace(one, targets=part) for part in (one.targets[:middle], one.targets[middle:])]


def _note(one: Due, until: float, most: int) -> None:
    """Remember for a day that these targets failed: they are due again at `until`, in steps of at most `most`."""
    noted = {(one.workspace, one.generation, target): (until, most) for target in one.targets}
    cache.set(FAILED, cache.get(FAILED, {}) | noted, KEPT_SECONDS)


def _together(rows: Sequence[dict[str, Any]]) -> Iterator[Due]:
    """Small targets of one generation together, a big one alone."""
    for (workspace, generation), found in groupby(rows, key=lambda row: (row["workspace"], row["generation"])):
        sizes = {row["target_domain"]: row["links"] for row in found}
        for names in portions(sizes):
            held: list[str] = []
            links = 0
            for name in names:
                if held and links + sizes[name] > LINKS_A_PASS:
                    yield Due(workspace, generation, tuple(held), links)
                    held, links = [], 0
                held.append(name)
                links += sizes[name]
            yield Due(workspace, generation, tuple(held), links)


def _judge(one: Due, words: dict[str, Any], renew: Callable[[], None] | None = None) -> int:
    """Write the topics of one step and publish them."""
    run = engine.read("SELECT toUInt64(toUnixTimestamp64Nano(now64(9))) AS run")[0]["run"]
    of_generation = {"workspace": one.workspace, "generation": one.generation, "targets": list(one.targets)}
    bound = words | of_generation | {"run": run, "scope": sorted({0, one.workspace})}
    statement = topics_sql(with_crawls=bool(engine.read(CRAWLED_SQL, bound)))
    for start, end in pairwise(("", *_cuts(of_generation, one.links), LAST_NAME)):
        if renew:
            renew()
        engine.write(statement, bound | {"from_domain": start, "to_domain": end}, **JUDGE_SETTINGS)
    count = len(one.targets)
    stamps = {"workspace": one.workspace, "run": run, "generation": one.generation, "taxonomy": words["taxonomy"]}
    engine.insert(
        "topic_runs",
        {"target_domain": list(one.targets)} | {name: [value] * count for name, value in stamps.items()},
    )
    return count


def _cuts(of_generation: dict[str, Any], links: int) -> list[str]:
    """Names of referring domains that cut a big target into passes of about LINKS_A_PASS links."""
    passes = -(-links // LINKS_A_PASS)
    if passes < 2:
        return []
    (found,) = engine.read(
        f"SELECT arraySort(groupArraySample({SAMPLED}, 1)(source_domain)) AS sample FROM links WHERE {OF_GENERATION}",
        of_generation,
    )
    sample = found["sample"]
    return sorted({sample[len(sample) * number // passes] for number in range(1, passes)})


def tidy_topics(grace_seconds: int = LONG_AGO) -> int:
    """Delete runs that a newer one has replaced for longer than any reader lasts; returns how many."""
    old = engine.read(
        """SELECT target_domain, workspace, run FROM topic_runs
        WHERE (target_domain, workspace, run) NOT IN (
            SELECT target_domain, workspace, max(run) FROM topic_runs GROUP BY target_domain, workspace)
        AND run < toUnixTimestamp64Nano(now64(9)) - {grace:UInt64} * 1000000000 LIMIT {limit:UInt64}""",
        {"grace": grace_seconds, "limit": TIDIED_AT_ONCE},
    )
    keys = [(row["target_domain"], row["workspace"], row["run"]) for row in old]
    for table in ("topics", "topic_runs") if keys else ():
        engine.delete(
            table, "(target_domain, workspace, run) IN {keys:Array(Tuple(String, UInt32, UInt64))}", {"keys": keys}
        )
    return len(keys)
