"""What visits found on linking pages, as columns of a frozen profile."""

from datetime import date

import numpy as np
import pytest

from audit import gather
from audit.profile import Profile
from backlinks import index
from backlinks.crawl.discovery import CloakingCheck
from seoapp.lib.weburl import parse
from tests.conftest import Cast
from tests.factories import DAY, MARCH, add_links

HOME = "https://client.example/"
READ, PLAIN, UNREAD = "https://www.read.example/a", "https://plain.example/b", "https://unread.example/c"
FACTS = {
    "fetched_at": MARCH, "version": 1, "title": "As we read it", "language": "de", "words": 420, "text_share": 0.5,
    "ext_links": 7, "int_links": 30, "ext_domains": 5, "noindex": 1, "canonical_at": "elsewhere", "title_length": 13,
    "ids": ["ga:UA-1"], "popups": ["window.open"], "poison": {"casino": 3}, "poison_language": "de", "repeats": 0.25,
    "top_share": -1.0, "fingerprint": 2**63 + 5, "skeleton": 9, "contacts": ["mail", "phone"], "favicon": "https://icons.example/f.ico",
    "moves_to": "https://elsewhere.example/", "published": "2025-06-01", "theme": "astra",
}  # fmt: skip
NOTHING = {"fetched_at": MARCH, "version": 1, "repeats": -1.0, "top_share": -1.0}


def remember(workspace: int, url: str, facts: dict[str, object]) -> None:
    page = parse(url)
    named = {"source_domain": page.domain, "page_key": page.key, "page_url": page.url, "host": page.host, "row": 1}
    batch = index.Batch(workspace, index.new_batch_id(), "crawl", "site", "test")
    index.begin(batch)
    index.add(batch, "page_facts", {name: [value] for name, value in (named | facts).items()}, block=0)
    index.complete(batch)


@pytest.fixture
def profile(cast: Cast, link_index: None) -> Profile:
    told = {"target": HOME, "lost_reason": "", "title": "As an export has it", "ext_links": 99, "anchor": "x"}
    add_links(workspace=cast.workspace.pk, links=[{"source": url, **told} for url in (READ, PLAIN, UNREAD)])
    remember(cast.workspace.pk, READ, FACTS | {"fetched_at": MARCH - DAY, "words": 1})
    remember(cast.workspace.pk, READ, FACTS)
    remember(cast.workspace.pk, PLAIN, NOTHING)
    remember(cast.other_workspace.pk, UNREAD, FACTS)
    for url, verdict in ((READ, "same"), (READ, "links"), (PLAIN, "small"), (UNREAD, "unknown")):
        CloakingCheck.objects.create(
            workspace=cast.workspace, project=cast.project, source_url=url, key=1, domain="client.example",
            verdict=verdict,
        )  # fmt: skip
    return gather.freeze(cast.project, date(2026, 3, 10))


def row_of(profile: Profile, url: str) -> int:
    urls = profile.pages.text("url")
    return next(row for row in range(profile.pages.count) if urls.at(row) == url)


def test_a_page_that_was_read_has_an_answer_to_everything(profile: Profile) -> None:
    pages, read, plain = profile.pages, row_of(profile, READ), row_of(profile, PLAIN)
    expected = {
        "fetched": (MARCH // DAY, MARCH // DAY), "words": (420, 0), "external": (7, 0), "internal": (30, 0),
        "noindex": (1, 0), "has_canonical": (1, 0), "canonical_elsewhere": (1, 0), "contact": (2, 0),
        "has_favicon": (1, 0), "forced_redirect": (1, 0), "repetition": (0.25, None), "common_word": (None, None),
        "published": ((date(2025, 6, 1) - date(1970, 1, 1)).days, None),
    }  # fmt: skip
    for name, values in expected.items():
        for row, value in zip((read, plain), values, strict=True):
            found = pages.number(name)[row]
            assert np.isnan(found) if value is None else found == value, name
    assert pages.text("title").at(read) == "As we read it"
    assert pages.text("title").at(plain) == "As an export has it"
    assert (pages.lists("ids").at(read), pages.lists("poison").at(read)) == (("ga:UA-1",), ("casino:3",))
    assert pages.lists("ids").known.tolist().count(True) == 2
    assert pages.lists("ids").at(plain) == ()
    assert pages.hashes("text_print")[read] == 2**63 + 5
    assert (pages.hashes("favicon") > 0).tolist() == [row == read for row in range(pages.count)]
    assert (pages.text("unsupported").at(read), pages.text("unsupported").at(plain)) == ("", "1")


def test_of_a_page_that_we_never_read_nothing_is_known(profile: Profile) -> None:
    row = row_of(profile, UNREAD)
    assert np.isnan(profile.pages.number("words")[row])
    assert profile.pages.number("external")[row] == 99
    assert not profile.pages.lists("ids").known[row]
    assert profile.pages.text("title").at(row) == "As an export has it"


def test_what_search_engines_were_shown_is_known_where_somebody_asked(profile: Profile) -> None:
    shown = profile.links.number("shown_to_bots")
    by_url = {profile.pages.text("url").at(page): shown[link] for link, page in enumerate(profile.page.tolist())}
    assert (by_url[READ], by_url[PLAIN]) == (1, 0)
    assert np.isnan(by_url[UNREAD])
