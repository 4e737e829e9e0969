"""When referring domains began to link: many at once with one anchor, and weeks that stand out.

Decided: days of a file without dates are those of the file, so everything may seem to begin at once. What one anchor
brings is therefore compared with what the rest of the profile did in the same days: only what goes far beyond it is a
burst. It is of somebody's making where it is half or more of what the anchor ever brought: what people name goes on
being named after its first days. Weeks are compared with the weeks before them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from audit.profile import Codes, Numbers, Profile, Words

from .marker import BESIDE, Found, Limits, clustered

# Anchors that people choose by themselves when they write of a site: many at once are news.
USUAL = frozenset(("brand", "naked", "generic", "empty", "image"))
DAY_BITS, DOMAIN_BITS = 16, 24


@dataclass(frozen=True, slots=True)
class _Starts:
    """Per anchor and target the first link of each domain, in the order of group and day; `row` is a link."""

    group: NDArray[np.int64]
    day: NDArray[np.int64]
    row: NDArray[np.int64]


def synchronised(profile: Profile, limits: Limits) -> Found:
    links = profile.links
    day, anchor, target = links.number("first_seen"), links.text("anchor"), links.text("target")
    kinds = links.text("anchor_class")
    usual = np.nan_to_num(kinds.each(USUAL.__contains__)).astype(np.bool_)
    empty = ~anchor.known & (links.number("anchor_known") == 1)
    known = anchor.known & target.known & ~np.isnan(day)
    rows = np.flatnonzero(known & ~usual)
    starts = _starts(profile, rows, anchor.codes[rows].astype(np.int64) << 32 | target.codes[rows], day)
    codes, names = _burst_of_links(profile, starts, limits, rows)
    found = clustered(codes, profile.domain, names, int(limits["domains"]), known=known)
    found.state[usual | empty] = BESIDE
    return found


def _starts(profile: Profile, rows: NDArray[np.int64], keys: NDArray[np.int64], day: Numbers) -> _Starts:
    group = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    days, domain = np.maximum(day[rows], 0).astype(np.int64), profile.domain[rows].astype(np.int64)
    order = np.argsort((group << DOMAIN_BITS | domain) << DAY_BITS | days)
    group, domain, days, rows = group[order], domain[order], days[order], rows[order]
    heads = np.append(True, (np.diff(group) != 0) | (np.diff(domain) != 0)) if len(group) else np.zeros(0, np.bool_)
    group, days, rows = group[heads], days[heads], rows[heads]
    order = np.argsort(group << DAY_BITS | days, kind="stable")
    return _Starts(group[order], days[order], rows[order])


def _burst_of_links(
    profile: Profile, starts: _Starts, limits: Limits, rows: NDArray[np.int64]
) -> tuple[Codes, Sequence[str]]:
    """The number of the burst that each link is the start of a domain in; and what each burst is called."""
    first, last = _runs(starts, int(limits["domains"]), limits["days"])
    fits = _beyond_chance(profile, starts, first, last, limits)
    first, last = first[fits], last[fits]
    codes = np.full(profile.links.count, -1, np.int32)
    anchor, target = profile.links.text("anchor"), profile.links.text("target")
    names = []
    for number, (start, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        codes[starts.row[start : end + 1]] = number
        row = starts.row[start]
        names.append(f"“{anchor.at(row)}” to {target.at(row)} from {np.datetime64(int(starts.day[start]), 'D')}")
    return codes, names


def _runs(starts: _Starts, least: int, days: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last places of runs in which any `least` that follow each other lie within `days`."""
    group, day, count = starts.group, starts.day, len(starts.group)
    if count < least:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    end = least - 1
    tight = (group[end:] == group[: count - end]) & (day[end:] - day[: count - end] <= days)
    covered = np.zeros(count + 1, np.int64)  # of each place: by how many tight windows it is joined to the next one
    covered[: count - end] += tight
    covered[end:count] -= tight
    joined = np.cumsum(covered)[:-1] > 0
    before = np.append(False, joined[:-1])
    return np.flatnonzero(joined & ~before), np.flatnonzero(before & ~joined)


def _beyond_chance(
    profile: Profile, starts: _Starts, first: NDArray[np.int64], last: NDArray[np.int64], limits: Limits
) -> NDArray[np.bool_]:
    """Whether a run has more than this anchor would have in these days, had it come in the rhythm of all others: what
    exceeds the least number is more than `chance` times that; and whether it is the `share` of all with this anchor."""
    began = _beginnings(profile)
    together = last - first + 1
    of_anchor = np.bincount(starts.group, minlength=1)[starts.group[first]]
    window = np.searchsorted(began, starts.day[last], "right") - np.searchsorted(began, starts.day[first])
    others = np.maximum(len(began) - of_anchor, 1)
    expected = of_anchor * np.maximum(window - together, 0) / others
    own = together >= limits["share"] * of_anchor
    return own & (together + 1 - limits["domains"] > limits["chance"] * expected)


def _beginnings(profile: Profile) -> NDArray[np.int64]:
    """The days on which domains began to link in some way, sorted: each domain once a day."""
    day = profile.links.number("first_seen")
    known = ~np.isnan(day)
    pairs = np.sort(np.maximum(day[known], 0).astype(np.int64) << DOMAIN_BITS | profile.domain[known])
    return pairs[np.append(True, np.diff(pairs) > 0)] >> DOMAIN_BITS if len(pairs) else pairs


def first_days(profile: Profile) -> Numbers:
    """The day from which each domain links; NaN where nobody knows it."""
    days = np.full(profile.domains.count, np.nan, np.float32)
    np.fmin.at(days, profile.domain, profile.links.number("first_seen"))
    return np.fmin(days, profile.domains.number("first_seen"))


# --- Periods that stand out -------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Periods:
    """Counts by period of so many days, the last one ends today; `of` is the period of each row, -1: none."""

    of: NDArray[np.int64]
    counts: NDArray[np.int64]


def periods(days: Numbers, today: int, length: int) -> Periods:
    known = ~np.isnan(days) & (days <= today)
    back = np.where(known, (today - np.nan_to_num(days)) // length, -1).astype(np.int64)
    count = int(back.max(initial=-1)) + 1
    of = np.where(known, count - 1 - back, -1)
    return Periods(of, np.bincount(of[known], minlength=count))


def standing_out(counts: NDArray[np.int64], before: int, least_before: int, deviations: float, least: float) -> Numbers:
    """What a count must exceed to stand out, period by period: median + deviations · MAD of the `before` periods before
    it, `least` at least; NaN where fewer than `least_before` are known."""
    padded = np.concatenate((np.full(before, np.nan), counts[:-1])) if len(counts) else np.zeros(before)
    history = sliding_window_view(padded, before)[: len(counts)]
    limit = np.full(len(counts), np.nan, np.float32)
    enough = np.flatnonzero(np.count_nonzero(~np.isnan(history), axis=1) >= least_before)
    if len(enough):
        known = history[enough]
        median = np.nanmedian(known, axis=1)
        spread = np.nanmedian(np.abs(known - median[:, None]), axis=1)
        limit[enough] = np.maximum(median + deviations * spread, least)
    return limit


def of_rows(found: Periods, values: Numbers) -> Numbers:
    """What is known of a period, for each row."""
    if not len(values):
        return np.full(len(found.of), np.nan, np.float32)
    return np.where(found.of >= 0, values[found.of], np.nan).astype(np.float32)


def named(found: Periods, today: int, length: int) -> Words:
    """The first day of the period of each row."""
    count = len(found.counts)
    names = tuple(str(np.datetime64(today - (count - number) * length + 1, "D")) for number in range(count))
    return Words(found.of.astype(np.int32), names)
