"""Bulk analysis: what is read of pasted and uploaded text, and figures that are those of each target's own pages."""

import random
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlinks import index
from backlinks.workbench import targetlists as desk
from backlinks.workbench.models import TargetList
from projects import runs
from projects.models import AuditEntry, Competitor, Membership
from seoapp.lib.weburl import Target
from tests.backlinks.index.counting import ask, counts
from tests.backlinks.index.observed import NEW_YEAR, asked, domain, link, observe, observe_all, rows_of
from tests.backlinks.pages import all_rows, csv_of, fill, number_in, soup_of, url_of
from tests.backlinks.pages import rows_of as table_rows

WS = 7
TODAY = (date.today() - date.fromtimestamp(NEW_YEAR)).days


def _told(found: desk.Reading) -> list[tuple[str, str]]:
    return [(str(one), one.scope) for one in found.targets]


# --- Reading ------------------------------------------------------------------------------------------------------
def test_pasted_lines_with_junk_names_of_all_scripts_and_doubles() -> None:
    text = (
        "a.com\nB.com, c.de;d.fr\nhttps://x.com/a,b\nblog.a.com host\na.com\nhello\nco.uk\nmünchen.de\n\n"
        " http://a.com/shop/ folder \nx.com,page\nftp://x.y/\nhttp://a.com/\x01\nXN--MNCHEN-3YA.de\n=cmd()\n"
    )
    found = desk.read_text(text)
    assert _told(found) == [
        ("a.com", "root"), ("b.com", "root"), ("c.de", "root"), ("d.fr", "root"), ("x.com/a,b", "exact"),
        ("blog.a.com", "host"), ("xn--mnchen-3ya.de", "root"), ("a.com/shop/", "prefix"), ("x.com/", "exact"),
    ]  # fmt: skip
    assert [row for row, _, _ in found.refused] == [5, 6, 7, 12, 13, 14, 15]
    reasons = [reason for _, _, reason in found.refused]
    assert reasons[0] == "the same as row 1" and reasons[1] == "no domain that somebody can own"


def test_a_scope_for_all_lines_gives_way_to_that_of_a_line() -> None:
    found = desk.read_text("blog.a.com\nblog.a.com host\nb.com/x page", "root")
    assert _told(found) == [("a.com", "root"), ("blog.a.com", "host"), ("b.com/x", "exact")]


@pytest.mark.parametrize(
    ("content", "column", "expected", "taken"),
    [
        (b"Name,Website,Scope\nFoo,foo.com,host\nBar,www.bar.com,\n", "", [("foo.com", "host"), ("bar.com", "root")],
         "Website"),
        ("Domain;DR\nfoo.com;1".encode("utf-16"), "", [("foo.com", "root")], "Domain"),
        (b"a.com\nb.com\n", "", [("a.com", "root"), ("b.com", "root")], ""),
        (b"a.com\tx.com\nb.com\ty.com\n", "2", [("x.com", "root"), ("y.com", "root")], "column 2"),
        (b"From,To\na.com,x.com\n", "to", [("x.com", "root")], "To"),
        ("Seite,Ort\nm\xfcller.de,Ulm\n".encode("cp1252"), "", [("xn--mller-kva.de", "root")], "Seite"),
    ],
)  # fmt: skip
def test_files(content: bytes, column: str, expected: list[tuple[str, str]], taken: str) -> None:
    found = desk.read_file(content, column=column)
    assert (_told(found), found.column) == (expected, taken)


@pytest.mark.parametrize("content", [b"\x00\x01\x02\n", b"a,b\n1,2\n"])
def test_files_without_targets_are_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(desk.ListRefused, match=r"\."):
        desk.read_file(content)
    with pytest.raises(desk.ListRefused, match="There is no column"):
        desk.read_file(b"a,b\nx.com,1\n", column="c")


def test_a_table_is_as_wide_as_its_cells_are_and_no_wider_than_can_be_looked_through(monkeypatch) -> None:
    looked_at = []
    is_target = desk._is_target
    monkeypatch.setattr(desk, "_is_target", lambda cell: looked_at.append(cell) or is_target(cell))
    wide = ",".join(["x"] * desk.MOST_COLUMNS)
    found = desk.read_file("\n".join([wide, *(f"Foo,foo-{one}.com" for one in range(100))]).encode())
    assert (len(found.targets), found.column) == (100, "x")
    assert len(looked_at) == desk.MOST_COLUMNS + 2 * 100 + 1  # and the head of the column that was taken
    looked_at.clear()
    desk.read_file("\n".join([f"{wide[2:]},a.com"] * 200).encode())
    assert len(looked_at) == desk.SAMPLE + 1
    with pytest.raises(desk.ListRefused, match=r"Row 2 has 201 columns, and at most 200 are read: .+\."):
        desk.read_file(f"a,b\n{wide},a.com\n".encode())


def test_ten_thousand_are_kept_and_the_rest_refused() -> None:
    found = desk.read_text("\n".join(f"site-{number}.com" for number in range(25_000)))
    assert len(found.targets) == desk.MOST
    assert len(found.refused) == desk.MOST_LINES - desk.MOST + 1
    assert "at most 10,000" in found.refused[0][2]


# --- Figures ------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("link_index")
def test_figures_are_those_of_each_targets_own_pages() -> None:
    chance = random.Random(3)
    places = [
        "a.example/",
        "a.example/shop/x",
        "a.example/shop/y?z=1",
        "www.a.example/",
        "blog.a.example/p",
        "b.example/",
    ]
    rows = [
        link(
            f"s{chance.randrange(30)}.example/{chance.randrange(3)}",
            chance.choice(places),
            first_seen=chance.randrange(TODAY),
            last_seen=TODAY - chance.choice([0, 400]),
            nofollow=chance.choice([-1, 0, 1]),
            ip=f"192.0.2.{chance.randrange(5)}",
            kind=chance.choice(["text", "image"]),
            **({"lost_at": TODAY - 3, "lost_reason": "notfound"} if chance.random() < 0.2 else {}),
        )
        for _ in range(200)
    ]
    named = [domain("only.example", target_domain="a.example", last_seen=TODAY)]
    observe_all(
        WS,
        (rows[:120], "ahrefs", "observations"),
        (rows[120:], "gsc", "observations"),
        (named, "bing", "domain_links"),
    )
    asked_for = [
        ("a.example", "root"), ("b.example", "root"), ("none.example", "root"), ("a.example", "host"),
        ("blog.a.example", "host"), ("a.example/shop/", "prefix"), ("a.example/", "prefix"), ("a.example/", "exact"),
        ("a.example/shop/y?z=1", "exact"), ("a.example/nothing", "exact"),
    ]  # fmt: skip
    since = date.fromtimestamp(NEW_YEAR) + timedelta(days=TODAY - 30)
    queries = [index.pin(asked(WS, "domains", text, scope)) for text, scope in asked_for]
    for query, row in zip(queries, index.lists.list_figures(queries, since), strict=True):
        head = asdict(index.headline(query))
        unknown = index.why_unknown(head | {name: row[name] for name in index.lists.RECENT})
        assert {name for name, value in row.items() if value == -1} - {"authority", "graph_domains"} == set(unknown)
        told = set(index.lists.COUNTED) - set(unknown)
        assert {name: row[name] for name in told} == {name: head[name] for name in told}, query
        assert (query.target.host == "none.example" or query.target.key.endswith("/nothing")) is ("links" in unknown)
        assert (row["first_seen"], row["last_seen"]) == (head["first_seen"], head["last_seen"])
        for report, name in (("links", "new_links"), ("domains", "new_domains")):
            new = ask(query, report, first_seen_from=since.isoformat())
            gone = ask(query, report, state="lost", lost_at_from=since.isoformat())
            counted = counts([new, gone])
            told = row[name], row[name.replace("new", "lost")]
            assert told == ((-1, -1) if name in unknown else (counted[new], counted[gone])), (query, report)
        known = {one for link in rows_of(query) for one in link["sources"]}
        assert set(row["sources"]) == known


@pytest.mark.usefixtures("link_index")
def test_ten_thousand_domains_in_a_handful_of_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    observe(WS, [link(f"s{number % 7}.example/", f"t{number}.example/") for number in range(3000)])
    asked_times = []
    read = index.lists.engine.read
    monkeypatch.setattr(index.lists.engine, "read", lambda *told: asked_times.append(1) or read(*told))
    queries = [asked(WS, "domains", f"t{number}.example", "root") for number in range(10_000)]
    rows = index.lists.list_figures(queries, date(2026, 1, 1))
    assert sum(row["links"] for row in rows if row["links"] > 0) == 3000
    assert len(asked_times) < 40


# --- Pages --------------------------------------------------------------------------------------------------------
def _post(client, cast, **posted):
    return client.post(url_of(cast.project, "bulk/save/"), {"name": "My list", **posted}, follow=True)


def test_a_list_becomes_a_table_whose_numbers_lead_to_their_rows(profile, browse):
    text = "client.example\ndocs.client.example host\nclient.example/shop/ folder\nnobody.example\nhello"
    page = soup_of(_post(browse(profile.editor), profile, targets=text))
    assert len(table_rows(page)) >= 4
    client = browse(profile.viewer)
    url = url_of(profile.project, f"bulk/{TargetList.objects.get().pk}/")
    page = soup_of(client.get(url))
    numbers = [one for one in page.select("#list-targets td.num a") if "/why/" not in one["href"]]
    assert len(numbers) > 10
    for one in numbers:
        assert all_rows(client, one["href"]) == number_in(one), one["href"]
    head, *rows = csv_of(client.get(f"{url}?export=csv"))
    assert len(rows) == 4
    nobody = dict(zip(head, next(row for row in rows if row[0] == "nobody.example"), strict=True))
    assert (nobody["Links"], nobody["IPs"], nobody["Lost domains"]) == ("", "", "")
    assert page.select_one("#list-targets .unknown[title^='Nothing is known of it yet']")
    few = soup_of(client.get(f"{url}?links_min=3&scope=root"))
    assert [row.td.get_text() for row in few.select("#list-targets tbody tr")] == ["client.example"]
    assert csv_of(client.get(f"{url}refused.csv"))[1:] == [["5", "hello", "no domain that somebody can own"]]


def test_an_uploaded_file_goes_before_the_lines(profile, browse):
    file = SimpleUploadedFile("sites.csv", b"Name,Site\nA,a.com\nB,b.com\n")
    page = soup_of(_post(browse(profile.editor), profile, file=file, targets="c.com"))
    assert "2 targets were read from Site" in page.get_text()


def test_what_cannot_be_read_is_said(profile, browse):
    client = browse(profile.editor)
    assert "Paste at least one target" in _post(client, profile, targets=" ").content.decode()
    assert "No line is a domain" in _post(client, profile, targets="hello").content.decode()
    assert not TargetList.objects.exists()


def test_many_parts_are_counted_by_a_run(profile, browse, monkeypatch):
    monkeypatch.setattr(desk, "DIRECT", 1)
    monkeypatch.setattr(desk, "AT_ONCE", 2)
    fill(profile)
    client = browse(profile.editor)
    _post(client, profile, targets="client.example/shop/\nclient.example/old\nclient.example")
    made = TargetList.objects.get()
    url = url_of(profile.project, f"bulk/{made.pk}/")
    assert "being counted" in client.get(url).content.decode()
    runs.execute(made.run_id)
    made.run.refresh_from_db()
    assert (made.run.state, made.run.error) == ("done", "")
    page = soup_of(client.get(f"{url}?sort=-links"))
    assert [row.td.get_text() for row in page.select("#list-targets tbody tr")] == [
        "client.example", "client.example/shop/", "client.example/old",
    ]  # fmt: skip
    client.post(f"{url}count/")
    made.refresh_from_db()
    assert made.run.state == "queued"
    assert AuditEntry.objects.get(action="targets.counted").what == made.name
    client.post(f"{url}delete/")
    assert not TargetList.objects.exists()


def test_a_viewer_of_named_projects_sees_its_own_targets_only(profile, browse):
    _post(browse(profile.editor), profile, targets="client.example\nrival.example\nnews.example")
    Membership.objects.filter(user=profile.viewer).update(all_projects=False)
    Membership.objects.get(user=profile.viewer).projects.add(profile.project)
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, f"bulk/{TargetList.objects.get().pk}/")))
    shown = {row.td.get_text() for row in page.select("#list-targets tbody tr")}
    assert shown == {"client.example", "rival.example"}
    Membership.objects.filter(user=profile.editor).update(all_projects=False)
    Membership.objects.get(user=profile.editor).projects.add(profile.project)
    _post(browse(profile.editor), profile, targets="client.example\nnews.example")
    newest = TargetList.objects.first()
    assert (newest.targets, newest.refused[0][1]) == ([["client.example", "root"]], "news.example")
    assert browse(profile.client).get(url_of(profile.project, "bulk/")).status_code == 403


def _narrowed(cast, user) -> None:
    Membership.objects.filter(user=user).update(all_projects=False)
    Membership.objects.get(user=user).projects.add(cast.project)


def test_refused_lines_of_others_are_not_shown_to_who_sees_named_projects_only(profile, browse):
    lines = "client.example\nclient.example\nnews.example\nnews.example\nsecret word.\nrival.example\nrival.example"
    _post(browse(profile.editor), profile, targets=lines)
    made = TargetList.objects.get()
    url, client = url_of(profile.project, f"bulk/{made.pk}/"), browse(profile.viewer)
    everything = csv_of(client.get(f"{url}refused.csv"))[1:]
    assert [text for _, text, _ in everything] == [text for _, text, _ in made.refused] and len(everything) > 4
    _narrowed(profile, profile.viewer)
    own = [["2", "client.example", "the same as row 1"], ["7", "rival.example", "the same as row 6"]]
    assert csv_of(client.get(f"{url}refused.csv"))[1:] == own
    page = soup_of(client.get(url))
    assert [row.td.get_text() for row in page.select("details.card tbody tr")] == ["2", "7"]
    lists = csv_of(client.get(f"{url_of(profile.project, 'bulk/')}?export=csv"))
    assert lists[1][lists[0].index("Refused")] == ""
    _narrowed(profile, profile.editor)
    typed = csv_of(browse(profile.editor).get(f"{url}refused.csv"))[1:]
    assert typed == everything
    rows = AuditEntry.objects.filter(action="export", what="refused lines of My list")
    assert [one.detail["rows"] for one in rows.order_by("pk")] == [len(everything), 2, len(everything)]


def test_the_projects_targets_are_read_once_however_many_lines_and_rows_there_are(profile, browse):
    _narrowed(profile, profile.editor)
    client, asked_times = browse(profile.editor), []
    for count in (2, 60):
        lines = [f"{one}.client.example host\n{one}.news.example" for one in range(count)]
        with CaptureQueriesContext(connection) as saving:
            client.post(url_of(profile.project, "bulk/save/"), {"name": "x", "targets": "\n".join(lines)})
        made = TargetList.objects.first()
        assert (len(made.targets), len(made.refused)) == (count, count)
        with CaptureQueriesContext(connection) as reading:
            page = soup_of(client.get(url_of(profile.project, f"bulk/{made.pk}/?page_size=100")))
        assert len(table_rows(page)) >= min(count, 50)
        asked_times.append([_of_rivals(saving), _of_rivals(reading)])
    assert asked_times[0] == asked_times[1]


def _of_rivals(asked: CaptureQueriesContext) -> int:
    return sum(Competitor._meta.db_table in one["sql"] for one in asked.captured_queries)


def test_a_list_that_was_deleted_ends_its_run_quietly(profile, browse, monkeypatch):
    monkeypatch.setattr(desk, "DIRECT", 1)
    _post(browse(profile.editor), profile, targets="client.example/shop/\nclient.example/old")
    run = TargetList.objects.get().run
    TargetList.objects.all().delete()
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.error) == ("done", "")


def test_targets_read_back_as_they_were() -> None:
    for text, scope in (("a.com", "root"), ("www.a.com", "host"), ("a.com/x/", "prefix"), ("a.com/?q=1", "exact")):
        target = Target.parse(text, scope)
        assert Target.parse(str(target), target.scope) == target
