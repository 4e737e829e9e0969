"""What rows share by lists and by pairs: accounts of pages, addresses of domains, pages that are nearly alike.

Decided: a row with several things fires for the one that most domains share; the clusters hold every thing that fires.
Pairs that were found alike become clusters by joining what hangs together.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from audit.profile import Codes, Flags, Sets, Words

from .marker import BESIDE, CLEAR, FIRED, UNKNOWN, Found, clustered, distinct, judged

Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


def of_lists(
    sets: Sets,
    homes: Codes,
    least: int,
    *,
    most: int | None = None,
    keeps: Callable[[str], bool] = lambda _: True,
    needs_one: bool = False,
) -> Found:
    """`clustered` for rows that have several things each; `keeps` says of each thing whether it counts.

    With `needs_one`, a row of which nothing counts is beside it, else it is clear.
    """
    kept = np.fromiter(map(keeps, sets.values), np.bool_, len(sets.values))
    counts = kept[sets.codes] if len(sets.codes) else np.zeros(0, np.bool_)
    owners = sets.owners[counts]
    each = clustered(sets.codes[counts], homes[owners], sets.values, least, most=most)
    found = _of_rows(each, owners, sets.known)
    if needs_one:
        found.state[sets.known & (np.bincount(owners, minlength=len(homes)) == 0)] = BESIDE
    return found


def _of_rows(each: Found, owners: NDArray[np.int64], known: Flags) -> Found:
    """Of each row's things the one that fires, of several the one that most domains share."""
    order = np.lexsort((np.arange(len(owners)), -np.nan_to_num(each.value), ~each.fired, owners))
    heads = order[np.append(True, np.diff(owners[order]) > 0)] if len(order) else order
    fired = heads[each.fired[heads]]
    chosen = np.full(len(known), -1, np.int64)
    chosen[owners[fired]] = fired
    has = chosen >= 0
    value = np.full(len(known), np.nan, np.float32)
    value[has] = each.value[chosen[has]]
    found = judged(has, known=known, value=value, said=each.said.take(chosen) if each.said else None)
    cluster = np.full(len(known), -1, np.int32)
    if each.cluster is not None:
        cluster[has] = each.cluster[chosen[has]]
    return replace(found, cluster=cluster, clusters=each.clusters)


def few(codes: Codes, homes: Codes, least: int) -> tuple[Codes, NDArray[np.int64]]:
    """Codes numbered anew where `least` domains share one, else -1; and a first row of each new number."""
    pairs = distinct(codes, homes)
    kept = np.flatnonzero(np.bincount(pairs >> 32) >= least)
    number = np.full(int(codes.max(initial=-1)) + 2, -1, np.int32)  # the last one is that of code -1
    number[kept] = np.arange(len(kept), dtype=np.int32)
    fresh = number[codes]
    first = np.zeros(len(kept), np.int64)
    rows = np.flatnonzero(fresh >= 0)[::-1]
    first[fresh[rows]] = rows
    return fresh, first


def either(one: Found, other: Found) -> Found:
    """Fires where one of both does, and says what the first says where both do; clear where one of both is known."""
    second = other.fired & ~one.fired
    quiet = np.where((one.state == UNKNOWN) | (other.state == UNKNOWN), UNKNOWN, one.state)
    quiet[(one.state == CLEAR) | (other.state == CLEAR)] = CLEAR
    state = np.where(one.fired | other.fired, FIRED, quiet).astype(np.uint8)
    value = np.where(second, other.value, one.value).astype(np.float32)
    said = cluster = None
    if one.said and other.said:
        codes = np.where(second & other.said.known, other.said.codes + len(one.said.values), one.said.codes)
        said = Words(codes.astype(np.int32), one.said.values + other.said.values)
    if one.cluster is not None and other.cluster is not None:
        further = np.where(other.cluster >= 0, other.cluster + len(one.clusters), -1)
        cluster = np.where(second, further, one.cluster).astype(np.int32)
    return Found(state, value, said, cluster, one.clusters + other.clusters)


def joined(count: int, pairs: Pairs) -> Codes:
    """The number of the group of each of `count` things, where pairs hang together; -1 of those in no pair."""
    labels = components(count, pairs)
    alone = np.bincount(labels, minlength=count)[labels] < 2
    return np.where(alone, -1, labels).astype(np.int32)


def components(count: int, pairs: Pairs) -> Codes:
    ones = np.ones(len(pairs[0]), np.bool_)
    return connected_components(coo_array((ones, pairs), shape=(count, count)), directed=False)[1].astype(np.int32)
