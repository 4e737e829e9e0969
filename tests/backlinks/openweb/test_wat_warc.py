"""`import_wat` on WARC files: answers of sites, read as our own crawler reads them."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError

from backlinks.models import OpenImport
from backlinks.openweb import wat_warc
from tests.backlinks.openweb.archived import answer, imported, member, observed, shown, warc
from tests.conftest import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index", "unsettled")]
SAMPLES = settings.BASE_DIR.parent / "shared" / "samples" / "warc"
HTML = """<html lang="en"><head><title>A story</title><link rel="canonical" href="/story?main"></head><body><main>
<p>The very best of them is <a rel="ugc" href="https://client.example/shop">this shop</a> in town, as everybody says who
was there.</p><p><a href="/next">next</a> <a href="https://other.example/">other</a></p></main></body></html>"""


@pytest.mark.usefixtures("settled")
def test_a_page_comes_with_the_words_around_its_links(tmp_path: Path) -> None:
    told = imported(warc(tmp_path / "a.warc.gz", [answer("https://news.example/story", HTML)]))
    assert {name: told[name] for name in ("report", "rows", "accepted", "links", "internal")} == {
        "report": "warc", "rows": 1, "accepted": 1, "links": 2, "internal": 1,
    }  # fmt: skip
    columns = """workspace, source, report, row, source_url, target_url, anchor, ugc, nofollow, context_left,
        placement, title, language, http_status, ip, labels['canonical']"""
    assert observed(columns)[0] == (
        0, "commoncrawl", "warc", 1, "https://news.example/story", "https://client.example/shop", "this shop", 1, 0,
        "The very best of them is", "content", "A story", "en", 200, "93.184.216.34", "https://news.example/story?main",
    )  # fmt: skip
    assert shown() == ["client.example", "other.example"]
    assert observed("page_key, title, source, canonical_at", "page_facts") == [
        ("news.example/story", "A story", "commoncrawl", "elsewhere"),
    ]  # fmt: skip


def test_only_wanted_links_and_links_inside_a_site(tmp_path: Path, cast: Cast) -> None:
    path = warc(tmp_path / "a.warc.gz", [answer("https://news.example/story", HTML)])
    assert imported(path, watch=True)["links"] == 1
    assert observed("target_url") == [("https://client.example/shop",)]
    imported(path, internal=True)
    assert observed("target_key, anchor", "internal_links") == [("news.example/next", "next")]


def test_bodies_by_their_encoding(tmp_path: Path) -> None:
    page = b"<p>\xe4 <a href='https://client.example/'>\xe4</a>"
    packed, kind = gzip.compress(page), "Content-Type: text/html; charset=latin-1"
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(page), page)
    records = [
        answer("https://a.example/", page, head=f"{kind}\r\nX-Crawler-content-encoding: gzip"),  # decoded already
        answer("https://b.example/", packed, head=f"{kind}\r\nContent-Encoding: gzip"),
        answer("https://c.example/", page, head=f"{kind}\r\nContent-Encoding: gzip"),  # decoded, and the header kept
        answer("https://d.example/", chunked, head=f"{kind}\r\nTransfer-Encoding: chunked"),
        answer("https://e.example/", page, head=f"{kind}\r\nContent-Encoding: unheard-of"),
    ]
    imported(warc(tmp_path / "a.warc.gz", records))
    assert observed("source_domain, anchor") == [(f"{name}.example", "\xe4") for name in "abcde"]


@pytest.mark.usefixtures("settled")
def test_a_small_body_that_unpacks_to_a_large_one_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wat_warc, "MAX_BODY", 10_000)
    first, last = (f"<p><a href='https://{name}.example/'>x</a></p>" for name in ("first", "last"))
    bomb = gzip.compress(first.encode() + b" " * 3_000_000 + last.encode())
    record = answer("https://a.example/", bomb, head="Content-Type: text/html\r\nContent-Encoding: gzip")
    assert imported(warc(tmp_path / "a.warc.gz", [record]))["links"] == 1
    assert shown() == ["first.example"]


def test_what_is_no_page_is_left_out_and_counted(tmp_path: Path) -> None:
    records = [
        answer("https://a.example/gone", HTML, status="404 Not Found"),
        answer("https://a.example/x.pdf", b"%PDF-1.7", head="Content-Type: application/pdf"),
        member(
            "revisit",
            b"HTTP/1.1 200 OK\r\n\r\n",
            "application/http; msgtype=response",
            WARC_Target_URI="https://a.example/",
        ),
        member("response", b"dns", "text/dns", WARC_Target_URI="dns:a.example"),
        member("metadata", b"fetchTimeMs: 7", "application/warc-fields", WARC_Target_URI="https://a.example/"),
        answer("https://a.example/", HTML),
    ]
    told = imported(warc(tmp_path / "a.warc.gz", records))
    assert (told["rows"], told["accepted"], told["links"]) == (1, 1, 2)
    assert told["notes"] == [
        "1 answer that is not HTML left out.", "1 answer that is an error left out.",
        "1 revisit of a page that had not changed left out.",
    ]  # fmt: skip


def test_the_answer_to_a_form_that_was_sent_is_no_page(tmp_path: Path) -> None:
    """Whether what was sent comes before its answer in the file, or after it."""
    kind = "application/http; msgtype=request"
    records = [answer("https://b.example/", HTML, WARC_Record_ID="<urn:uuid:b>")]
    for number, request_first in enumerate((True, False)):
        name = f"<urn:uuid:{number}>"
        sent = member("request", b"POST /f HTTP/1.1\r\n\r\nx=1", kind, WARC_Concurrent_To=name)
        got = answer(f"https://a{number}.example/f", HTML, WARC_Record_ID=name)
        records += [sent, got] if request_first else [got, sent]
    told = imported(warc(tmp_path / "a.warc.gz", records))
    assert told["notes"] == ["2 answers to a POST left out."]
    assert {row[0] for row in observed("source_domain")} == {"b.example"}


def test_redirects(tmp_path: Path) -> None:
    records = [
        answer("http://a.example/", status="301 Moved", head="Location: https://new.example/home"),
        answer("http://b.example/", status="302 ", head="Location: /inside"),
        answer("http://c.example/", status="302 Found", head="Location: http://[::1"),
        answer("http://d.example/", status="302 Found", head="X: y"),
    ]
    told = imported(warc(tmp_path / "a.warc.gz", records))
    assert (told["links"], told["internal"]) == (1, 1)
    assert observed("source_url, target_url, kind, http_status, redirect_chain") == [
        ("http://a.example/", "https://new.example/home", "redirect", 301, "http://a.example/ https://new.example/home")
    ]


def test_pages_that_cannot_be_read_are_refused_with_their_number(tmp_path: Path) -> None:
    records = [
        answer("mailto:x@y.example", HTML),
        member("response", b"no answer", "application/http; msgtype=response", WARC_Target_URI="https://a.example/"),
        answer("https://b.example/", b"GIF89a\0\0\0\0\0\0"),
        answer("https://c.example/", HTML),
    ]
    told = imported(warc(tmp_path / "a.warc.gz", records))
    assert (told["rows"], told["accepted"], told["rejected"], told["links"]) == (4, 1, 3, 2)
    assert [one["row"] for one in told["problems"]] == [1, 2, 3]


def test_robots_in_headers_hold_for_all_links(tmp_path: Path) -> None:
    head = "Content-Type: text/html\r\nX-Robots-Tag: otherbot: none\r\nX-Robots-Tag: noindex, nofollow"
    imported(warc(tmp_path / "a.warc.gz", [answer("https://a.example/", HTML, head=head)]))
    assert observed("DISTINCT nofollow, flags") == [(1, "noindex")]


def test_a_large_file_goes_in_several_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wat_warc, "BLOCK_ROWS", 10)
    records = [answer(f"https://s{n}.example/", HTML) for n in range(40)]
    told = imported(warc(tmp_path / "a.warc.gz", records))
    assert (told["accepted"], told["links"]) == (40, 80)
    assert len(observed()) == 80
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes((tmp_path / "a.warc.gz").read_bytes()[:-9])
    with pytest.raises(CommandError, match="ends in the middle of a record"):
        imported(cut)
    assert OpenImport.objects.filter(state="failed").count() == 1


# --- Real files -----------------------------------------------------------------------------------------------------
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real files are not here")
@pytest.mark.parametrize(
    ("name", "pages", "revisits"),
    [
        ("commoncrawl/whirlwind.warc.gz", 1, 0),
        ("pywb/example.warc.gz", 2, 1),
        ("pywb/example-bad.warc.gz.bad", 2, 1),
        ("pywb/example-url-agnostic-revisit.warc.gz", 0, 1),
        ("pywb/missing-status-text.warc", 1, 0),
    ],
)
def test_real_files(name: str, pages: int, revisits: int) -> None:
    told = imported(SAMPLES / name)
    assert (told["report"], told["accepted"], told["rejected"]) == ("warc", pages, 0)
    assert any("revisit" in note for note in told["notes"]) is bool(revisits)
    assert any("single gzip member" in note for note in told["notes"]) is name.endswith(".bad")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real files are not here")
def test_a_real_page_and_answers_to_forms() -> None:
    told = imported(SAMPLES / "commoncrawl" / "whirlwind.warc.gz")
    assert told["links"] > 10
    assert {row[0] for row in observed("source_url")} == {"https://an.wikipedia.org/wiki/Escopete"}
    told = imported(SAMPLES / "pywb" / "post-test.warc.gz")
    assert told["notes"] == ["3 answers that are not HTML left out."]
