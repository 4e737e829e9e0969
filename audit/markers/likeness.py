"""Things that are nearly alike, found without comparing each with each: prints of texts, and sets.

Decided: two 64-bit prints that differ in six bits at most agree in two of eight bytes at least, so those that agree in
two bytes are compared, for each of the 28 ways to choose two. Two sets with a share of 0.8 in common share one of the
rarest fifth of their things, so those that do are compared, exactly. Where very many agree by chance, each is compared
with the next `REACH` alone: those that belong together hang together all the same. Refused: MinHash of sets, which is
dearer than the exact answer here.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from audit.profile import Codes, Flags, Prints, Sets

from .sharing import Pairs, components

REACH = 32  # neighbours in an order that each is compared with
CROWD = 4  # a step at which one in so many agrees has joined the crowd: further steps would say it again
BLOCK = 1 << 15  # prints that stay in the cache
PORTION = 1 << 22  # things of sets that are compared at once
SPREAD = np.uint64(0x9E3779B97F4A7C15)


# --- Prints -----------------------------------------------------------------------------------------------------------
def near(prints: Prints, bits: int) -> Pairs:
    """Places of distinct prints that differ in `bits` of 64 at most (six: all of them, more: most of them)."""
    bytewise = np.ascontiguousarray(prints).view(np.uint8).reshape(-1, 8).astype(np.uint16)
    ones, others = [], []
    for one, other in combinations(range(8), 2):
        keys = bytewise[:, one] << 8 | bytewise[:, other]
        order = np.argsort(keys, kind="stable")
        first, second = _near_in_order(prints[order], keys[order], bits)
        ones.append(order[first])
        others.append(order[second])
    return np.concatenate(ones), np.concatenate(others)


def _near_in_order(prints: Prints, keys: NDArray[np.uint16], bits: int) -> Pairs:
    firsts, seconds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    largest = int(np.bincount(keys).max()) if len(keys) else 0
    for start in range(0, len(prints), BLOCK):
        end = min(start + BLOCK, len(prints))
        for step in range(1, min(REACH, largest - 1) + 1):
            last = min(end, len(prints) - step)
            if last <= start:
                break
            differing = np.bitwise_count(prints[start:last] ^ prints[start + step : last + step])
            places = start + np.flatnonzero(differing <= bits)
            places = places[keys[places] == keys[places + step]]
            firsts.append(places)
            seconds.append(places + step)
            if len(places) * CROWD > last - start:
                break
    return np.concatenate(firsts), np.concatenate(seconds)


# --- Sets -------------------------------------------------------------------------------------------------------------
def alike(sets: Sets, rows: Flags, share: float) -> Codes:
    """The number of the group of each row (of `rows`) whose set has `share` of both in common with another's; -1: in
    none. What hangs together is a group."""
    taken = np.flatnonzero(rows)
    first, group = _equal(sets, taken)
    pairs = _candidates(sets, first, share)
    same = _share(sets, pairs) >= share - 1e-9
    merged = components(len(sets.known), (np.append(taken, pairs[0][same]), np.append(group, pairs[1][same])))
    sizes = np.bincount(merged[taken], minlength=len(sets.known))
    found = np.full(len(sets.known), -1, np.int32)
    found[taken] = np.where(sizes[merged[taken]] > 1, merged[taken], -1)
    return found


def _equal(sets: Sets, taken: NDArray[np.int64]) -> Pairs:
    """One row of each set, and for each taken row the one that stands for its set, by a sum of hashes and the size."""
    hashed = (sets.codes.astype(np.uint64) + np.uint64(1)) * SPREAD
    hashed = (hashed ^ hashed >> np.uint64(29)) * SPREAD
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(hashed ^ hashed >> np.uint64(32), dtype=np.uint64)))
    prints = sums[sets.starts[taken + 1]] - sums[sets.starts[taken]]
    order = np.lexsort((taken, sets.sizes[taken], prints))
    changed = (np.diff(prints[order]) != 0) | (np.diff(sets.sizes[taken][order]) != 0)
    heads = np.append(True, changed) if len(order) else np.zeros(0, np.bool_)
    stands = np.empty(len(taken), np.int64)
    stands[order] = taken[order[heads]][np.cumsum(heads) - 1] if len(order) else order
    return np.unique(stands), stands


def _candidates(sets: Sets, rows: NDArray[np.int64], share: float) -> Pairs:
    """Pairs of rows that share one of their rarest things, and whose sizes could fit."""
    chosen = np.zeros(len(sets.known), np.bool_)
    chosen[rows] = True
    owners, sizes = sets.owners, sets.sizes
    keep = chosen[owners]
    owners, codes = owners[keep], sets.codes[keep]
    rarest = np.argsort(np.bincount(codes, minlength=len(sets.values)), kind="stable")
    owners, ranks = _sorted_pairs(owners, _places(rarest)[codes])
    place = np.arange(len(owners)) - np.searchsorted(owners, owners)
    rare = place < sizes[owners] - np.ceil(share * sizes[owners] - 1e-9) + 1
    smallest = np.argsort(sizes, kind="stable")
    ranks, ordered = _sorted_pairs(ranks[rare], _places(smallest)[owners[rare]])
    return _next_to(smallest[ordered], ranks, sizes, share)


def _places(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each thing stands in an order."""
    places = np.empty(len(order), np.int64)
    places[order] = np.arange(len(order))
    return places


def _sorted_pairs(firsts: NDArray[np.int64], seconds: NDArray[np.int64]) -> Pairs:
    packed = np.sort(firsts << 32 | seconds)
    return packed >> 32, packed & 0xFFFFFFFF


def _next_to(owners: NDArray[np.int64], things: NDArray[np.int64], sizes: NDArray[np.int64], share: float) -> Pairs:
    """Those of one thing lie together, the smallest sets first."""
    found = [np.zeros(0, np.int64)]
    for step in range(1, REACH + 1):
        places = np.flatnonzero(things[step:] == things[:-step])
        if not len(places):
            break
        one, other = owners[places], owners[places + step]
        fit = sizes[one] >= share * sizes[other] - 1e-9
        low, high = np.minimum(one, other)[fit], np.maximum(one, other)[fit]
        found.append(low << 32 | high)
    pairs = np.unique(np.concatenate(found))
    return pairs >> 32, pairs & 0xFFFFFFFF


def _share(sets: Sets, pairs: Pairs) -> NDArray[np.float64]:
    """What the two sets of each pair have in common, as a share of both."""
    one, other = sets.sizes[pairs[0]], sets.sizes[pairs[1]]
    common = np.zeros(len(one), np.int64)
    ends = np.cumsum(one + other)
    start = 0
    while start < len(one):
        before = ends[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + PORTION, "right")))
        common[start:end] = _common(sets, pairs[0][start:end], pairs[1][start:end])
        start = end
    return common / np.maximum(one + other - common, 1)


def _common(sets: Sets, ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many things two rows have both, pair by pair: each list has a thing once, so what comes twice is common."""
    rows = np.concatenate((ones, others))
    pair = np.tile(np.arange(len(ones)), 2)
    sizes = sets.sizes[rows]
    offsets = np.cumsum(sizes) - sizes
    places = np.arange(sizes.sum()) - np.repeat(offsets - sets.starts[rows], sizes)
    keys = np.sort(np.repeat(pair, sizes) << 32 | sets.codes[places])
    twice = keys[1:][keys[1:] == keys[:-1]] >> 32
    return np.bincount(twice, minlength=len(ones))
