"""Things that are nearly alike, found without comparing each with each: prints of texts, and sets.

Decided: two 64-bit prints that differ in six bits at most agree in two of eight bytes at least, so those that agree in
two bytes are compared, for each of the 28 ways to choose two. Of sets, those that agree in a band of a MinHash are
compared, exactly: of two with a share of 0.8 in common one pair in five thousand is overlooked, and the same one every
time. Where very many agree, each is compared with the next few alone: those that belong together hang together all the
same. Refused: posting lists of rare members, which grow with the square where sites link to few domains in all.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from audit.profile import Codes, Flags, Prints, Sets

from .sharing import Pairs, components

REACH = 32  # neighbours in an order that each print is compared with
CROWD = 4  # a step at which one in so many agrees has joined the crowd: further steps would say it again
BLOCK = 1 << 15  # prints that stay in the cache
BANDS, BAND = 16, 4  # of a MinHash
REACH_IN_BAND = 4
NEARLY = 0.2  # a pair whose MinHash is so much less alike is not compared
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
    taken = np.flatnonzero(rows & (sets.sizes > 0))
    found = np.full(len(sets.known), -1, np.int32)
    if not len(taken):
        return found
    first, group = _equal(sets, taken)
    pairs = _candidates(sets, first, share)
    same = _share(sets, pairs) >= share - 1e-9
    merged = components(len(sets.known), (np.append(taken, pairs[0][same]), np.append(group, pairs[1][same])))
    sizes = np.bincount(merged[taken], minlength=len(sets.known))
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
    """Pairs of rows that agree in a band and nearly enough in all of their MinHash."""
    signs = _signs(sets, rows)
    found = [np.zeros(0, np.int64)]
    for start in range(0, BANDS * BAND, BAND):
        keys = np.zeros(len(rows), np.uint64)
        for sign in signs[start : start + BAND]:
            keys = (keys ^ sign) * SPREAD
        order = np.argsort(keys, kind="stable")
        for step in range(1, REACH_IN_BAND + 1):
            places = np.flatnonzero(keys[order[step:]] == keys[order[:-step]])
            found.append(np.sort(order[places] << 32 | order[places + step]))
    pairs = np.unique(np.concatenate(found))
    one, other = pairs >> 32, pairs & 0xFFFFFFFF
    agreeing = np.zeros(len(pairs), np.int64)
    for sign in signs:
        agreeing += sign[one] == sign[other]
    near = agreeing >= (share - NEARLY) * len(signs)
    return rows[one[near]], rows[other[near]]


def _signs(sets: Sets, rows: NDArray[np.int64]) -> list[NDArray[np.uint32]]:
    """The MinHash of each of these rows, which are not empty: for each of many orders its first member."""
    sizes = sets.sizes[rows]
    starts = np.cumsum(sizes) - sizes
    codes = sets.codes[np.arange(sizes.sum()) + np.repeat(sets.starts[rows] - starts, sizes)]
    numbers = np.arange(1, len(sets.values) + 1, dtype=np.uint64)
    signs = []
    for seed in np.arange(BANDS * BAND, dtype=np.uint64) * SPREAD << np.uint64(7):
        mixed = (numbers * SPREAD ^ seed) * SPREAD
        order = ((mixed ^ mixed >> np.uint64(29)) * SPREAD >> np.uint64(32)).astype(np.uint32)
        signs.append(np.minimum.reduceat(order[codes], starts))
    return signs


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
