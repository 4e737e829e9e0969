"""Patterns (regular expressions) of advanced filters: read by the index's own engine before a query uses them.

Decided: RE2, whose time grows with the text alone, so that no pattern can hang a query; the index itself says whether a
pattern can be read, because it has the last word. A page with a pattern has five seconds, and says what to do when they
are over. Refused: Python's `re` as a first check, because it reads another language.
"""

import re
from functools import lru_cache

from clickhouse_connect.driver.exceptions import ClickHouseError

from seoapp.lib.expression import Expression

from . import engine

SECONDS = 5
REASON = re.compile(r", error: (.*?)\. Look at", re.S)


@lru_cache(maxsize=1_000)
def problem_of(pattern: str) -> str:
    """Why a pattern cannot be read; "" for one that can."""
    try:
        engine.read("SELECT match('', {pattern:String}) AS fits", {"pattern": pattern})
    except ClickHouseError as error:
        if "CANNOT_COMPILE_REGEXP" not in str(error):
            raise
        found = REASON.search(str(error))
        return (found.group(1) if found else "").strip()[:120] or "the pattern cannot be read"
    return ""


def checked(where: Expression) -> Expression:
    """The expression, or the error of its first bad pattern in place of its tree."""
    for pattern in where.patterns:
        reason = problem_of(pattern)
        if reason:
            said = f"The pattern “{pattern[:60]}” cannot be read: {reason}; patterns are RE2's regular expressions."
            return Expression(where.text, error=said)
    return where
