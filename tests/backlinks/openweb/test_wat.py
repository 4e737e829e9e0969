"""`import_wat` on WAT files: which links are kept and how, what is said, what is refused."""

import gzip
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from backlinks import index
from backlinks.models import OpenImport
from backlinks.openweb import wat as reading
from backlinks.openweb import wat_blocks
from backlinks.openweb.wat_choice import Choice
from projects import runs
from projects.models import Run
from tests.backlinks.openweb.archived import imported, link, member, observed, page, shown, wat
from tests.conftest import Cast
from tests.factories import add_links, profile_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("link_index", "unsettled")]
AT = datetime(2026, 3, 1, 10)


# --- Links ----------------------------------------------------------------------------------------------------------
def test_a_link_to_another_site_is_an_observation(tmp_path: Path) -> None:
    entries = [
        link("https://client.example/shop#top", "Garden shop", "sponsored nofollow UGC"),
        "/about",
        "https://news.example/x",
    ]
    head = {"Title": "A\n story", "Metas": [{"http-equiv": "Content-Language", "content": "en-GB"}]}
    told = imported(wat(tmp_path / "a.wat.gz", [page(links=entries, head=head)]))
    assert {name: told[name] for name in ("report", "rows", "accepted", "rejected", "links", "internal")} == {
        "report": "wat", "rows": 1, "accepted": 1, "rejected": 0, "links": 1, "internal": 2,
    }  # fmt: skip
    columns = """workspace, source, report, row, source_url, source_domain, target_url, target_domain, kind, anchor,
        alt, nofollow, ugc, sponsored, title, language, http_status, first_seen, last_seen, ip, ext_links, int_links"""
    assert observed(columns) == [
        (
            0, "commoncrawl", "wat", 1, "https://news.example/story", "news.example", "https://client.example/shop",
            "client.example", "text", "Garden shop", None, 1, 1, 1, "A story", "en-gb", 200, AT, AT, "93.184.216.34", 1,
            2,
        )
    ]  # fmt: skip


@pytest.mark.usefixtures("settled")
def test_what_was_read_is_seen_by_every_workspace(tmp_path: Path, cast: Cast) -> None:
    add_links(
        workspace=cast.workspace.pk, links=[{"source": "https://a.example/", "target": "https://client.example/"}]
    )
    imported(wat(tmp_path / "a.wat.gz", [page(links=["https://client.example/", "https://rival.example/"])]))
    assert profile_of(workspace=cast.workspace.pk, target="client.example").referring_domains == 2
    assert profile_of(workspace=cast.other_workspace.pk, target="rival.example").links == 1


ENTRIES = [
    (link("//other.example/a", "x"), ("https://other.example/a", "text")),
    (link(" \thttps://other.example/a\n"), ("https://other.example/a", "text")),
    (link("HTTPS://OTHER.example:443/a/../b"), ("https://other.example/b", "text")),
    (link("https:\\\\other.example\\a"), ("https://other.example/a", "text")),
    (link("/\\other.example/a"), ("https://other.example/a", "text")),
    (link("/\t/other.example/a"), ("https://other.example/a", "text")),
    (link("https://b\u00fccher.example/"), ("https://xn--bcher-kva.example/", "text")),
    (link("https://other.example?q=1"), ("https://other.example/?q=1", "text")),
    (link("https://news.example.other.example/"), ("https://news.example.other.example/", "text")),
    (link("https://other.example/", path="AREA@/href"), ("https://other.example/", "text")),
    (link("https://other.example/", path="IFRAME@/src"), ("https://other.example/", "frame")),
    (link("https://other.example/", path="FORM@/action"), ("https://other.example/", "form")),
    (link("https://other.example/x.png", path="IMG@/src"), None),
    (link("https://other.example/x.js", path="SCRIPT@/src"), None),
    ({"href": "https://other.example/in.css"}, None),
    (link("#top"), None),
    (link(""), None),
    (link("mailto:somebody@other.example"), None),
    (link("javascript:location='https://other.example/'"), None),
    (link("data:text/html,https://other.example/"), None),
    (link("https:next"), None),
    (link("www.other.example/a"), None),
    (link("https://www.news.example/b"), None),
    (link("https://shop.news.example/b"), None),
    (link("http://[::1/"), None),
    (link("https://other.example/" + "x" * 9_000), None),
]


def test_which_entries_are_links(tmp_path: Path) -> None:
    """One file with a page for each of them."""
    told = imported(wat(tmp_path / "a.wat.gz", [page(links=[entry]) for entry, _ in ENTRIES]))
    kept = [(row, *kept) for row, (_, kept) in enumerate(ENTRIES, start=1) if kept is not None]
    assert observed("row, target_url, kind") == kept
    assert (told["accepted"], told["links"]) == (len(ENTRIES), len(kept))


def test_a_base_that_leads_elsewhere_makes_relative_links_outward(tmp_path: Path) -> None:
    head = {"Base": "https://cdn.example/pages/"}
    imported(wat(tmp_path / "a.wat.gz", [page(links=["next.html", "/top", "https://news.example/"], head=head)]))
    assert observed("target_url") == [("https://cdn.example/pages/next.html",), ("https://cdn.example/top",)]


def test_what_the_page_asks_of_robots(tmp_path: Path) -> None:
    asked = {"Metas": [{"name": "ROBOTS", "content": "NoIndex, NoFollow"}]}
    by_header = {"x-robots-tag": ["otherbot: none", "nofollow"]}  # a repeated header is a list
    links = ["https://client.example/"]
    pages = [
        page("https://a.example/", links, head=asked),
        page("https://b.example/", links, headers=by_header),
        page("https://c.example/", links),
    ]
    imported(wat(tmp_path / "a.wat.gz", pages))
    assert observed("source_url, nofollow, flags") == [
        ("https://a.example/", 1, "noindex"), ("https://b.example/", 1, ""), ("https://c.example/", 0, ""),
    ]  # fmt: skip


@pytest.mark.usefixtures("settled")
def test_relations_of_the_head_and_redirects(tmp_path: Path) -> None:
    head = {
        "Metas": [{"http-equiv": "refresh", "content": "0; url=https://moved.example/"}],
        "Link": [
            link("https://origin.example/a", rel="canonical", path="LINK@/href"),
            link("https://news.de.example/", rel="alternate", path="LINK@/href"),
            link("https://style.example/a.css", rel="stylesheet", path="LINK@/href"),
        ],
    }
    moved = {"Location": "https://new.example/home"}
    pages = [
        page("https://a.example/", ["https://client.example/"], head=head),
        page("https://b.example/old", status="301", headers=moved, head=False),
        page("https://b.example/in", status="302", headers={"location": "/inside"}, head=False),
    ]
    told = imported(wat(tmp_path / "a.wat.gz", pages))
    assert (told["accepted"], told["links"], told["internal"]) == (3, 5, 1)
    assert observed("source_url, target_url, kind, http_status, redirect_chain") == [
        ("https://a.example/", "https://client.example/", "text", 200, ""),
        ("https://a.example/", "https://moved.example/", "redirect", 200, ""),
        ("https://a.example/", "https://news.de.example/", "alternate", 200, ""),
        ("https://a.example/", "https://origin.example/a", "canonical", 200, ""),
        (
            "https://b.example/old",
            "https://new.example/home",
            "redirect",
            301,
            "https://b.example/old https://new.example/home",
        ),
    ]
    assert {row[0]["canonical"] for row in observed("labels") if row[0]} == {"https://origin.example/a"}
    assert shown() == ["client.example", "moved.example", "new.example"]


def test_the_same_entry_twice_on_a_page_is_one_and_another_anchor_is_another(tmp_path: Path) -> None:
    entries = [
        link("https://client.example/", "one"),
        link("https://client.example/", "one"),
        link("https://client.example/", "two"),
    ]
    assert imported(wat(tmp_path / "a.wat.gz", [page(links=entries)]))["links"] == 2
    assert observed("anchor, ext_links") == [("one", 2), ("two", 2)]


def test_domains_of_pages_were_there_on_the_day(tmp_path: Path) -> None:
    pages = [
        page("https://www.a.example/1"),
        page("https://a.example/2", date="2026-04-02T00:00:00Z"),
        page("https://b.example/"),
    ]
    imported(wat(tmp_path / "a.wat.gz", pages))
    ages = index.days.first_seen_of(0, ["a.example", "b.example"])
    assert ages["a.example"].by_source == {"commoncrawl": (date(2026, 3, 1), date(2026, 4, 2))}
    assert ages["b.example"].first_seen == date(2026, 3, 1)


# --- What is kept ---------------------------------------------------------------------------------------------------
def test_only_links_to_wanted_domains(tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("# ours\nhttps://www.client.example/start\n\nb\u00fccher.example\n")
    entries = [
        "https://shop.Client.example/a", "//client.example:8080/b", "http://user@client.example/c",
        "https://xn--bcher-kva.example/", "https://b\u00fccher.example/2", "https://notclient.example/",
        "https://client.example.evil.example/", "https://evil.example/?client.example", "/client.example",
    ]  # fmt: skip
    told = imported(wat(tmp_path / "a.wat.gz", [page(links=entries)]), targets=str(wanted))
    assert [row[0] for row in observed("target_url")] == [
        "http://client.example/c", "https://client.example:8080/b", "https://shop.client.example/a",
        "https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/2",
    ]  # fmt: skip
    assert told["links"] == 5
    assert observed("DISTINCT ext_links, int_links") == [(-1, -1)], "nobody counted the others"


def test_only_links_to_the_sites_of_all_projects_and_their_competitors(tmp_path: Path, cast: Cast) -> None:
    links = [
        "https://www.client.example/",
        "https://rival.example/",
        "https://second.example/",
        "https://none.example/",
    ]
    imported(wat(tmp_path / "a.wat.gz", [page(links=links)]), watch=True)
    assert [row[0] for row in observed("target_domain")] == ["client.example", "rival.example", "second.example"]


@pytest.mark.usefixtures("settled")
def test_links_inside_a_site_stand_apart(tmp_path: Path) -> None:
    entries = [link("../b?x=1", "b", "nofollow"), link("https://www.news.example/c"), link("https://client.example/")]
    told = imported(wat(tmp_path / "a.wat.gz", [page("https://news.example/x/a", entries)]), internal=True)
    assert (told["links"], told["internal"]) == (1, 2)
    assert observed("target_domain, target_key, source_key, row, anchor, nofollow, kind", "internal_links") == [
        ("news.example", "news.example/b?x=1", "news.example/x/a", 1, "b", 1, "text"),
        ("news.example", "news.example/c", "news.example/x/a", 1, "", 0, "text"),
    ]
    assert shown() == ["client.example"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no domain: write one a line"),
        ("client.example\nco.uk\n", "line 2: 'co.uk' is no domain"),
        ("not a domain\n", "line 1: 'not a domain' is no domain"),
    ],
)
def test_a_list_that_names_no_domains(tmp_path: Path, text: str, said: str) -> None:
    wanted = tmp_path / "wanted.txt"
    wanted.write_text(text)
    with pytest.raises(CommandError, match=said):
        imported(wat(tmp_path / "a.wat.gz", [page()]), targets=str(wanted))


# --- Files ----------------------------------------------------------------------------------------------------------
def test_a_file_that_is_done_is_skipped_whatever_it_is_called(tmp_path: Path) -> None:
    path = wat(tmp_path / "a.wat.gz", [page(links=["https://client.example/"])])
    first = imported(path)
    again = imported(path.rename(tmp_path / "b.wat.gz"))
    assert again == first | {"notes": ["This file was imported before: nothing changes."]}
    assert OpenImport.objects.count() == 1
    assert imported(tmp_path / "b.wat.gz", internal=True)["notes"] == []
    assert OpenImport.objects.count() == 2


def test_a_folder_and_a_list_of_paths(tmp_path: Path) -> None:
    root = tmp_path / "data"
    folder = root / "crawl-data" / "CC-MAIN-2026-10"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        wat(folder / f"{name}.warc.wat.gz", [page(f"https://{name}.example/", ["https://client.example/"])])
    (folder / "readme.txt").write_text("no archive")
    told = imported(root)
    assert [one["file"] for one in told["files"]] == ["a.warc.wat.gz", "b.warc.wat.gz"]
    assert (told["rows"], told["accepted"], told["links"], told["not_found"]) == (2, 2, 2, [])

    wat(tmp_path / "outside.warc.wat.gz", [page()])
    lines = [
        "crawl-data/CC-MAIN-2026-10/a.warc.wat.gz", "s3://commoncrawl/elsewhere/b.warc.wat.gz",
        "crawl-data/c.warc.wat.gz", "../outside.warc.wat.gz", "/etc/hostname", "\x00",
    ]  # fmt: skip
    listed = tmp_path / "wat.paths.gz"
    listed.write_bytes(gzip.compress("\n".join(lines).encode()))
    told = imported(listed, root=str(root))
    assert [one["file"] for one in told["files"]] == ["a.warc.wat.gz"]
    assert told["not_found"] == lines[1:]
    told = imported(listed, root=str(folder))
    assert [one["file"] for one in told["files"]] == ["a.warc.wat.gz", "b.warc.wat.gz"]
    assert told["not_found"] == lines[2:]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder, "There is no WAT or WARC file in"),
        (lambda folder: folder / "absent.wat.gz", "absent.wat.gz: No such file or directory"),
        (lambda folder: _written(folder / "wat.paths", b"a.wat.gz\n"), "say with --root in which folder"),
        (lambda folder: _written(folder / "wat.paths.gz", b"a.wat.gz\n"), "say with --root"),
    ],
)
def test_names_that_name_nothing(tmp_path: Path, make: Any, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        imported(make(tmp_path))


def test_a_list_of_which_nothing_is_there(tmp_path: Path) -> None:
    listed = _written(tmp_path / "wat.paths", b"a.wat.gz\nb.wat.gz\n")
    with pytest.raises(CommandError, match="None of the 2 files of the list is under"):
        imported(listed, root=str(tmp_path))
    with pytest.raises(CommandError, match="is damaged or no gzip file"):
        imported(_written(tmp_path / "wat.paths.gz", b"no gzip"), root=str(tmp_path))
    with pytest.raises(CommandError, match="is no folder"):
        imported(listed, root=str(tmp_path / "absent"))


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def whole(tmp_path: Path) -> bytes:
    pages = [page(f"https://s{n}.example/", ["https://client.example/"]) for n in range(40)]
    return wat(tmp_path / "whole", pages).read_bytes()


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda data: data[:-4], "ends in the middle of a record (number 40): download it again."),
        (lambda data: data[:-200], "ends in the middle of a record"),
        (lambda data: data[: len(data) // 2], "ends in the middle of a record"),
        (lambda data: gzip.decompress(data)[:-100], "ends in the middle of a record (number 40)"),
        (lambda data: gzip.compress(gzip.decompress(data))[:-30], "ends in the middle of a record"),
        (lambda data: data[: len(data) // 2] + b"\0" * 80 + data[len(data) // 2 + 80 :], "is damaged near byte"),
        (lambda data: data + b"garbage" * 20, "is damaged near byte"),
        (lambda data: b"a,b\n1,2\n" * 100, "is no WARC or WAT file"),
        (lambda data: gzip.compress(b"1,tranco.example\n" * 100), "is no WARC or WAT file"),
        (lambda data: b"", "holds no pages"),
        (lambda data: member("warcinfo", b"x", "application/warc-fields"), "holds no pages"),
        (lambda data: member("conversion", b"text", "text/plain"), "This is a WET file"),
    ],
)
def test_a_file_that_cannot_be_read_whole_counts_for_nothing(tmp_path: Path, broken: Any, said: str) -> None:
    path = _written(tmp_path / "a.wat.gz", broken(whole(tmp_path)))
    with pytest.raises(CommandError) as failure:
        imported(path)
    assert said in str(failure.value)
    assert "\n" not in str(failure.value)
    assert shown() == []
    made, run = OpenImport.objects.get(), Run.objects.get()
    assert (made.state, run.state) == (OpenImport.State.FAILED, Run.State.FAILED)
    assert said in made.error
    assert said in run.error


@pytest.mark.usefixtures("settled")
def test_a_file_that_failed_is_read_again_when_it_is_named_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _written(tmp_path / "a.wat.gz", whole(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(reading, "page_of", _fails_at(20))
        with pytest.raises(CommandError, match="the disk is full"):
            imported(path)
    assert shown() == []
    assert imported(path)["links"] == 40
    assert len(observed()) == 40
    assert shown() == ["client.example"]


def _fails_at(number: int) -> Any:
    inner, count = reading.page_of, iter(range(1, 1_000))

    def page_of(body: bytes) -> Any:
        if next(count) == number:
            raise OSError("the disk is full")
        return inner(body)

    return page_of


@pytest.mark.usefixtures("settled")
def test_of_several_files_the_good_ones_are_imported(tmp_path: Path) -> None:
    good = wat(tmp_path / "good.wat.gz", [page(links=["https://client.example/"])])
    bad = _written(tmp_path / "bad.wat.gz", whole(tmp_path)[:-4])
    told = imported(bad, tmp_path / "absent.wat.gz", good)
    errors = {one["file"]: one["error"] for one in told["files"] if "error" in one}
    assert errors["absent.wat.gz"] == "absent.wat.gz: No such file or directory"
    assert "ends in the middle" in errors["bad.wat.gz"]
    assert (told["rows"], told["links"], shown()) == (1, 1, ["client.example"])


def test_a_file_that_changes_between_naming_and_reading(tmp_path: Path) -> None:
    path = wat(tmp_path / "a.wat.gz", [page()])
    made = reading.receive(path, Choice())
    wat(path, [page(links=["https://client.example/"])])
    runs.execute(made.run_id)
    made.refresh_from_db()
    assert (made.state, made.error) == ("failed", "The file has changed since it was named: name it again.")
    path.unlink()
    again = reading.receive(wat(tmp_path / "b.wat.gz", [page()]), Choice())
    (tmp_path / "b.wat.gz").unlink()
    runs.execute(again.run_id)
    again.refresh_from_db()
    assert "is not on this machine any more" in again.error


def test_a_file_that_is_one_single_member_is_read_in_order(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.wat.gz", gzip.compress(gzip.decompress(whole(tmp_path))))
    told = imported(path)
    assert told["links"] == 40
    assert told["notes"] == [
        "The file is one single gzip member: it was read in order, but no page of it can be opened by its place."
    ]
    plain = _written(tmp_path / "b.wat", gzip.decompress(whole(tmp_path)))
    assert (imported(plain)["links"], imported(plain)["accepted"]) == (40, 40)


# --- Records --------------------------------------------------------------------------------------------------------
def test_a_record_that_cannot_be_read_is_refused_with_its_number(tmp_path: Path) -> None:
    good = page(links=["https://client.example/"])
    bodies = [
        good,
        b"{broken",
        b'{"a": 1}',
        page("mailto:x@y.example"),
        b"[" * 5_000,
        page("https://b.example/", ["https://client.example/"]),
    ]
    told = imported(wat(tmp_path / "a.wat.gz", bodies))
    assert (told["rows"], told["accepted"], told["rejected"], told["links"]) == (6, 2, 4, 2)
    assert [one["row"] for one in told["problems"]] == [2, 3, 4, 5]
    assert told["problems"][0]["reason"].startswith("its JSON cannot be read")
    assert told["problems"][1]["reason"].startswith("no WAT record")
    assert told["problems"][2]["reason"] == "the address of the page is none: not http or https: mailto:"
    made = OpenImport.objects.get()
    assert made.problems_file.read().decode().count("\n") == 5


def test_a_file_of_which_no_page_can_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"No page of a.wat.gz could be read: its JSON cannot be read"):
        imported(wat(tmp_path / "a.wat.gz", [b"{broken"]))


def test_what_is_no_page_is_left_out_and_counted(tmp_path: Path) -> None:
    link_out = ["https://client.example/"]
    pages = [
        page(links=link_out, kind="request"),
        page(links=link_out, status="404"),
        page(head=False),
        page(links=link_out),
    ]
    told = imported(wat(tmp_path / "a.wat.gz", pages))
    assert (told["rows"], told["accepted"], told["links"]) == (1, 1, 1)
    assert told["notes"] == ["1 answer that is not HTML left out.", "1 answer that is an error left out."]


def test_texts_from_the_web_are_stored_within_bounds(tmp_path: Path) -> None:
    anchor = "\u202eevil\u202c \x00\x07<script>" + "x" * 5_000
    head = {"Title": "t" * 5_000, "Metas": [{"name": "robots", "content": "x" * 100_000}]}
    half = page("https://b.example/", [link("https://half.example/", "half HALF here")])
    told = imported(
        wat(
            tmp_path / "a.wat.gz",
            [
                page(links=[link("https://client.example/", anchor)], head=head),
                json.dumps(half).encode().replace(b"HALF", b"\\ud83d"),
            ],
        )
    )
    assert told["links"] == 2
    assert observed("length(title), anchor") == [(0, "half \ufffd here"), (500, anchor[:1_000])]


def test_pages_that_are_made_to_fill_the_memory_go_in_smaller_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wat_blocks, "BLOCK_BYTES", 30_000)
    taken = []
    inner = wat_blocks.Block.take
    monkeypatch.setattr(wat_blocks.Block, "take", lambda block: taken.append(block) or inner(block))
    long = [f"https://client.example/{'x' * 8_000}{n}" for n in range(2)]
    pages = [page(f"https://s{n}.example/", [*long, "https://client.example/" + "y" * 50_000]) for n in range(6)]
    told = imported(wat(tmp_path / "a.wat.gz", pages))
    assert (told["links"], len(taken)) == (12, 4)
    assert told["notes"] == ["6 addresses of links left out: no URL that a browser can open."]
