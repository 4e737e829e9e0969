"""Answers of dear questions about a published generation, kept for a while: the same question gives the same rows.

Decided: a generation never changes, so a statement that names it, with all its parameters, is a key to its answer, and
a new generation has new keys. Whatever else a statement reads and does not name (runs of topics, profiles of others)
the caller adds as `beside`. Only what took longer than DEAR_SECONDS and is short is kept; everything else is quicker
asked again. Refused: settled copies of every report, because most profiles are looked at by nobody.
"""

import hashlib
import time
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache

from . import engine

DEAR_SECONDS = 0.1
KEPT_SECONDS = 600
MOST_ROWS = 2_000


def read(sql: str, parameters: Mapping[str, Any], *, beside: object = "", **options: Any) -> list[dict[str, Any]]:
    """As `engine.read`; an answer that was dear is given again without asking."""
    said = repr((sql, sorted(parameters.items()), beside))
    key = f"index-{hashlib.sha256(said.encode(errors='replace')).hexdigest()}"
    found = cache.get(key)
    if found is not None:
        return found
    started = time.monotonic()
    rows = engine.read(sql, parameters, **options)
    if time.monotonic() - started > DEAR_SECONDS and len(rows) <= MOST_ROWS:
        cache.set(key, rows, KEPT_SECONDS)
    return rows
