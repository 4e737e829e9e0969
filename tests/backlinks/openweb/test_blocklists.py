"""Lists of malware, phishing and blocked sites: how they are written, what they name, and what the index keeps."""

import gzip
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backlinks import index
from backlinks.openweb import blocklist_lines
from backlinks.openweb.blocklist_lines import (
    EXCEPTION,
    HIDING,
    NO_NAME,
    SUFFIX,
    Bad,
    Entry,
    entry_of,
    of_json,
    of_lines,
)
from backlinks.openweb.holdings import Refused

URLHAUS = """################################################################
# abuse.ch URLhaus Database Dump (CSV - recent URLs only)        #
# Last updated: 2026-11-25 10:12:05 (UTC)                        #
################################################################
#
# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter
"1","2026-11-25 10:11:08","http://203.0.113.9:8080/bin.sh","online","","malware_download","elf,mirai","https://l.example/1/","a"
"2","2026-11-25 10:10:08","https://files.cheap.example/a,b/x.exe","offline","","malware_download","","https://l.example/2/","b"
"""
HOSTS = """\ufeff# Title: hosts, of many\r
127.0.0.1 localhost\r
::1 localhost ip6-localhost\r
0.0.0.0 0.0.0.0\r
0.0.0.0 bad.example www.worse.example # two of one hand\r
0.0.0.0\tmünchen-bad.example\r
0.0.0.0 github.io\r
"""
PHISHTANK = """phish_id,url,phish_detail_url,submission_time,verified
9,https://login.example/verify?a=1,http://p.example/9,2026-11-01,yes
"""
FILTERS = """[Adblock Plus 2.0]
! Title: ads
||ads.example^
||track.example^$third-party
@@||good.example^
*.wild.example
.dotted.example
"""


def named(text: str) -> list[tuple[str, str]]:
    """(host, page) of what is named."""
    found = of_lines(text.splitlines(keepends=True))
    return [(one.host, one.page) for _, one in found if isinstance(one, Entry)]


def refused(text: str) -> list[tuple[int, str, str]]:
    return [(row, one.text, one.reason) for row, one in of_lines(text.splitlines()) if isinstance(one, Bad)]


# --- How lists are written --------------------------------------------------------------------------------------------
def test_hosts_files() -> None:
    hosts = [("bad.example", ""), ("worse.example", ""), ("xn--mnchen-bad-9db.example", "")]
    assert [host for host, _ in named(HOSTS)] == [host for host, _ in hosts]
    assert refused(HOSTS) == [(7, "github.io", SUFFIX)]


def test_tables_whose_header_is_a_comment_or_a_row() -> None:
    assert named(URLHAUS) == [
        ("203.0.113.9", "203.0.113.9:8080/bin.sh"), ("files.cheap.example", "files.cheap.example/a,b/x.exe"),
    ]  # fmt: skip
    assert named(PHISHTANK) == [("login.example", "login.example/verify?a=1")]
    assert named("# domain, and why: of us\nbad.example\nworse.example\n") == [
        ("bad.example", ""),
        ("worse.example", ""),
    ]
    assert named("1;bad.example;x\n2;worse.example;y\n") == [("bad.example", ""), ("worse.example", "")]


def test_filters_of_ad_blockers_and_wild_cards() -> None:
    assert [host for host, _ in named(FILTERS)] == ["ads.example", "track.example", "wild.example", "dotted.example"]
    assert refused(FILTERS) == [(5, "@@||good.example^", EXCEPTION)]
    hiding = ["news.example##.ad", "a.example,b.example#@#.ad", "shop.example#?#div", "mail.example$$script"]
    assert refused("\n".join(hiding)) == [(row, one, HIDING) for row, one in enumerate(hiding, 1)]


def test_a_row_with_a_stray_carriage_return_is_one_row() -> None:
    found = of_lines(["id,url\n", "1,http://a.example/x\ry\n", "2,http://b.example/z\n"])
    assert [(row, one.host) for row, one in found if isinstance(one, Entry)] == [(2, "a.example"), (3, "b.example")]


def test_plain_lists_of_names_and_urls() -> None:
    text = "bad.example\n; a comment\n\nhttp://site.github.io/x\nhxxp://evil[.]example/y\nsub.bad.example.\nhttp://bad.example\n"
    assert named(text) == [
        ("bad.example", ""), ("site.github.io", "site.github.io/x"), ("evil.example", "evil.example/y"),
        ("sub.bad.example", ""), ("bad.example", "bad.example/"),
    ]  # fmt: skip
    assert {one.domain for _, one in of_lines(["a.b.github.io", "a.b.example.co.uk"]) if isinstance(one, Entry)} == {
        "b.github.io", "example.co.uk",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("co.uk", SUFFIX),
        ("com", SUFFIX),
        ("http://github.io/", SUFFIX),
        ("nothing here", NO_NAME),
        ("ftp://a.example/", ""),
    ],
)
def test_what_names_nobody_has_a_reason(value: str, reason: str) -> None:
    found = entry_of(value)
    assert isinstance(found, Bad)
    assert found.reason == reason if reason else found.reason


def test_json_of_objects_in_lists_and_by_ids() -> None:
    plain = [{"phish_id": 1, "url": "https://login.example/a"}, "https://other.example/b", {"id": 3}]
    assert [one.host if isinstance(one, Entry) else one.reason for _, one in of_json(json.dumps(plain).encode())] == [
        "login.example", "other.example", NO_NAME,
    ]  # fmt: skip
    by_id = {"7": [{"url": "http://203.0.113.9/x"}], "8": [{"ioc_value": "worse.example"}]}
    assert [one.host for _, one in of_json(json.dumps(by_id).encode()) if isinstance(one, Entry)] == [
        "203.0.113.9", "worse.example",
    ]  # fmt: skip
    with pytest.raises(Refused, match="no whole JSON"):
        list(of_json(b'[{"url": "http://a.example/"'))


def test_endless_lines_are_cut() -> None:
    for line in ("a.example," + "x" * 500_000, "a.example " * 90_000, '"' + "y," * 300_000):
        assert len(list(of_lines(["id,domain,z", line, "1,b.example,2"]))) < 2_000
        assert list(of_lines([line]))


def test_a_host_in_the_first_column_is_no_address_of_a_hosts_file() -> None:
    assert blocklist_lines.table_of(["0.0.0.0\tbad.example", "0.0.0.0\tworse.example"]) is None


# --- What the index keeps ---------------------------------------------------------------------------------------------
def command(*arguments: object) -> dict[str, Any]:
    out = io.StringIO()
    call_command("import_blocklist", *map(str, arguments), "--json", stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


@pytest.mark.django_db
@pytest.mark.usefixtures("link_index")
def test_a_list_replaces_the_one_of_its_name_whole(tmp_path: Path) -> None:
    path = tmp_path / "hosts-2026-11-01.gz"
    path.write_bytes(gzip.compress(HOSTS.encode()))
    answer = command(path, "--kind", "blocklist", "--name", "ours")
    assert {name: answer[name] for name in ("list", "kind", "day", "rows", "accepted", "rejected", "domains")} == {
        "list": "ours", "kind": "blocklist", "day": "2026-11-01", "rows": 4, "accepted": 3, "rejected": 1, "domains": 3,
    }  # fmt: skip
    assert answer["problems"] == [{"row": 7, "reason": SUFFIX, "value": "github.io"}]
    again = command(path, "--kind", "blocklist", "--name", "ours")
    assert again["notes"] == ["This file was imported before: nothing changes."]
    newer = tmp_path / "urlhaus.csv"
    newer.write_text(URLHAUS)
    assert command(newer, "--kind", "malware", "--name", "urlhaus", "--day", "2026-11-25")["accepted"] == 2
    newer.write_text("only.example\n")
    assert command(newer, "--kind", "blocklist", "--name", "ours", "--day", "2026-11-25")["accepted"] == 1
    assert [(one.list, one.kind, one.day, one.rows) for one in index.listedhosts.lists(0)] == [
        ("ours", "blocklist", date(2026, 11, 25), 1), ("urlhaus", "malware", date(2026, 11, 25), 2),
    ]  # fmt: skip
    assert command("--remove", "ours")["removed"] == ["urlhaus.csv"]
    assert [one.list for one in index.listedhosts.lists(0)] == ["urlhaus"]


@pytest.mark.django_db
@pytest.mark.usefixtures("link_index")
def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>Log in</title>")
    with pytest.raises(CommandError, match="web page"):
        command(page, "--kind", "malware", "--name", "x")
    empty = tmp_path / "empty.txt"
    empty.write_text("# nothing\n")
    with pytest.raises(CommandError, match="names a site"):
        command(empty, "--kind", "malware", "--name", "x")
    with pytest.raises(CommandError, match="--kind malware or"):
        command(empty)
    with pytest.raises(CommandError, match="no name of a list"):
        command(empty, "--kind", "malware", "--name", "A list")
    assert not index.listedhosts.lists(0)
