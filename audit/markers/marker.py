"""What a marker is, and what it says of each row: fired, clear, unknown, or that it does not apply.

Decided: a marker is a pure function of a frozen profile and its limits; it has no clock and opens nothing. What fires
carries a value, and where it helps a text and the cluster of domains that it shares with others, so that every point
can be traced. A row whose data is missing is unknown, never clear. Refused: a marker as a class with state.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.profile import Flags, Numbers, Profile, Words

UNKNOWN, CLEAR, FIRED, BESIDE = range(4)  # BESIDE: the marker does not apply to the row
KNOCK_OUT, EVIDENCE, CONTEXT, BECOMES = "K", "E", "C", "C→E"
KINDS = (KNOCK_OUT, EVIDENCE, CONTEXT, BECOMES)
GROUPS = {
    "NET": "Networks",
    "ANC": "Anchors",
    "PLC": "Placement",
    "PAG": "Linking page",
    "DOM": "Linking domain",
    "PRO": "Whole profile",
    "TRU": "Trust",
}
Limits = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Domains (their rows, sorted) that share one thing; `what` names it: an address, a title, an account."""

    what: str
    domains: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a marker says of the rows of its unit: `state` of each, its `value` (NaN: none), its text, and its cluster
    (-1: none) in `clusters`."""

    state: NDArray[np.uint8]
    value: Numbers
    said: Words | None = None
    cluster: NDArray[np.int32] | None = None
    clusters: tuple[Cluster, ...] = ()

    @property
    def fired(self) -> Flags:
        return self.state == FIRED


@dataclass(frozen=True, slots=True)
class Marker:
    """`fact` says in words what was found, with {value}, {limit names} and {said}; `needs` are columns as "unit.name"
    (or sources of `About.offered` as "source.name") without which it is unknown."""

    id: str
    name: str
    kind: str
    unit: str
    needs: tuple[str, ...]
    fact: str
    test: Callable[[Profile, Limits], Found]
    limits: Limits = field(default_factory=dict)
    basis: str = "ours"
    points: float | None = None  # where they are not those of its class

    @property
    def group(self) -> str:
        return self.id[:3]


# --- Saying it --------------------------------------------------------------------------------------------------------
def above(values: Numbers, limit: float, *, said: Words | None = None) -> Found:
    """Fires where a value is greater than the limit; unknown where there is none."""
    return judged(values > limit, known=~np.isnan(values), value=values, said=said)


def below(values: Numbers, limit: float, *, said: Words | None = None) -> Found:
    """Fires where a value is smaller than the limit; unknown where there is none."""
    return judged(values < limit, known=~np.isnan(values), value=values, said=said)


def judged(
    fires: Flags,
    *,
    known: Flags,
    value: NDArray[Any] | None = None,
    said: Words | None = None,
    applies: Flags | None = None,
) -> Found:
    """Fires where `fires` and `known`; clear where known only; a row to which it does not apply is beside it."""
    state = np.where(known, np.where(fires, FIRED, CLEAR), UNKNOWN).astype(np.uint8)
    if applies is not None:
        state[~applies] = BESIDE
    shown = np.full(len(state), np.nan, np.float32) if value is None else value.astype(np.float32)
    return Found(state, shown, said)


def nothing_known(count: int) -> Found:
    """Unknown in every row."""
    return Found(np.zeros(count, np.uint8), np.full(count, np.nan, np.float32))


def clustered(
    codes: NDArray[np.int32],
    homes: NDArray[np.int32],
    names: Sequence[str],
    least: int,
    *,
    most: int | None = None,
    known: Flags | None = None,
) -> Found:
    """Fires for rows that share a code with rows of `least` domains or more (`most` at most, where strangers share).

    `codes`: the shared thing of each row, -1 none; `homes`: the domain of each row; `names`: what each code is called.
    The value is the number of domains, the text the shared thing. Without `known`, rows of code -1 are unknown.
    """
    pairs = distinct(codes, homes)
    counts = np.bincount(pairs >> 32, minlength=len(names))
    chosen = np.flatnonzero((counts >= least) & (counts <= (len(homes) if most is None else most)))
    number = np.full(len(names), -1, np.int32)
    number[chosen] = np.arange(len(chosen), dtype=np.int32)
    size = np.where(counts > 0, counts, np.nan)
    found = judged(
        _at(number, codes, -1) >= 0,
        known=codes >= 0 if known is None else known,
        value=_at(size, codes, np.nan),
        said=Words(codes, tuple(names)),
    )
    clusters = _clusters(pairs, chosen, names)
    return Found(found.state, found.value, found.said, _at(number, codes, -1).astype(np.int32), clusters)


def _at(values: NDArray[Any], codes: NDArray[np.int32], missing: float) -> NDArray[Any]:
    if not len(values):
        return np.full(len(codes), missing)
    return np.where(codes >= 0, values[codes], missing)


def distinct(codes: NDArray[np.int32], homes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Each (code, domain) once, in their order, as code << 32 | domain; rows of code -1 are left out."""
    pairs = np.sort((codes.astype(np.int64) << 32 | homes)[codes >= 0])
    return pairs[np.append(True, pairs[1:] != pairs[:-1])] if len(pairs) else pairs


def _clusters(pairs: NDArray[np.int64], chosen: NDArray[np.int64], names: Sequence[str]) -> tuple[Cluster, ...]:
    """Of `distinct` pairs those of one code lie together."""
    starts = np.searchsorted(pairs, chosen << 32)
    ends = np.searchsorted(pairs, chosen + 1 << 32)
    return tuple(
        Cluster(names[code], tuple((pairs[start:end] & 0xFFFFFFFF).tolist()))
        for code, start, end in zip(chosen.tolist(), starts.tolist(), ends.tolist(), strict=True)
    )


def by_id(markers: Iterable[Marker]) -> dict[str, Marker]:
    return {one.id: one for one in markers}
