"""Answers that are kept for a while: the same question about the same generation gives the same rows.

Decided: a generation never changes, so a statement that names it, with all its parameters, is a key to its answer, and
a new generation has new keys. Each process keeps short answers packed in its memory, the dear ones also in the cache
that all share. What statements of STEADY tables answer stands by itself; rows of BATCHED tables count with their batch
or their generation, so those rest on the *epoch*: the newest generation and the newest change of a batch that the
workspace sees. A statement that reads anything else is asked again, unless the caller says with `beside` what it rests
on (runs of topics).
While a page is made (`page`), what it asks twice is asked once, and facts about the whole index are BRIEF_SECONDS old
at most. Outside of a page both are plain reads: who writes must see what it wrote.
Refused: settled copies of every report, because most profiles are looked at by nobody.
"""

import hashlib
import pickle
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.core.cache import cache

from . import engine

DEAR_SECONDS = 0.1
KEPT_SECONDS = 600
BRIEF_SECONDS = 30
MOST_ROWS = 2_000
NEAR_BYTES = 32 << 20  # of this process
# Tables whose rows belong to a generation, a run or a release that the statement names.
STEADY = frozenset((
    "links", "edges", "anchors", "pages", "profiles", "domain_sets", "address_counts", "authority", "page_ranks",
    "graph_domains", "graph_edges", "graph_names", "graph_ranks",
))  # fmt: skip
# Tables whose rows count once their batch is complete, or that tell what counts.
BATCHED = frozenset((
    "batches", "generations", "outbound", "crawled_pages", "internal_links", "checks", "observations", "sightings",
    "ip_ranges", "popularity", "page_facts", "listed_hosts",
))  # fmt: skip
Epoch = tuple[int, int]
EPOCH = """(SELECT max(generation) FROM generations WHERE workspace IN {scope:Array(UInt32)}) AS generation,
    (SELECT max(version) FROM batches WHERE workspace IN {scope:Array(UInt32)}) AS batch"""
READ_FROM = re.compile(r"\b(?:FROM|(?<!ARRAY )JOIN)\s+(\w+)")
Rows = list[dict[str, Any]]
_page: ContextVar[dict[str, Rows] | None] = ContextVar("page", default=None)


class Near:
    """Answers in the memory of this process, the longest unused out first."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._held = most_bytes, 0
        self._answers: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Rows | None:
        """Rows of one's own: whoever asks may change them."""
        with self._lock:
            until, packed = self._answers.get(key, (0.0, b""))
            if until < time.monotonic():
                return None
            self._answers.move_to_end(key)
        return pickle.loads(packed)  # noqa: S301  # packed below, in this process

    def put(self, key: str, rows: Rows, seconds: float) -> None:
        packed = pickle.dumps(rows, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._held -= len(self._answers.pop(key, (0.0, b""))[1])
            self._answers[key] = (time.monotonic() + seconds, packed)
            self._held += len(packed)
            while self._held > self._most:
                self._held -= len(self._answers.popitem(last=False)[1][1])

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._held = 0


near = Near(NEAR_BYTES)


@contextmanager
def page() -> Iterator[None]:
    """A page is being made: what it asks twice is asked once."""
    token = _page.set({})
    try:
        yield
    finally:
        _page.reset(token)


def read(
    sql: str, parameters: Mapping[str, Any], *, epoch: Epoch | None = None, beside: object = None, **options: Any
) -> Rows:
    """As `engine.read`; what was answered before is given again without asking. `epoch` is that of a pinned query."""
    tables = tables_of(sql)
    if STEADY.issuperset(tables):
        key = _key(sql, parameters, beside)
    elif epoch is not None and (beside is not None or tables <= STEADY | BATCHED):
        key = _key(sql, parameters, (epoch, beside))
    else:
        return engine.read(sql, parameters, **options)
    mine = f"{engine.written.times} {key}"  # what this process wrote counts at once
    found = near.get(mine)
    if found is not None:
        return found
    rows = cache.get(key)
    if rows is None:
        started = time.monotonic()
        rows = engine.read(sql, parameters, **options)
        if time.monotonic() - started > DEAR_SECONDS and len(rows) <= MOST_ROWS:
            cache.set(key, rows, KEPT_SECONDS)
    if len(rows) <= MOST_ROWS:
        near.put(mine, rows, KEPT_SECONDS)
    return rows


def once(sql: str, parameters: Mapping[str, Any]) -> Rows:
    """As `engine.read`; a page that asks again is given the same rows."""
    asked = _page.get()
    if asked is None:
        return engine.read(sql, parameters)
    key = _key(sql, parameters, None)
    if key not in asked:
        asked[key] = engine.read(sql, parameters)
    return asked[key]


def briefly(sql: str, parameters: Mapping[str, Any]) -> Rows:
    """As `engine.read`; in a page, facts about the whole index that change once a day."""
    if _page.get() is None:
        return engine.read(sql, parameters)
    key = f"{engine.written.times} brief {_key(sql, parameters, None)}"
    rows = near.get(key)
    if rows is None:
        rows = engine.read(sql, parameters)
        near.put(key, rows, BRIEF_SECONDS)
    return rows


def epoch_is_known(workspace: int) -> bool:
    """Whether it needs no asking: the page has it, or there is none outside of a page."""
    asked = _page.get()
    return asked is None or f"epoch {workspace}" in asked


def epoch_of(workspace: int, said: Mapping[str, Any] | None = None) -> Epoch | None:
    """The epoch of what a workspace sees, which a row may have `said` (EPOCH); the first one holds for the whole page.

    None outside of a page, where nothing that rests on it is kept.
    """
    asked = _page.get()
    if asked is None:
        return None
    key = f"epoch {workspace}"
    if key not in asked:
        asked[key] = [dict(said)] if said else engine.read(f"SELECT {EPOCH}", {"scope": sorted({0, workspace})})
    (found,) = asked[key]
    return found["generation"], found["batch"]


@lru_cache(maxsize=1_000)
def tables_of(sql: str) -> frozenset[str]:
    """The names of the tables that a statement reads."""
    return frozenset(READ_FROM.findall(sql)) - {"SELECT"}


def _key(sql: str, parameters: Mapping[str, Any], beside: object) -> str:
    said = repr((sql, sorted(parameters.items()), beside))
    return f"index-{hashlib.sha256(said.encode(errors='replace')).hexdigest()}"
