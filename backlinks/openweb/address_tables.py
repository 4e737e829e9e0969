"""Tables of address ranges: read, judged, and merged into one that does not overlap.

Decided: a table of countries and one of networks each cut the numbers at their own places, so both are swept once: the
numbers between two cuts have one country and one network at most. What lies in a private or otherwise special range is
cut out. Of IPv6 the upper 64 bits are kept: where several ranges share such a piece, it belongs to the one that has
most of it. Whole columns at a time, in numpy: a million ranges take seconds.
"""

import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backlinks import index
from seoapp.lib.addresses import REFUSED_IPV4, REFUSED_IPV6

Numbers = NDArray[np.uint64]
HALF = 64
LOW = 2**HALF - 1
FIRST_IPV6, LAST_IPV6 = 0x2000 << 48, (0x4000 << 48) - 1  # of upper halves: 2000::/3
LAST_IPV4 = 2**32 - 1
ONE = np.uint64(1)


@dataclass(slots=True)
class Rows:
    """Ranges as a file gives them: first and last number, and what it says of them."""

    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    value: list[Any] = field(default_factory=list)

    def add(self, first: int, last: int, value: Any) -> None:
        self.first.append(first)
        self.last.append(last)
        self.value.append(value)


@dataclass(frozen=True, slots=True)
class Ranges:
    """Sorted ranges that do not overlap; `value` is a place in `names`, -1 for none."""

    first: Numbers
    last: Numbers
    value: NDArray[np.int64]
    names: list[Any]


def address_number(cell: str, family: int) -> int:
    """The number of an address, written as a number or in the usual way. Raises `ValueError`."""
    text = cell.strip()
    if text.isdecimal() and len(text) < 40:
        found = int(text)
    else:
        found = int.from_bytes(socket.inet_pton(socket.AF_INET if family == 4 else socket.AF_INET6, text), "big")
    if found > (LAST_IPV4 if family == 4 else 2**128 - 1):
        raise ValueError("no address of this family")
    return found


def ranges_of(rows: Rows, family: int) -> Ranges:
    """What a file has said, in order. Of two ranges that overlap the later one counts: the finer one, where nested."""
    names = sorted(set(rows.value))
    at = {name: place for place, name in enumerate(names)}
    value = np.array([at[one] for one in rows.value], np.int64)
    if family == 4:
        first, last = np.array(rows.first, np.uint64), np.array(rows.last, np.uint64)
    else:
        first, last, value = _upper_halves(rows, value)
    order = np.lexsort((LOW - last, first))
    first, last, value = first[order], last[order], value[order]
    if np.any(first[1:] <= np.maximum.accumulate(last)[:-1]):
        first, last, value = _flat(first, last, value)
    return Ranges(first, last, value, names)


def _flat(first: Numbers, last: Numbers, value: NDArray[np.int64]) -> tuple[Numbers, Numbers, NDArray[np.int64]]:
    """Ranges that may overlap, as ones that do not: the wider one goes on where the finer one has ended."""
    flat: list[tuple[int, int, int]] = []
    open_ones: list[tuple[int, int]] = []
    place = 0

    def close(until: int) -> None:
        nonlocal place
        while open_ones and open_ones[-1][0] < until:
            end, what = open_ones.pop()
            if place <= end:
                flat.append((place, end, what))
                place = end + 1

    for start, end, what in zip(first.tolist(), last.tolist(), value.tolist(), strict=True):
        close(start)
        if open_ones and place < start:
            flat.append((place, start - 1, open_ones[-1][1]))
        place = start
        open_ones.append((end, what))
    close(LOW + 1)
    starts, ends, values = zip(*flat, strict=True)
    return np.array(starts, np.uint64), np.array(ends, np.uint64), np.array(values, np.int64)


def _upper_halves(rows: Rows, value: NDArray[np.int64]) -> tuple[Numbers, Numbers, NDArray[np.int64]]:
    """128 bits to their upper 64: whole pieces as they are, shared ones to the range that has most of each."""
    first, last = _halves(rows.first), _halves(rows.last)
    starts_within, ends_within = first[1] > 0, last[1] < LOW
    inside = first[0] == last[0]
    head = starts_within | (inside & ends_within)
    tail = ends_within & ~inside
    size = np.where(inside, last[1] - first[1], LOW - first[1])
    pieces = np.concatenate((first[0][head], last[0][tail]))
    sizes = np.concatenate((size[head], last[1][tail]))
    values = np.concatenate((value[head], value[tail]))
    order = np.lexsort((sizes, pieces))
    largest = np.append(pieces[order][1:] != pieces[order][:-1], True) if len(pieces) else np.zeros(0, bool)
    shared, owners = pieces[order][largest], values[order][largest]
    body_first, body_last = first[0] + head.astype(np.uint64), last[0] - tail.astype(np.uint64)
    whole = ~(inside & head) & (body_first <= body_last)
    return (
        np.concatenate((body_first[whole], shared)),
        np.concatenate((body_last[whole], shared)),
        np.concatenate((value[whole], owners)),
    )


def _halves(numbers: Sequence[int]) -> tuple[Numbers, Numbers]:
    upper = np.array([number >> HALF for number in numbers], np.uint64)
    return upper, np.array([number & LOW for number in numbers], np.uint64)


# --- Two tables into one ------------------------------------------------------------------------------------------
def merged(countries: Ranges, networks: Ranges, family: int) -> Mapping[str, Sequence[Any]]:
    """Columns of `ip_ranges` for one family."""
    special = _special(family)
    cuts = np.unique(np.concatenate([cut for one in (countries, networks, special) for cut in _cuts(one)]))
    first, last = cuts[:-1], cuts[1:] - ONE
    country, network = _at(countries, first), _at(networks, first)
    within = (first >= FIRST_IPV6) & (last <= LAST_IPV6) if family == 6 else last <= LAST_IPV4
    kept = within & (_at(special, first) < 0) & ((country >= 0) | (network >= 0))
    first, last, country, network = (column[kept] for column in (first, last, country, network))
    starts = _starts(first, last, country, network)
    first, country, network = first[starts], country[starts], network[starts]
    last = last[np.append(starts[1:] - 1, len(last) - 1)] if len(starts) else last
    return _columns(first, last, country, network, (countries.names, networks.names), family)


def _special(family: int) -> Ranges:
    """Ranges that belong to nobody."""
    listed = [ip_network(text) for text in (REFUSED_IPV4 if family == 4 else REFUSED_IPV6)]
    shift = 0 if family == 4 else HALF
    rows = sorted((int(one[0]) >> shift, int(one[-1]) >> shift) for one in listed)
    first, last = (np.array([row[at] for row in rows], np.uint64) for at in (0, 1))
    return Ranges(first, last, np.zeros(len(rows), np.int64), [""])


def _cuts(ranges: Ranges) -> Iterable[Numbers]:
    """Where something begins or has ended; nothing can begin after the last number there is."""
    return ranges.first, ranges.last[ranges.last < LOW] + ONE


def _at(ranges: Ranges, numbers: Numbers) -> NDArray[np.int64]:
    """The value at each of these numbers, -1 for none."""
    if not len(ranges.first):
        return np.full(len(numbers), -1, np.int64)
    place = np.searchsorted(ranges.first, numbers, "right") - 1
    found = np.maximum(place, 0)
    inside = (place >= 0) & (numbers <= ranges.last[found])
    return np.where(inside, ranges.value[found], -1)


def _starts(first: Numbers, last: Numbers, *values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a range begins that does not only go on with the one before."""
    if not len(first):
        return np.zeros(0, np.int64)
    goes_on = first[1:] == last[:-1] + ONE
    for value in values:
        goes_on &= value[1:] == value[:-1]
    return np.flatnonzero(np.append(True, ~goes_on))


def _columns(
    first: Numbers,
    last: Numbers,
    country: NDArray[np.int64],
    network: NDArray[np.int64],
    names: tuple[list[Any], list[Any]],
    family: int,
) -> Mapping[str, Sequence[Any]]:
    """Cut at the borders of buckets, and names in the place of numbers."""
    shift = np.uint64(index.addresses.SHIFTS[family])
    pieces = ((last >> shift) - (first >> shift)).astype(np.int64) + 1
    at = np.repeat(np.arange(len(first)), pieces)
    piece = np.arange(len(at)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    bucket = (first >> shift)[at] + piece.astype(np.uint64)
    countries = [*names[0], ""]
    owners = [*names[1], (0, "")]
    return {
        "family": [family] * len(at),
        "bucket": bucket.tolist(),
        "first": np.maximum(first[at], bucket << shift).tolist(),
        "last": np.minimum(last[at], (bucket << shift) + ((ONE << shift) - ONE)).tolist(),
        "country": [countries[one] for one in country[at].tolist()],
        "asn": [owners[one][0] for one in network[at].tolist()],
        "network": [owners[one][1] for one in network[at].tolist()],
    }
