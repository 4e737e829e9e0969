"""Looking for patterns in many texts at once, and putting together what markers say.

Decided: a column may have a million different titles; a pattern of RE2 goes over them in a tenth of a second, so that
only those that may hold something are taken apart one by one.
"""

from collections.abc import Iterable, Sequence
from re import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audit.profile import Flags, Words


def found_in(texts: Sequence[str], pattern: str) -> Flags:
    """Whether each text has the RE2 pattern."""
    found = pc.match_substring_regex(pa.array(texts, pa.string()), pattern=pattern)
    return found.to_numpy(zero_copy_only=False).astype(np.bool_)


def any_part(parts: Iterable[str]) -> str:
    """RE2: one of these, whatever its case, wherever it stands."""
    return "(?i)" + "|".join(map(escape, sorted(parts)))


def either(rows: Flags, first: Words, second: Words) -> Words:
    """The first text in these rows, the second elsewhere."""
    others = np.where(second.codes >= 0, second.codes + len(first.values), -1)
    return Words(np.where(rows, first.codes, others).astype(np.int32), (*first.values, *second.values))
