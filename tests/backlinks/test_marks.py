"""Marks in lists, filters and exports; many rows at once; who may, and how it is taken back."""

import pytest

from backlinks import actions, index
from backlinks.models import BulkChange, Mark
from backlinks.views.saving import marks as pages
from backlinks.workbench import marks
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


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Foo", "foo"), ("  a   b ", "a b"), ("a\u200b\u202eb", "a b"), ("\u00c4", "\u00e4"), ("x,y", "x y"), ("", "")],
)
def test_a_tag_has_one_spelling(typed, kept):
    assert marks.tidy_tag(typed) == kept
