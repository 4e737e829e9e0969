"""Marks in lists, filters and exports; many rows at once; who may, and how it is taken back."""

import threading
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backlinks import actions, index
from backlinks.index import sql
from backlinks.models import BulkChange, Mark
from backlinks.views.saving import marks as pages
from backlinks.workbench import deciding, marks
from projects.models import AuditEntry
from tests.backlinks.pages import all_rows, csv_of, fill, rows_of, soup_of, url_of
from tests.conftest import Cast

LIST, DOMAINS, ROWS, UNDO = "backlinks/", "domains/", "rows/", "rows/undo/"
COLS = "source_url.tags.note.whitelisted"


def ids_of(client, project) -> dict[str, str]:
    """URL of each linking page -> what its row sends when it is ticked."""
    page = soup_of(client.get(url_of(project, LIST)))
    return {row.select_one("td.url a")["href"]: row.select_one("td.pick input")["value"] for row in rows_of(page)}


def act(client, project, action, rows=(), report="links", **more):
    data = {"report": report, "action": action, "row": list(rows), "query": "", "back": url_of(project, LIST)} | more
    return client.post(url_of(project, ROWS), data, follow=True)


def said(response) -> list[str]:
    return [one.get_text(" ", strip=True) for one in soup_of(response).select(".alert")]


def shown(client, project, params) -> dict[str, list[str]]:
    rows = csv_of(client.get(url_of(project, LIST), params | {"cols": COLS, "export": "csv"}))[1:]
    return {row[0]: row[1:] for row in rows}


@pytest.fixture
def editor(profile, browse):
    return browse(profile.editor)


def test_ticked_rows_are_tagged_and_found_again_by_their_tag(profile, editor):
    ids = ids_of(editor, profile.project)
    chosen = ["https://news.example/a", "https://blog.example/post"]
    response = act(editor, profile.project, "tag", [ids[one] for one in chosen], **{"tag.tag": "  To  Do, "})
    assert "Tagged 2 rows." in " ".join(said(response))
    found = shown(editor, profile.project, {"tags": "to do"})
    assert {one: found[one][0] for one in found} == dict.fromkeys(chosen, "to do")
    page = soup_of(editor.get(url_of(profile.project, LIST), {"tags": "to do", "cols": COLS}))
    assert [one.get_text(strip=True) for one in page.select("td.tags .tag")] == ["to do", "to do"]
    assert "Tags includes to do" in page.select_one(".chips[aria-label='Filters in use']").get_text()
    entry = AuditEntry.objects.get(action="links.acted")
    assert (entry.detail["rows"], entry.detail["changed"], entry.detail["values"]) == (2, 2, {"tag": "To  Do,"})


def test_a_domains_mark_holds_for_its_links(profile, editor):
    act(editor, profile.project, "tag", ["news.example"], "domains", **{"tag.tag": "press"})
    act(editor, profile.project, "whitelist", ["news.example"], "domains")
    act(editor, profile.project, "note", ["news.example"], "domains", **{"note.note": "=our friends"})
    found = shown(editor, profile.project, {"tags": "press", "whitelisted": "yes", "note": "FRIENDS"})
    assert set(found) == {"https://news.example/a", "https://news.example/b", "https://www.news.example/c"}
    assert {one[1] for one in found.values()} == {"'=our friends"}, "neutralised as every cell"
    rows = csv_of(
        editor.get(url_of(profile.project, DOMAINS), {"tags": "press", "cols": "source_domain", "export": "csv"})
    )
    assert [row[0] for row in rows[1:]] == ["news.example"]
    where = {"where": "whitelisted is yes and not (tags has press)"}
    assert all_rows(editor, url_of(profile.project, LIST) + "?where=whitelisted+is+yes+and+tags+has+press") == 3
    assert shown(editor, profile.project, where) == {}


def test_all_rows_of_a_filter(profile, editor):
    whole = all_rows(editor, url_of(profile.project, f"{LIST}?nofollow=yes"))
    act(editor, profile.project, "whitelist", all="yes", query="nofollow=yes")
    assert Mark.objects.filter(is_whitelisted=True).count() == whole > 0
    assert set(shown(editor, profile.project, {"whitelisted": "yes"})) == set(
        shown(editor, profile.project, {"nofollow": "yes"})
    )
    act(editor, profile.project, "unlist", all="yes", query="whitelisted=yes")
    assert not Mark.objects.exists(), "a mark that says nothing is no mark"


def test_many_rows_are_asked_about_once_more(profile, editor, monkeypatch):
    monkeypatch.setattr(pages, "ASK_OVER", 2)
    whole = all_rows(editor, url_of(profile.project, LIST))
    asked = act(editor, profile.project, "tag", all="yes", **{"tag.tag": "<b>all</b>"})
    page = soup_of(asked)
    assert page.h1.get_text(strip=True) == f"Add tag: {whole} links?"
    assert not Mark.objects.exists()
    form = {one["name"]: one["value"] for one in page.select("main form input[type=hidden]") if one.get("name")}
    response = editor.post(url_of(profile.project, ROWS), form, follow=True)
    assert f"Tagged {whole} rows." in " ".join(said(response))
    assert {tuple(one.tags) for one in Mark.objects.all()} == {("<b>all</b>",)}


def test_more_than_is_done_at_once_is_refused(profile, editor, monkeypatch):
    monkeypatch.setattr(pages, "MOST", 3)
    response = act(editor, profile.project, "whitelist", all="yes")
    assert "narrow the list with a filter" in " ".join(said(response))
    assert not Mark.objects.exists()


def test_what_was_done_last_is_taken_back_but_for_what_changed_since(profile, editor, browse):
    ids = list(ids_of(editor, profile.project).values())
    act(editor, profile.project, "tag", ids[:1], **{"tag.tag": "old"})
    act(editor, profile.project, "tag", ids, **{"tag.tag": "new"})
    page = soup_of(editor.get(url_of(profile.project, LIST)))
    assert "Add tag (tag: new)" in page.select_one(".bulk-undo").get_text()
    assert soup_of(browse(profile.owner).get(url_of(profile.project, LIST))).select_one(".bulk-undo") is None
    act(browse(profile.owner), profile.project, "tag", ids[1:2], **{"tag.tag": "later"})
    response = editor.post(url_of(profile.project, UNDO), {"back": url_of(profile.project, LIST)}, follow=True)
    assert f"Taken back on {len(ids) - 1} rows. 1 row changed since" in " ".join(said(response))
    assert {one.link_id: one.tags for one in Mark.objects.all()} == {ids[0]: ["old"], ids[1]: ["later", "new"]}
    assert AuditEntry.objects.get(action="links.taken_back").detail["changed"] == len(ids) - 1
    again = editor.post(url_of(profile.project, UNDO), {"back": ""}, follow=True)
    assert "nothing to take back" in " ".join(said(again))
    assert not BulkChange.objects.filter(user=profile.editor).exists()


@pytest.mark.parametrize("who", ["viewer", "client"])
def test_who_may_only_read_cannot_act(profile, browse, who):
    client = browse(getattr(profile, who))
    page = soup_of(client.get(url_of(profile.project, LIST)))
    assert page.select("td.pick, .bulk") == []
    for path, data in (
        (ROWS, {"report": "links", "action": "whitelist", "all": "yes"}),
        (UNDO, {}),
        ("backlinks/1/mark/", {"tags": "x"}),
    ):
        assert client.post(url_of(profile.project, path), data).status_code == 403
    assert not Mark.objects.exists()


def test_an_action_of_a_higher_role_is_not_offered_nor_carried_out(profile, editor, browse, monkeypatch):
    high = actions.LinkAction("high", "Admins only", "tag", "admin", marks.WHITELIST.run)
    monkeypatch.setattr(actions, "link_actions", lambda: [high])
    assert soup_of(editor.get(url_of(profile.project, LIST))).select(".bulk") == []
    assert act(editor, profile.project, "high", all="yes").status_code == 403
    assert "Whitelisted" in " ".join(said(act(browse(profile.admin), profile.project, "high", all="yes")))


def test_clients_neither_see_marks_nor_find_rows_by_them(profile, editor, browse):
    act(editor, profile.project, "note", all="yes", query="nofollow=yes", **{"note.note": "secret words"})
    client = browse(profile.client)
    whole = all_rows(client, url_of(profile.project, LIST))
    for params in (
        "note=secret",
        "whitelisted=yes",
        "tags=x",
        "where=note+contains+secret",
        "sort=note",
        f"cols={COLS}",
    ):
        response = client.get(url_of(profile.project, f"{LIST}?{params}"))
        assert response.status_code == 200
        assert "secret words" not in response.content.decode().replace("note contains secret", "")
        assert all_rows(client, url_of(profile.project, f"{LIST}?{params}")) == whole, params


def test_what_an_action_needs_is_asked_for(profile, editor):
    assert "needs a tag" in " ".join(said(act(editor, profile.project, "tag", all="yes")))
    assert "Say which tag" in " ".join(said(act(editor, profile.project, "tag", all="yes", **{"tag.tag": ",\u200b"})))
    assert "at most 40" in " ".join(said(act(editor, profile.project, "tag", all="yes", **{"tag.tag": "x" * 41})))
    assert act(editor, profile.project, "nothing", all="yes").status_code == 404
    assert act(editor, profile.project, "tag", report="anchors", all="yes").status_code == 404
    assert not Mark.objects.exists()


def test_enter_alone_does_nothing_and_says_so(profile, editor):
    page = soup_of(editor.get(url_of(profile.project, LIST)))
    first = page.select_one("#bulk-links button[type=submit]")
    assert (first["name"], first["value"]) == ("action", "")
    ids = ids_of(editor, profile.project)
    response = act(editor, profile.project, "", list(ids.values())[:2], **{"tag.tag": "x"})
    assert "Nothing was done" in " ".join(said(response))
    assert not Mark.objects.exists()


def test_a_form_leads_back_to_its_list_and_nowhere_else(profile, editor):
    for back in ("https://evil.example/", "//evil.example/", "\\\\evil", url_of(profile.project, "checks/")):
        response = editor.post(url_of(profile.project, ROWS), {"report": "links", "action": "whitelist", "back": back})
        assert response["Location"] == url_of(profile.project, LIST)
    kept = url_of(profile.project, f"{LIST}?nofollow=yes&page=2")
    response = editor.post(url_of(profile.project, ROWS), {"report": "links", "action": "whitelist", "back": kept})
    assert response["Location"] == kept


def test_a_grouped_list_offers_no_choice_because_a_row_stands_for_several(profile, editor):
    assert soup_of(editor.get(url_of(profile.project, LIST), {"group": "domain"})).select("td.pick") == []


def test_a_link_is_marked_on_its_own_page(profile, editor, browse):
    link_id = ids_of(editor, profile.project)["https://news.example/a"]
    page = url_of(profile.project, f"{LIST}{link_id}/")
    editor.post(f"{page}mark/", {"tags": "B, a,b", "note": "first\r\nsecond", "whitelisted": "yes"})
    mark = Mark.objects.get()
    assert (mark.tags, mark.note, mark.is_whitelisted, mark.changed_by) == (
        ["a", "b"],
        "first\nsecond",
        True,
        profile.editor,
    )
    form = soup_of(editor.get(page)).select_one("#mark form")
    assert (form.select_one("[name=tags]")["value"], form.textarea.get_text()) == ("a, b", "first\nsecond")
    read = soup_of(browse(profile.viewer).get(page)).select_one("#mark")
    assert read.form is None
    assert "second" in read.get_text()
    assert soup_of(browse(profile.client).get(page)).select_one("#mark") is None
    editor.post(f"{page}mark/", {})
    assert not Mark.objects.exists()
    assert editor.post(url_of(profile.project, f"{LIST}12/mark/"), {"tags": "x"}).status_code == 404


def _marks_of_all(project) -> None:
    """Marks of every kind, of links and domains."""
    asked = index.LinkQuery.parse(workspace=project.workspace_id, target=project.target, report="links", params={})
    tags = ([], ["vip"], ["b", "vip"], ["B\u00e4r"], ["b"])
    for number, row in enumerate(index.fetch(asked).rows):
        said = {"tags": tags[number % 5], "note": "the note" * (number % 2), "is_whitelisted": number % 3 == 0}
        Mark.objects.create(project=project, domain=row["source_domain"], link_id=str(row["link_id"]), **said)
    Mark.objects.create(project=project, domain="news.example", tags=["b", "x"], note="of the domain")
    Mark.objects.create(project=project, domain="old.example", is_whitelisted=True)


def _every_mark(project) -> tuple[index.MarkRow, ...]:
    return tuple(
        (one.link_id or one.domain, tuple(one.tags), one.note, int(one.is_whitelisted))
        for one in Mark.objects.filter(project=project)
    )


ASKED_OF_MARKS = (
    {"tags": "vip"}, {"tags": "B\u00e4r"}, {"tags": '"'}, {"whitelisted": "yes"}, {"whitelisted": "no"},
    {"note": "note"}, {"sort": "note"}, {"sort": "-whitelisted", "tags": "b"},
    {"where": "not (tags has vip)"}, {"where": "tags has any (vip, x) or whitelisted is yes"},
    {"where": "tags has all (b, x) and not (note is empty)"}, {"where": "tags count >= 2"},
    {"where": "tags is empty or note contains domain"}, {"where": "not (tags has vip or tags count = 1)"},
)  # fmt: skip


@pytest.mark.parametrize("report", ["links", "domains"])
def test_what_travels_with_a_query_decides_as_all_marks_do(profile, report):
    project = profile.project
    _marks_of_all(project)
    for asked in ASKED_OF_MARKS:
        query = index.LinkQuery.parse(
            workspace=project.workspace_id, target=project.target, report=report, params=asked
        )
        assert not query.where.error
        whole = index.fetch(replace(query, marks=_every_mark(project)))
        names = [str(row.get("link_id", row["source_domain"])) for row in whole.rows]
        brought = index.fetch(marks.Marked(project).query(query))
        assert [str(row.get("link_id", row["source_domain"])) for row in brought.rows] == names, asked


def test_no_more_travels_than_decides(profile):
    _marks_of_all(profile.project)
    marked, project = marks.Marked(profile.project), profile.project

    def brought(report="links", **asked):
        query = index.LinkQuery.parse(
            workspace=project.workspace_id, target=project.target, report=report, params=asked
        )
        return marked.query(query).marks

    assert brought() == ()
    assert {one[1:] for one in brought(tags="vip")} == {(("vip",), "", 0)}
    assert len(brought(tags="vip")) == sum("vip" in one[1] for one in _every_mark(project)) > 0
    assert {one[1:] for one in brought(whitelisted="no")} == {((), "", 1)}
    assert brought("domains", tags="x") == (("news.example", ("x",), "", 0),)
    assert {one[2] for one in brought(note="x")} == {"the note", "of the domain"}
    assert {one[1] for one in brought(where="tags count = 2")} >= {("b", "vip"), ("B\u00e4r",)}


def test_thousands_of_marks_that_say_the_same_travel_as_their_names_and_once_a_page(profile, editor):
    project = profile.project
    names = [f"d{number}.example" for number in range(3000)] + ["news.example"]
    Mark.objects.bulk_create(Mark(project=project, domain=name, tags=["b", "vip"]) for name in names)
    query = index.LinkQuery.parse(
        workspace=project.workspace_id, target=project.target, report="links", params={"tags": "vip"}
    )
    brought = marks.Marked(project).query(query)
    _, bound = sql.rows(index.pin(brought), limit=10)
    told = "".join(value for name, value in bound.items() if name.startswith("marks"))
    assert told.count("vip") == 1 and len(told) < sum(len(name) + 5 for name in names)
    pinned = sql.named_links(index.pin(brought), ["news.example"], [1])[1]
    assert "d7.example" not in pinned["marks0"] and "news.example" in pinned["marks0"]
    with CaptureQueriesContext(connection) as asked:
        page = editor.get(url_of(project, LIST), {"tags": "vip"})
    assert len(rows_of(soup_of(page))) == 3
    assert sum("CAST" in one["sql"].upper() for one in asked.captured_queries) == 1


def test_marks_that_are_too_many_for_a_question_are_a_sentence(profile, editor, monkeypatch):
    _marks_of_all(profile.project)
    monkeypatch.setattr(deciding, "MOST_BYTES", 100)
    page = editor.get(url_of(profile.project, LIST), {"note": "note"})
    assert page.status_code == 200
    assert deciding.TOO_MANY in soup_of(page).main.get_text()
    assert editor.get(url_of(profile.project, LIST), {"note": "note", "export": "csv"}).status_code == 400
    response = act(editor, profile.project, "unlist", all="yes", query="note=note")
    assert deciding.TOO_MANY in " ".join(said(response))


def test_a_project_has_so_many_marks_and_no_more(profile, editor, monkeypatch):
    monkeypatch.setattr(marks, "MOST_MARKS", 3)
    act(editor, profile.project, "whitelist", ["news.example", "old.example", "blog.example"], "domains")
    act(editor, profile.project, "tag", ["news.example"], "domains", **{"tag.tag": "x"})
    response = act(editor, profile.project, "whitelist", ["silent.example"], "domains")
    assert "at most 3 marks" in " ".join(said(response))
    link_id = ids_of(editor, profile.project)["https://news.example/a"]
    response = editor.post(url_of(profile.project, f"{LIST}{link_id}/mark/"), {"note": "one more"}, follow=True)
    assert "at most 3 marks" in response.content.decode()
    assert Mark.objects.count() == 3
    assert Mark.objects.get(domain="news.example").tags == ["x"]


def test_an_action_its_entry_and_its_way_back_are_one_change(profile, editor, monkeypatch):
    def fails(*_args, **_more):
        raise RuntimeError("no room")

    monkeypatch.setattr(BulkChange.objects, "update_or_create", fails)
    with pytest.raises(RuntimeError):
        act(editor, profile.project, "whitelist", ["news.example"], "domains")
    assert not Mark.objects.exists()
    assert not AuditEntry.objects.filter(action="links.acted").exists()


def test_a_change_made_meanwhile_can_still_be_taken_back(profile, editor, monkeypatch):
    act(editor, profile.project, "whitelist", ["news.example"], "domains")
    taking = pages._take_back

    def meanwhile(request, reading, last, undo):
        BulkChange.objects.get().save()  # as another action of the same user does
        return taking(request, reading, last, undo)

    monkeypatch.setattr(pages, "_take_back", meanwhile)
    editor.post(url_of(profile.project, UNDO), {"back": ""})
    assert BulkChange.objects.filter(user=profile.editor).count() == 1


def test_a_page_of_links_does_not_load_what_takes_back(profile, editor):
    act(editor, profile.project, "tag", ["news.example"], "domains", **{"tag.tag": "x"})
    with CaptureQueriesContext(connection) as asked:
        page = soup_of(editor.get(url_of(profile.project, LIST)))
    assert "Add tag (tag: x)" in page.select_one(".bulk-undo").get_text()
    of_changes = [one["sql"] for one in asked if "bulkchange" in one["sql"].lower()]
    assert of_changes
    assert not [one for one in of_changes if '"before"' in one]


@pytest.mark.django_db(transaction=True)
def test_two_who_mark_the_same_rows_wait_for_each_other(cast: Cast):
    rows = [actions.Chosen(f"d{number}.example") for number in range(20)]
    begin, failed = threading.Barrier(4), []

    def tag(name: str) -> None:
        try:
            begin.wait(30)
            for number in range(3):
                values = {"tag": f"{name}{number}"}
                marks.ADD_TAG.run(cast.project, cast.editor, rows, values)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=tag, args=(name,)) for name in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert failed == []
    expected = sorted(f"{name}{number}" for name in "abcd" for number in range(3))
    assert [one.tags for one in Mark.objects.all()] == [expected] * len(rows)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Foo", "foo"), ("  a   b ", "a b"), ("a\u200b\u202eb", "a b"), ("\u00c4", "\u00e4"), ("x,y", "x y"), ("", "")],
)
def test_a_tag_has_one_spelling(typed, kept):
    assert marks.tidy_tag(typed) == kept


def test_forged_rows_are_not_touched(profile, editor, cast: Cast):
    fill(cast, [{"source": "https://elsewhere.example/", "target": "https://rival.example/"}])
    asked = index.LinkQuery.parse(workspace=cast.workspace.pk, target=cast.project.target, report="links", params={})
    ours = {str(row["link_id"]) for row in index.fetch(asked).rows}
    rows = ["1", "-1", str(2**64), "x", "1; DROP TABLE links", "\u0661", "9" * 400]
    response = act(editor, profile.project, "whitelist", rows)
    assert "No row was chosen" in " ".join(said(response))
    act(editor, profile.project, "whitelist", [*rows, next(iter(ours))])
    assert [one.link_id in ours for one in Mark.objects.all()] == [True]
    act(editor, profile.project, "whitelist", ["elsewhere.example", "news.example"], "domains")
    assert set(Mark.objects.filter(link_id="").values_list("domain", flat=True)) == {"news.example"}
