"""Markers of several signs, and of figures with a band: what their tests share.

Decided: of several signs one that holds is enough, and what is said names all that hold; it is clear only where every
one of them is known. A figure at the limit of "from" fires, one at the limit of "above" does not.
"""

from collections.abc import Callable, Mapping
from itertools import compress

import numpy as np

from audit.profile import Flags, Numbers, Profile, Sets, Words

from .marker import Found, Limits, above, below, judged

Test = Callable[[Profile, Limits], Found]


def any_of(signs: Mapping[str, Numbers], *, applies: Flags | None = None) -> Found:
    """Fires where a sign is 1; the value is how many are, the text names them. Signs are 1, 0 or NaN; up to 30."""
    held = [values == 1 for values in signs.values()]
    bits = sum((one.astype(np.int32) << place for place, one in enumerate(held)), np.zeros(len(held[0]), np.int32))
    used, codes = np.unique(bits, return_inverse=True)
    names = tuple(", ".join(compress(signs, (bit >> place & 1 for place in range(len(held))))) for bit in used.tolist())
    known = ~np.logical_or.reduce([np.isnan(values) for values in signs.values()])
    said = Words(np.where(bits > 0, codes, -1).astype(np.int32), names)
    return judged(bits > 0, known=known | (bits > 0), value=np.sum(held, axis=0), said=said, applies=applies)


def sign(fires: Flags, known: Flags) -> Numbers:
    """1 where it fires, else 0 where it is known, else NaN."""
    return np.where(fires, 1, np.where(known, 0, np.nan)).astype(np.float32)


def holding(sets: Sets, counts: Callable[[str], bool]) -> Flags:
    """Rows with one thing at least that counts, asked once for each distinct one."""
    held = np.zeros(len(sets.known), np.bool_)
    if len(sets.codes):
        held[sets.owners[np.fromiter(map(counts, sets.values), np.bool_, len(sets.values))[sets.codes]]] = True
    return held


# --- Figures ----------------------------------------------------------------------------------------------------------
def is_above(unit: str, column: str) -> Test:
    """Fires where the column is greater than the limit `above`."""
    return lambda profile, limits: above(profile.rows(unit).number(column), limits["above"])


def is_below(unit: str, column: str) -> Test:
    """Fires where the column is smaller than the limit `below`."""
    return lambda profile, limits: below(profile.rows(unit).number(column), limits["below"])


def is_from(unit: str, column: str) -> Test:
    """Fires where the column is the limit `from` or more."""
    return lambda profile, limits: from_on(profile.rows(unit).number(column), limits["from"])


def is_outside(unit: str, column: str, *, zero_is_outside: bool = True) -> Test:
    """Fires where the column is below the limit `low` or above `high`."""
    return lambda profile, limits: outside(profile.rows(unit).number(column), limits, zero_is_outside=zero_is_outside)


def from_on(values: Numbers, limit: float, *, said: Words | None = None) -> Found:
    return judged(values >= np.float32(limit), known=~np.isnan(values), value=values, said=said)


def outside(values: Numbers, limits: Limits, *, zero_is_outside: bool) -> Found:
    low, high = np.float32(limits["low"]), np.float32(limits["high"])
    out = ((values < low) | (values > high)) & (zero_is_outside | (values != 0))
    return judged(out, known=~np.isnan(values), value=values)
