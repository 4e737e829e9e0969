"""Saved views: keeping, opening, sharing, changing and deleting, and who may."""

from urllib.parse import parse_qsl, urlsplit

from backlinks.models import SavedView
from projects.models import AuditEntry
from tests.backlinks.pages import all_rows, csv_of, rows_of, soup_of, url_of


def keep(client, project, name="Mine", parameters="where=kind+is+image&cols=anchor.kind", **more):
    fields = {"listing": "links", "name": name, "parameters": parameters, **more}
    return client.post(url_of(project, "views/save/"), fields, follow=True)


def offered(client, project, page="backlinks/"):
    found = soup_of(client.get(url_of(project, page))).select(".views-menu > .menu-panel > a.menu-item[hx-get]")
    return {one.select_one("bdi").get_text(): one["href"] for one in found}


def test_what_a_list_shows_is_kept_and_opens_again(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    page = soup_of(
        client.get(
            url, {"where": "kind is text", "anchor": "Client", "sort": "source_url", "cols": "anchor", "page": "2"}
        )
    )
    form = page.select_one("form.view-form")
    fields = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
    answer = client.post(form["action"], fields | {"name": "  Two   words "}, follow=True)
    assert "View “Two words” is kept." in answer.content.decode()
    view = SavedView.objects.get()
    assert dict(parse_qsl(view.parameters)) == {
        "where": "kind is text", "anchor": "Client", "sort": "source_url", "cols": "anchor"
    }  # fmt: skip
    (href,) = offered(client, profile.project).values()
    assert len(rows_of(soup_of(client.get(href)))) == 2
    shown = soup_of(client.get(href)).select_one(".views-menu a[aria-current]")
    assert shown.select_one("bdi").get_text() == "Two words"
    assert not offered(client, profile.project, "domains/")
    assert offered(client, profile.second_project) == {}


def test_a_view_opens_on_what_is_being_read(profile, browse):
    client = browse(profile.viewer)
    keep(client, profile.project, parameters="where=kind+is+text&target=evil.example&scope=host&page=4&export=csv")
    assert SavedView.objects.get().parameters == "where=kind+is+text"
    page = soup_of(client.get(url_of(profile.project, "backlinks/"), {"target": "docs.client.example"}))
    href = page.select_one(".views-menu a.menu-item[hx-get]")["href"]
    assert dict(parse_qsl(urlsplit(href).query)) == {"target": "docs.client.example", "where": "kind is text"}
    assert all_rows(client, href) == 1


def test_a_name_of_ones_own_is_given_anew(cast, link_index, browse):
    client = browse(cast.viewer)
    keep(client, cast.project)
    assert "now shows this" in keep(client, cast.project, parameters="kind=text").content.decode()
    assert SavedView.objects.get().parameters == "kind=text"
    keep(browse(cast.editor), cast.project)
    assert SavedView.objects.count() == 2
    assert list(AuditEntry.objects.filter(action__startswith="view.").order_by("pk").values_list("action", "what")) == [
        ("view.saved", "Mine (Backlinks)"), ("view.changed", "Mine (Backlinks)"), ("view.saved", "Mine (Backlinks)")
    ]  # fmt: skip


NOT_KEPT = [
    ({"name": " "}, "A view needs a name of 1 to 80 characters."),
    ({"name": "x" * 81}, "A view needs a name of 1 to 80 characters."),
    ({"listing": "users"}, "This list has no views."),
    ({"parameters": "where=" + "x" * 7000}, "too long to be saved"),
    ({"parameters": "&".join(f"p{n}=1" for n in range(61))}, "This list has 61 parameters"),
]


def test_what_cannot_be_kept_is_said(cast, link_index, browse):
    for fields, said in NOT_KEPT:
        answer = keep(browse(cast.viewer), cast.project, **fields)
        assert said in answer.content.decode(), fields
    assert not SavedView.objects.exists()


def test_shared_views_are_seen_by_all_who_see_the_project_and_private_ones_by_their_owner(cast, link_index, browse):
    keep(browse(cast.editor), cast.project, "Private")
    keep(browse(cast.editor), cast.project, "Shared", is_shared="yes")
    keep(browse(cast.editor), cast.second_project, "Second", is_shared="yes")
    assert list(offered(browse(cast.editor), cast.project)) == ["Private", "Shared"]
    for role in ("owner", "admin", "viewer", "client"):
        client = browse(getattr(cast, role))
        assert list(offered(client, cast.project)) == ["Shared"], role
        listed = soup_of(client.get(url_of(cast.project, "views/")))
        assert [row.td.get_text() for row in rows_of(listed)] == ["Shared"], role
    private = SavedView.objects.get(name="Private")
    for role in ("owner", "admin", "viewer", "client"):
        client = browse(getattr(cast, role))
        assert client.get(url_of(cast.project, f"views/{private.pk}/")).status_code == 404
        assert client.post(url_of(cast.project, f"views/{private.pk}/delete/")).status_code == 404
    assert browse(cast.client).get(url_of(cast.second_project, "views/")).status_code == 404


OF_MARKS = (
    "tags=do-not-tell", "tags_is=do-not-tell", "note=do-not-tell", "whitelisted=yes", "where=tags+has+do-not-tell",
    "where=kind+is+text+and+not+%28note+contains+do-not-tell+or+links+%3E+1%29", "where=NOTE+is+do-not-tell+and+%28",
    "where=whitelisted+is+yes",
)  # fmt: skip


def test_views_that_ask_for_marks_are_not_there_for_clients(cast, link_index, browse):
    for number, parameters in enumerate(OF_MARKS):
        keep(browse(cast.editor), cast.project, f"Marks {number}", parameters, is_shared="yes")
    harmless = "where=anchor+contains+note&anchor=tags&cols=anchor.kind"
    keep(browse(cast.editor), cast.project, "Words", harmless, is_shared="yes")
    assert len(offered(browse(cast.viewer), cast.project)) == len(OF_MARKS) + 1
    client = browse(cast.client)
    assert list(offered(client, cast.project)) == ["Words"]
    for page in ("backlinks/", "views/"):
        assert "do-not-tell" not in client.get(url_of(cast.project, page)).content.decode()
    assert [row[0] for row in csv_of(client.get(url_of(cast.project, "views/?export=csv")))[1:]] == ["Words"]
    for view in SavedView.objects.filter(name__startswith="Marks"):
        assert client.get(url_of(cast.project, f"views/{view.pk}/")).status_code == 404
        assert client.post(url_of(cast.project, f"views/{view.pk}/delete/")).status_code == 404


def test_a_client_keeps_views_but_shares_none(cast, link_index, browse):
    client = browse(cast.client)
    keep(client, cast.project, is_shared="yes")
    view = SavedView.objects.get()
    assert (view.owner, view.is_shared) == (cast.client, False)
    client.post(url_of(cast.project, f"views/{view.pk}/"), {"name": "Other", "is_shared": "yes"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Other", False)
    assert not soup_of(client.get(url_of(cast.project, "backlinks/"))).select(".view-form input[name=is_shared]")


def test_only_its_owner_and_admins_change_a_shared_view(cast, link_index, browse):
    keep(browse(cast.editor), cast.project, "Shared", is_shared="yes")
    view = SavedView.objects.get()
    url = url_of(cast.project, f"views/{view.pk}/")
    for role in ("viewer", "client"):
        client = browse(getattr(cast, role))
        page = client.get(url)
        assert "Only its owner and admins" in page.content.decode()
        assert not soup_of(page).select("main form[method=post]")
        assert client.post(url, {"name": "Stolen"}).status_code == 403
        assert "Only its owner and admins" in client.post(f"{url}delete/", follow=True).content.decode()
        view.refresh_from_db()
        assert view.name == "Shared"
    browse(cast.admin).post(url, {"name": "Renamed", "is_shared": "yes"})
    view.refresh_from_db()
    assert (view.name, view.is_shared, view.owner) == ("Renamed", True, cast.editor)
    browse(cast.editor).post(url, {"name": "Renamed"})
    view.refresh_from_db()
    assert not view.is_shared
    browse(cast.editor).post(f"{url}delete/")
    assert not SavedView.objects.exists()
    assert AuditEntry.objects.filter(action="view.removed", what="Renamed (Backlinks)").exists()


def test_a_name_that_is_taken_is_refused(cast, link_index, browse):
    client = browse(cast.viewer)
    keep(client, cast.project, "One")
    keep(client, cast.project, "Two")
    two = SavedView.objects.get(name="Two")
    answer = client.post(url_of(cast.project, f"views/{two.pk}/"), {"name": "One"}, follow=True)
    assert "There is another view “One” of this list" in answer.content.decode()


def test_hostile_names_and_parameters_stay_text(cast, link_index, browse):
    client = browse(cast.viewer)
    bad = "<script>alert(1)</script>\u202e"
    keep(client, cast.project, bad, parameters=f"anchor={bad}&javascript:x=1&__proto__=1", is_shared="yes")
    view = SavedView.objects.get()
    for page in ("backlinks/", "views/", f"views/{view.pk}/"):
        soup = soup_of(client.get(url_of(cast.project, page)))
        assert not soup.select("main script:not([src])")
        assert "\u202e" not in soup.select_one("main").get_text()
    assert [name for name, _ in parse_qsl(view.parameters)] == ["anchor"]
