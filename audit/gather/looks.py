"""What our visits say of links and pages over time: last look, what closed or lost a page, links that came in later.

Decided: joined by the identity of links, which are many, to what was looked at, which is mostly few. What a check says
of a page holds for all links on it; a reading of the page that is as new goes before it.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.profile import Numbers, Profile, Rows
from backlinks import index

OF_PAGES = ("robots_closed", "soft_404")


def of_looks(query: index.LinkQuery, profile: Profile) -> Profile:
    """The profile with checked_at, inserted and moved_bits of links, robots_closed and soft_404 of pages."""
    looks, added = index.linkvisits.looks(query), index.linkvisits.added(query)
    ids = profile.links.hashes("id")
    of_link = {"checked_at": _at(ids, looks, "checked_at")}
    of_link |= {name: _at(ids, added, name) for name in ("inserted", "moved_bits")}
    of_page = {name: _worst(profile, _at(ids, looks, name)) for name in OF_PAGES}
    links = profile.links.joined(Rows(profile.links.count, of_link))
    return replace(profile, links=links, pages=profile.pages.joined(Rows(profile.pages.count, of_page)))


def _at(ids: NDArray[np.uint64], found: pa.Table, name: str) -> Numbers:
    """A column of a table in the order of its ids, for each link; NaN for one that it lacks."""
    known = found["id"].to_numpy().astype(np.uint64)
    if not len(known):
        return np.full(len(ids), np.nan, np.float32)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[place] == ids, found[name].to_numpy()[place], np.nan).astype(np.float32)


def _worst(profile: Profile, values: Numbers) -> Numbers:
    """What was said of the page of each link: the greatest; NaN where nothing was."""
    made = np.full(profile.pages.count, np.nan, np.float32)
    said = ~np.isnan(values)
    np.fmax.at(made, profile.page[said], values[said])
    return made
