"""Links, pages and domains of a profile out of the index's slices."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.profile import About, Codes, Numbers, Profile, Rows, Sets, Words
from backlinks import index

LINK_NUMBERS = (
    "anchor_known", "nofollow", "ugc", "sponsored", "is_lost", "first_seen", "last_seen", "lost_at", "left_words",
    "right_words", "anchor_sure", "sitewide",
)  # fmt: skip
LINK_TEXTS = (
    "anchor", "anchor_class", "alt", "kind", "target", "target_url", "redirect", "lost_reason", "placement", "hidden",
    "paid", "pixel", "frame",
)  # fmt: skip
PAGE_NUMBERS = ("status", "external", "internal", "links_in")
PAGE_TEXTS = ("url", "key", "host", "path", "title", "language", "ip")
DOMAIN_NUMBERS = ("links", "live", "lost", "follow", "nofollow", "hosts", "first_seen", "last_seen")
DOMAIN_TEXTS = ("name", "tld", "country", "state")
DOMAIN_LISTS = ("ips", "networks", "sources")


def whole(query: index.LinkQuery, about: About, as_of: date) -> tuple[Profile, pa.StringArray]:
    """The profile without what else is known of its domains, and the names of these."""
    domains = index.frozen.domains(query)
    names = domains["name"].combine_chunks()
    linked = int(pc.sum(domains["links"]).as_py() or 0)
    slices = list(index.frozen.slices(query, links=linked)) if linked else []
    pages = pa.concat_tables([one.pages for one in slices]) if slices else None
    links = pa.concat_tables([one.links for one in slices]) if slices else None
    home = _rows_in(names, pages["source_domain"]) if pages is not None else np.zeros(0, np.int32)
    page = _page_of_each(links, pages) if links is not None and pages is not None else np.zeros(0, np.int32)
    alone = np.setdiff1d(np.arange(len(names), dtype=np.int32), home)
    home = np.concatenate((home, alone)).astype(np.int32)
    page = np.concatenate((page, np.arange(len(alone)) + (len(home) - len(alone)))).astype(np.int32)
    domain_rows = _domains(domains)
    profile = Profile(
        about,
        as_of,
        _links(links, domain_rows, alone),
        _pages(pages, len(alone)),
        domain_rows,
        page,
        home[page],
        home,
    )
    return profile, names


def _rows_in(names: pa.StringArray, found: pa.ChunkedArray) -> Codes:
    return pc.index_in(found, value_set=names).to_numpy().astype(np.int32)


def _page_of_each(links: pa.Table, pages: pa.Table) -> Codes:
    """Both stand in the order of domain and page: the next page begins where the address changes."""
    urls = links["source_url"].combine_chunks()
    changed = pc.not_equal(urls[1:], urls[:-1]).to_numpy(zero_copy_only=False)
    page = np.concatenate(([0], np.cumsum(changed))).astype(np.int32)
    if page[-1] + 1 != pages.num_rows:
        raise ValueError(f"{page[-1] + 1} pages of links are not the {pages.num_rows} pages")
    return page


def _links(links: pa.Table | None, domains: Rows, alone: Codes) -> Rows:
    extra = len(alone)
    count = (links.num_rows if links is not None else 0) + extra
    if links is None:
        lost = domains.text("state").each(lambda state: state == "lost")[alone]
        return Rows(count, {"is_lost": lost, "last_seen": domains.number("last_seen")[alone]})
    numbers = {name: _padded(links[name].to_numpy(), extra) for name in LINK_NUMBERS}
    first = count - extra
    numbers["is_lost"][first:] = domains.text("state").each(lambda state: state == "lost")[alone]
    numbers["last_seen"][first:] = domains.number("last_seen")[alone]
    texts = {name: _texts(links[name], extra) for name in LINK_TEXTS}
    share = Words.of(links["link_words"]).each(float)
    ids = np.concatenate((links["id"].to_numpy().astype(np.uint64), np.zeros(extra, np.uint64)))
    return Rows(count, {**numbers, "link_words": _padded(share, extra)}, texts, prints={"id": ids})


def _pages(pages: pa.Table | None, extra: int) -> Rows:
    if pages is None:
        return Rows(extra)
    numbers = {name: _padded(pages[name].to_numpy(), extra) for name in PAGE_NUMBERS}
    numbers["last_seen"] = _padded(pages["seen"].to_numpy(), extra)
    texts = {name: _texts(pages[name], extra) for name in PAGE_TEXTS}
    return Rows(pages.num_rows + extra, numbers, texts)


def _domains(domains: pa.Table) -> Rows:
    numbers = {name: domains[name].to_numpy().astype(np.float32) for name in DOMAIN_NUMBERS}
    texts = {name: Words.of(domains[name]) for name in DOMAIN_TEXTS}
    lists = {name: sets_of(domains[name]) for name in DOMAIN_LISTS}
    return Rows(domains.num_rows, numbers, texts, lists)


def _padded(values: NDArray[np.float32], extra: int) -> Numbers:
    return np.concatenate((values.astype(np.float32), np.full(extra, np.nan, np.float32)))


def _texts(column: pa.ChunkedArray, extra: int) -> Words:
    words = Words.of(column)
    return Words(np.concatenate((words.codes, np.full(extra, -1, np.int32))), words.values) if extra else words


def sets_of(column: pa.ChunkedArray) -> Sets:
    """A column of lists; an empty list is not known: nobody says that a domain has no address."""
    array = column.combine_chunks()
    words = Words.of(array.flatten())
    sizes = pc.list_value_length(array).to_numpy(zero_copy_only=False)
    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    return Sets(starts, words.codes, words.values, sizes > 0)
