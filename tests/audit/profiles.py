"""Frozen profiles out of plain rows, for tests of markers and scores."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from audit.columns import COLUMNS, LIST, NUMBER, PRINT, TEXT
from audit.markers.marker import FIRED, Found, Marker
from audit.profile import DOMAINS, LINKS, PAGES, About, Peer, Profile, Rows, Sets, Words
from seoapp.lib.weburl import registrable_domain

AS_OF = date(2026, 11, 1)
ABOUT = About(target="client.example", brands=("client",), keywords=("cheap shoes",))


def frozen(
    links: Sequence[Mapping[str, Any]],
    *,
    pages: Mapping[str, Mapping[str, Any]] | None = None,
    domains: Mapping[str, Mapping[str, Any]] | None = None,
    about: About = ABOUT,
    peers: tuple[Peer, ...] = (),
) -> Profile:
    """`links` have a `source` (a URL) and columns of a link; `pages` and `domains` add columns by URL and by name.

    What is not given is unknown, but for what follows from the URL; the class of an anchor is sure unless it is said
    not to be (`anchor_sure` None).
    """
    urls = list(dict.fromkeys(one["source"] for one in links))
    names = list(dict.fromkeys(registrable_domain(urlsplit(url).hostname or "") for url in urls))
    page_rows = [{"url": url, **_parts(url), **(pages or {}).get(url, {})} for url in urls]
    domain_rows = [{"name": name, "tld": name.rpartition(".")[2], **(domains or {}).get(name, {})} for name in names]
    home = [names.index(registrable_domain(urlsplit(url).hostname or "")) for url in urls]
    page = [urls.index(one["source"]) for one in links]
    link_rows = [{"id": number + 1, "anchor_sure": 1, **one} for number, one in enumerate(links)]
    return Profile(
        about,
        AS_OF,
        rows(LINKS, link_rows),
        rows(PAGES, page_rows),
        rows(DOMAINS, domain_rows),
        np.array(page, np.int32),
        np.array([home[one] for one in page], np.int32),
        np.array(home, np.int32),
        peers,
    )


def _parts(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {"key": url.partition("://")[2], "host": parts.hostname or "", "path": parts.path}


def rows(unit: str, plain: Sequence[Mapping[str, Any]]) -> Rows:
    """Columns of these rows; a name that no column has is a mistake of the test."""
    kinds = {one.name: one.kind for one in COLUMNS if one.unit == unit}
    used = sorted({name for one in plain for name in one} - {"source"})
    made: dict[str, dict[str, Any]] = {NUMBER: {}, TEXT: {}, LIST: {}, PRINT: {}}
    for name in used:
        cells = [one.get(name) for one in plain]
        made[kinds[name]][name] = _column(kinds[name], cells)
    return Rows(len(plain), made[NUMBER], made[TEXT], made[LIST], made[PRINT])


def _column(kind: str, cells: Sequence[Any]) -> Any:
    if kind == NUMBER:
        return np.array([np.nan if one is None else _number(one) for one in cells], np.float32)
    if kind == TEXT:
        return Words.of(cells)
    if kind == LIST:
        return Sets.of(cells)
    return np.array([one or 0 for one in cells], np.uint64)


def _number(cell: Any) -> float:
    return float((cell - date(1970, 1, 1)).days) if isinstance(cell, date) else float(cell)


def found_of(marker: Marker, profile: Profile, **limits: float) -> Found:
    """What a marker finds, with its own limits but for these."""
    return marker.test(profile, {**marker.limits, **limits})


def fired(marker: Marker, profile: Profile, **limits: float) -> list[int]:
    """The rows of the marker's unit at which it fires."""
    return np.flatnonzero(found_of(marker, profile, **limits).state == FIRED).tolist()


def states(marker: Marker, profile: Profile, **limits: float) -> list[int]:
    return found_of(marker, profile, **limits).state.tolist()
