"""Sitemaps as sites serve them, and files that pretend to be one."""

import gzip
from datetime import UTC, datetime, timedelta, timezone

import pytest

from backlinks.crawl import sitemaps, xmldoc
from backlinks.crawl.sitemaps import Entry, NotASitemap, moment, read
from tests.web.sites import Web

URL = "https://www.site.example/sitemap.xml"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(rows: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f"{head}<urlset {NS}>{rows}</urlset>".encode()


def row(url: str, more: str = "") -> str:
    return f"<url><loc>{url}</loc>{more}</url>"


def urls(body: bytes) -> list[str]:
    return [entry.url for entry in read(body, URL).entries]


def test_pages_with_their_dates() -> None:
    found = read(
        urlset(
            row("https://www.site.example/a", "<lastmod>2026-01-02</lastmod>")
            + row(" https://site.example/b?x=1&amp;y=2\n", "<lastmod>2026-01-02T03:04:05+02:00</lastmod>")
            + row("https://shop.site.example/c", "<lastmod>yesterday</lastmod><priority>1</priority>")
        ),
        URL,
    )
    assert (found.kind, found.bad, found.cut) == ("pages", (), "")
    assert found.entries == (
        Entry("https://www.site.example/a", datetime(2026, 1, 2, tzinfo=UTC)),
        Entry("https://site.example/b?x=1&y=2", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)),
        Entry("https://shop.site.example/c", None),
    )


def test_an_index_may_name_sitemaps_elsewhere() -> None:
    body = f"<sitemapindex {NS}><sitemap><loc>https://cdn.example/1.xml.gz</loc><lastmod>2026-01</lastmod></sitemap>"
    found = read(f"{body}</sitemapindex>".encode(), URL)
    assert found.kind == "index"
    assert found.entries == (Entry("https://cdn.example/1.xml.gz", datetime(2026, 1, 1, tzinfo=UTC)),)


def test_images_and_alternates_are_no_pages() -> None:
    more = "<image:image><image:loc>https://site.example/i.jpg</image:loc></image:image>"
    more += (
        "<image:loc>https://site.example/j.jpg</image:loc><xhtml:link rel='alternate' href='https://site.example/x'/>"
    )
    assert urls(urlset(row("https://site.example/a", more))) == ["https://site.example/a"]


def test_a_prefix_for_everything() -> None:
    body = "<s:urlset xmlns:s='x'><s:url><s:loc>https://site.example/a</s:loc></s:url></s:urlset>"
    assert urls(body.encode()) == ["https://site.example/a"]


def test_plain_text() -> None:
    found = read(b"\xef\xbb\xbfhttps://site.example/a\r\n\r\nnonsense\nhttps://site.example/a\n", URL)
    assert (found.kind, len(found.entries), found.bad_count) == ("text", 1, 1)
    assert (found.bad[0].row, found.bad[0].text) == (2, "nonsense")


def test_rows_that_cannot_be_used_are_listed() -> None:
    rows = row("/relative") + row("https://other.example/") + row("") + "<url></url>" + row("ftp://site.example/")
    found = read(urlset(rows + row("https://site.example/ok")), URL)
    assert [bad.row for bad in found.bad] == [1, 2, 3, 4, 5]
    assert found.bad[1].reason == "not a page of site.example"
    assert [entry.url for entry in found.entries] == ["https://site.example/ok"]
    assert read(urlset(row("https://other.example/")), URL, sites=("other.example",)).entries
    many = read(urlset(row("/x") * 500), URL)
    assert (len(many.bad), many.bad_count) == (sitemaps.MAX_BAD, 500)


def test_bare_ampersands_and_control_characters_are_mended() -> None:
    rows = row("https://site.example/?a=1&b=2") + row("https://site.example/\x01c") + row("https://site.example/&amp;d")
    assert urls(urlset(rows)) == ["https://site.example/?a=1&b=2", "https://site.example/c", "https://site.example/&d"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-1", "shift_jis", "utf-8-sig"])
def test_encodings(encoding: str) -> None:
    label = encoding.removesuffix("-sig")
    bom = b"\xff\xfe" if encoding == "utf-16-le" else b""
    body = f'<?xml version="1.0" encoding="{label}"?><urlset>{row("https://site.example/a")}</urlset>'
    assert urls(bom + body.encode(encoding)) == ["https://site.example/a"]


def test_the_sitemaps_of_a_site_name_its_pages() -> None:
    site = Web(hosts=3, pages=40).sites[2]
    index = read(site.web.truth(site.host, "/sitemap.xml").body, site.url("/sitemap.xml"))
    assert [entry.url for entry in index.entries] == [site.url("/sitemap-1.xml.gz")]
    pages = read(site.web.truth(site.host, "/sitemap-1.xml.gz").body, index.entries[0].url)
    assert [entry.url for entry in pages.entries] == [site.url(path) for path in site.paths]
    assert {entry.lastmod for entry in pages.entries} == {datetime(2026, 1, 2, tzinfo=UTC)}


def test_single_bytes_that_call_themselves_utf_16() -> None:
    assert urls(urlset(row("https://site.example/a"), '<?xml version="1.0" encoding="utf-16"?>')) == [
        "https://site.example/a"
    ]


# --- Limits ---------------------------------------------------------------------------------------------------------
def test_50_000_urls_are_read_and_no_more() -> None:
    rows = "".join(row(f"https://site.example/{number}") for number in range(50_010))
    found = read(gzip.compress(urlset(rows), 1), URL)
    assert len(found.entries) == 50_000
    assert found.cut == "Only the first 50,000 URLs are read."


def test_as_many_urls_as_allowed_are_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_URLS", 100)
    lines = [f"https://site.example/{number}" for number in range(101)]
    assert read("\n".join(lines[:100]).encode(), URL).cut == ""
    assert len(read("\n".join(lines).encode(), URL).entries) == 100
    assert read("\n".join(lines).encode(), URL).cut.startswith("Only the first 100 URLs")


def test_a_bomb_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmldoc, "MAX_DECODED", 1_000_000)
    bomb = gzip.compress(urlset(row("https://site.example/first") + " " * 20_000_000))
    found = read(bomb, URL)
    assert [entry.url for entry in found.entries] == ["https://site.example/first"]
    assert found.cut == "Only the first 50 MB are read."


def test_what_came_before_a_break_is_kept() -> None:
    rows = "".join(row(f"https://site.example/{number}") for number in range(20_000))
    whole = urlset(rows)
    broken = read(whole[: len(whole) // 2], URL)
    assert 9_000 < len(broken.entries) < 11_000 and "Not well-formed XML" in broken.cut
    packed = gzip.compress(whole)
    short = read(packed[: len(packed) // 2], URL)
    assert 1_000 < len(short.entries) < 20_000 and short.cut == "The gzip data breaks off."
    spoiled = bytearray(packed)
    spoiled[-8:] = b"\xff" * 8  # the checksum
    whole_but_wrong = read(bytes(spoiled), URL)
    assert len(whole_but_wrong.entries) > 19_000 and whole_but_wrong.cut.startswith("The gzip data is broken")


LAUGHS = "<!DOCTYPE urlset [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
FILES = "<!DOCTYPE urlset [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"


@pytest.mark.parametrize("head", [LAUGHS, FILES, "<!DOCTYPE urlset [<!ENTITY % p SYSTEM 'http://127.0.0.1/'> %p;]>"])
def test_entities_are_refused(head: str) -> None:
    with pytest.raises(NotASitemap, match="defines entities"):
        read(urlset(row("https://site.example/&b;"), head), URL)


def test_a_reference_to_a_type_is_not_followed() -> None:
    head = "<!DOCTYPE urlset SYSTEM 'http://127.0.0.1:1/x.dtd'>"
    assert urls(urlset(row("https://site.example/&unknown;a"), head)) == ["https://site.example/a"]


HOSTILE = [
    (b"", "empty"),
    (b" \n ", "empty"),
    (b"\x1f\x8b", "breaks off"),
    (b"\x1f\x8bnonsense", "broken"),
    (b"<!DOCTYPE html><html><body>Not found</body></html>", "web page"),
    (b"<html><body></html>", "web page"),
    (b"<rss><channel></channel></rss>", "no sitemap"),
    (b"<a>" * 60, "no sitemap|nested"),
    (b"<urlset>" * 60, "nested"),
    (b"<urlset " + b"x" * 5_000_000, "longer than 2 MB"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "neither"),
    (b"no url here\nnor here", "without a single URL"),
    (b"<?xml version='1.0' encoding='utf-7'?><urlset", "Not well-formed"),
    (b"<urlset><url><loc>\xff\xfe</loc>", None),
]


@pytest.mark.parametrize(("body", "reason"), HOSTILE)
def test_hostile_files_end_with_a_reason(body: bytes, reason: str | None) -> None:
    if reason is None:
        assert read(body, URL).cut.startswith("Not well-formed XML")
        return
    with pytest.raises(NotASitemap, match=reason):
        read(body, URL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-04", datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-05", datetime(2026, 5, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-05-04T10:00:00Z", datetime(2026, 5, 4, 10, tzinfo=UTC)),
        ("2026-05-04T10:00:00.123-05:00", datetime(2026, 5, 4, 10, 0, 0, 123000, timezone(timedelta(hours=-5)))),
        *[(bad, None) for bad in ("", "soon", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-13-01")],
    ],
)
def test_moments(text: str, expected: datetime | None) -> None:
    assert moment(text) == expected
