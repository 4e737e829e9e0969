"""Pages whose text stands elsewhere too: press releases, and copies of others' articles.

Decided: a copy is a page with the very print of one on another domain; pages that are only near (NET01) are no copies.
The one that is older by its own date, or else by the first sight of its link, is the original. What stands on a press
wire was written to stand elsewhere. A page with too little text for a print is beside it.
"""

from dataclasses import replace

import numpy as np

from audit.lists import listed
from audit.profile import Flags, Numbers, Profile, Words

from .marker import BESIDE, FIRED, UNKNOWN, Found, Limits, distinct, judged
from .wording import either


def syndicated(profile: Profile, limits: Limits) -> Found:
    pages = profile.pages
    prints = pages.hashes("text_print")
    values, inverse, counts = np.unique(prints, return_inverse=True, return_counts=True)
    shared = (counts > 1) & (values != 0)
    codes = np.where(shared, np.cumsum(shared) - 1, -1)[inverse].astype(np.int32)
    dates = _dates(profile)
    first = _first_of_each(codes, dates)
    domains = np.bincount(distinct(codes, profile.home) >> 32, minlength=len(first))
    many = (codes >= 0) & (domains[codes] >= limits["domains"]) if len(first) else codes >= 0
    urls = pages.text("url")
    said = Words(np.where(many, urls.codes[first][codes], -1).astype(np.int32) if len(first) else codes, urls.values)
    value = np.where(many, domains[codes], 0) if len(first) else codes
    found = judged(many & ~_originals(codes, first, dates), known=prints != 0, value=value, said=said)
    found.state[(found.state == UNKNOWN) & ~np.isnan(pages.number("fetched"))] = BESIDE
    return _with_wires(profile, found)


def _dates(profile: Profile) -> Numbers:
    """The day of each page: its own, else that on which its first link was seen."""
    seen = np.full(profile.pages.count, np.inf, np.float32)
    np.minimum.at(seen, profile.page, np.nan_to_num(profile.links.number("first_seen"), nan=np.inf))
    published = profile.pages.number("published")
    return np.where(np.isnan(published), seen, published)


def _first_of_each(codes: np.ndarray, dates: Numbers) -> np.ndarray:
    """The oldest row of each code."""
    order = np.lexsort((dates, codes))
    order = order[codes[order] >= 0]
    return order[np.append(True, np.diff(codes[order]) > 0)] if len(order) else order


def _originals(codes: np.ndarray, first: np.ndarray, dates: Numbers) -> Flags:
    """Rows older than all others of their code."""
    oldest = codes >= 0
    oldest[oldest] = dates[oldest] == dates[first][codes[oldest]]
    alone = np.bincount(codes[oldest], minlength=len(first)) == 1
    oldest[oldest] = alone[codes[oldest]] & np.isfinite(dates[oldest])
    return oldest


def _with_wires(profile: Profile, found: Found) -> Found:
    names = profile.domains.text("name")
    wire = (names.each(listed("press_wires").__contains__) == 1)[profile.home]
    told = Words(np.where(wire, 0, -1).astype(np.int32), ("what a press wire spreads",))
    said = found.said or Words.unknown(len(wire))
    lone = wire & ~found.fired
    state = np.where(wire, FIRED, found.state).astype(np.uint8)
    return replace(found, state=state, said=either(lone, told, said))
