"""Lists of malware and blocked sites, and visits over time, as columns of a frozen profile."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from audit import gather
from audit.markers import dom
from audit.markers.marker import CLEAR, FIRED, UNKNOWN, by_id
from audit.profile import Profile
from backlinks import index
from seoapp.lib.weburl import parse
from tests.audit.profiles import found_of
from tests.conftest import Cast
from tests.factories import DAY, MARCH, add_links, link_columns

HOME = "https://client.example/"
AS_OF = date(2026, 3, 10)
USUAL = {"target": HOME, "lost_reason": "", "anchor": "x", "first_seen": MARCH, "last_seen": MARCH}
# Page -> what a list of malware says of it, and what the blocklist says.
LISTED = {
    "https://bad.example/a": ("bad.example (net of 2026-03-01)", ""),
    "https://deep.bad.example/b": ("bad.example (net of 2026-03-01)", ""),
    "https://one.mixed.example/c": ("one.mixed.example (net of 2026-03-01)", ""),
    "https://www.mixed.example/d": ("", ""),
    "https://infected.example/e": ("http://infected.example/x.exe (net of 2026-03-01)", ""),
    "https://popular.example/f": ("", ""),
    "https://popular.example/hit": ("http://popular.example/hit (net of 2026-03-01)", ""),
    "https://docs.google.com/g": ("", ""),
    "https://shop.github.io/h": ("", "shop.github.io (old of 2025-01-01, 433 days old)"),
    "https://fine.example/i": ("", ""),
    "https://bare.example/j": ("http://www.bare.example/x.exe (net of 2026-03-01)", ""),
}
ENTRIES = (
    "bad.example", "one.mixed.example", "http://infected.example/x.exe", "http://popular.example/x.exe",
    "http://popular.example/hit", "docs.google.com", "http://www.bare.example/x.exe",
)  # fmt: skip


def batch(report: str, *, workspace: int = 0, source: str = index.listedhosts.SOURCE) -> index.Batch:
    made = index.Batch(workspace, index.new_batch_id(), source, report, "test")
    index.begin(made)
    return made


def load(name: str, kind: str, day: date, entries: tuple[str, ...]) -> None:
    made, urls = batch(name), [parse(one, assume="http") for one in entries]
    pages = [url.key if "://" in one else "" for url, one in zip(urls, entries, strict=True)]
    columns = {
        "domain": [url.domain for url in urls], "host": [url.host for url in urls], "page": pages,
        "reach": ["url" if page else "name" for page in pages], "entry": list(entries),
    }  # fmt: skip
    index.listedhosts.add(made, name=name, kind=kind, day=day, columns=columns, block=0)
    index.listedhosts.publish(made)


def by_page(profile: Profile, column: str) -> dict[str, str]:
    said = profile.pages.text(column)
    return {profile.pages.text("url").at(row): said.at(row) for row in range(profile.pages.count)}


# --- Lists ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def listed(cast: Cast, link_index: None) -> Profile:
    add_links(workspace=cast.workspace.pk, links=[{"source": url, **USUAL} for url in LISTED])
    load("net", "malware", date(2026, 3, 1), ENTRIES)
    load("old", "blocklist", date(2025, 1, 1), ("shop.github.io",))
    popular = batch("tranco", source=index.popularity.SOURCE)
    columns = {"domain": ["popular.example"], "rank": [7]}
    index.popularity.add(popular, name="tranco", day=AS_OF, signal="traffic", columns=columns, block=0)
    index.popularity.publish(popular)
    return gather.freeze(cast.project, AS_OF)


def test_lists_speak_of_what_they_name_and_of_nothing_else(listed: Profile) -> None:
    assert by_page(listed, "malware_by") == {url: said for url, (said, _) in LISTED.items()}
    assert by_page(listed, "blocked_by") == {url: said for url, (_, said) in LISTED.items()}
    assert {"malware", "blocklist", "popularity"} <= listed.about.offered
    markers, names = by_id(dom.MARKERS), listed.pages.text("url")
    states = dict(zip(map(names.at, range(len(LISTED))), found_of(markers["DOM02"], listed).state, strict=True))
    assert states == {url: FIRED if said else CLEAR for url, (said, _) in LISTED.items()}
    old = dict(zip(map(names.at, range(len(LISTED))), found_of(markers["DOM37"], listed).state, strict=True))
    assert old == {url: FIRED if said else UNKNOWN for url, (_, said) in LISTED.items()}


# --- Visits -----------------------------------------------------------------------------------------------------------
PAGE, LATER, CLOSED, GONE, MOVED = (
    f"https://{name}.example/post" for name in ("page", "later", "closed", "gone", "moved")
)
OTHER = "https://client.example/other"
D1, D2 = MARCH - 40 * DAY, MARCH - 10 * DAY


def reading(workspace: int, report: str, moment: int, prints: dict[str, int], links: list[tuple[str, str]]) -> None:
    """Pages that were read, with the print of each, and the links that were found there."""
    made, pages = batch(report, workspace=workspace, source="crawl"), [parse(url) for url in prints]
    count = len(pages)
    facts = {
        "source_domain": [one.domain for one in pages], "page_key": [one.key for one in pages],
        "page_url": [one.url for one in pages], "host": [one.host for one in pages], "row": list(range(count)),
        "fetched_at": [moment] * count, "version": [1] * count, "fingerprint": list(prints.values()),
    }  # fmt: skip
    index.add(made, "page_facts", facts, block=0)
    found = [
        {**USUAL, "source": url, "target": target, "first_seen": moment, "last_seen": moment} for url, target in links
    ]
    if found:
        index.add(made, "observations", link_columns(found), block=0)
    index.complete(made)


def check(workspace: int, rows: list[dict[str, Any]]) -> None:
    made = batch("check", workspace=workspace, source="crawl")
    columns = {name: [one[name] for one in rows] for name in rows[0]}
    keys = {
        "target_domain": ["client.example"] * len(rows), "row": list(range(len(rows))),
        "source_domain": [parse(one["source_url"]).domain for one in rows],
        "source_key": [parse(one["source_url"]).key for one in rows], "target_key": ["client.example/"] * len(rows),
    }  # fmt: skip
    index.add(made, "checks", columns | keys, block=0)
    index.complete(made)


def looked(url: str, state: str, reason: str, status: int, final: str) -> dict[str, Any]:
    return {
        "source_url": url, "checked_at": MARCH, "state": state, "reason": reason, "http_status": status,
        "final_url": final,
    }  # fmt: skip


def test_what_visits_tell_over_time(cast: Cast, link_index: None) -> None:
    workspace = cast.workspace.pk
    links = [{"source": url, **USUAL} for url in (PAGE, LATER, CLOSED, GONE, MOVED)]
    add_links(workspace=workspace, links=[*links, {"source": LATER, **USUAL, "target": OTHER}])
    reading(workspace, "check", D1, {PAGE: 0b1000, LATER: 0b1000}, [(PAGE, HOME), (LATER, OTHER)])
    reading(workspace, "check", D2, {PAGE: 0b1001, LATER: 0b1101}, [(PAGE, HOME), (LATER, OTHER), (LATER, HOME)])
    check(
        workspace,
        [
            looked(PAGE, "live", "", 200, PAGE), looked(CLOSED, "unknown", "robots", 0, ""),
            looked(GONE, "lost", "removedfromhtml", 200, "https://gone.example/"),
            looked(MOVED, "changed", "", 200, "https://moved.example/"),  # its link stands on the home page now
        ],
    )  # fmt: skip
    profile = gather.freeze(cast.project, AS_OF)
    urls, targets = profile.pages.text("url"), profile.links.text("target_url")
    rows = {(urls.at(page), targets.at(link)): link for link, page in enumerate(profile.page.tolist())}
    inserted, moved = profile.links.number("inserted"), profile.links.number("moved_bits")
    assert (inserted[rows[LATER, HOME]], moved[rows[LATER, HOME]]) == (D2 // DAY, 2)
    assert np.isnan(inserted[[rows[PAGE, HOME], rows[LATER, OTHER]]]).all()
    checked = profile.links.number("checked_at")
    assert checked[rows[PAGE, HOME]] == MARCH // DAY
    assert np.isnan(checked[[rows[CLOSED, HOME], rows[LATER, HOME]]]).all()
    of_page = {urls.at(row): row for row in range(profile.pages.count)}
    closed, soft = profile.pages.number("robots_closed"), profile.pages.number("soft_404")
    assert [closed[of_page[url]] for url in (CLOSED, GONE, PAGE)] == [1, 0, 0]
    assert [soft[of_page[url]] for url in (GONE, PAGE, MOVED)] == [1, 0, 0]
    assert np.isnan(soft[[of_page[CLOSED], of_page[LATER]]]).all()
