"""Advanced filters on the pages: the form without JavaScript, chips, errors, recommended filters, kept lists."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from django.utils import timezone

from backlinks.models import ValueList
from backlinks.views.reports import REPORTS
from backlinks.views.saving.offers import RECOMMENDED
from backlinks.workbench import lists
from projects.models import Membership
from seoapp.lib import expression
from tests.backlinks.pages import all_rows, csv_of, fill, rows_of, soup_of, url_of

PATHS = {"links": "backlinks/"} | {name: f"{name}/" for name in REPORTS if name != "links"}
FIRST = {
    "links": ("source_url", 7), "domains": ("source_domain", 5), "hosts": ("source_host", 6), "anchors": ("anchor", 6),
    "pages": ("target_url", 4), "ips": ("ip", 1), "subnets": ("subnet", 1), "countries": ("country", 2),
    "tlds": ("tld", 1),
}  # fmt: skip
VECTORS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202egpj.exe", "{{ 7*7 }}{% debug %}"]


def chips_of(page):
    return {one.get_text(strip=True): one["href"] for one in page.select(".chips a.chip")}


def member(user):
    return Membership.objects.get(user=user)


def kept_names():
    return set(ValueList.objects.values_list("name", flat=True))


def sent(client, page, text, *, follow=True):
    """What a browser without JavaScript does with the form of the panel."""
    opener = page.select_one("a[href*='panel=advanced']")
    form = (soup_of(client.get(opener["href"])) if opener else page).select_one("form.advanced-form")
    fields = {one["name"]: one.get("value", "") for one in form.select("input[type=hidden]")}
    return client.post(form["action"], fields | {"where": text}, follow=follow)


def test_every_report_takes_an_expression_in_list_and_export(profile, browse):
    client = browse(profile.viewer)
    for report, (name, total) in FIRST.items():
        url = url_of(profile.project, PATHS[report])
        page = soup_of(client.get(url, {"where": f"{name} matches ."}))
        found = [
            all_rows(client, f"{url}?{urlencode({'where': one})}")
            for one in (f"{name} matches .", f"not {name} matches .", f"{name} is empty", f"not {name} is empty")
        ]
        assert len(page.select(f"#list-{report} .list-table tbody > tr")) == found[0], report
        assert found[0] + found[1] == found[2] + found[3] == total - (report == "anchors"), report


def test_the_form_leads_to_an_address_that_can_be_shared(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    page = soup_of(client.get(url, {"sort": "source_url", "cols": "anchor.kind", "target": "docs.client.example"}))
    answer = sent(client, page, 'kind is text  AND (anchor contains "guide")', follow=False)
    assert answer.status_code == 302
    assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == {
        "target": "docs.client.example", "sort": "source_url", "cols": "anchor.kind",
        "where": "kind is text and anchor contains guide",
    }  # fmt: skip
    shown = soup_of(client.get(answer["Location"]))
    assert len(rows_of(shown)) == 1
    assert shown.select_one("textarea[name=where]").get_text() == "kind is text and anchor contains guide"
    assert json.loads(shown.select_one("form.advanced-form")["data-advanced"])["tree"]["join"] == "and"


def test_parts_are_chips_beside_the_plain_filters(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    where = "not nofollow is yes and (anchor contains client or anchor contains old)"
    page = soup_of(client.get(url, {"kind": "text", "where": where, "panel": "filters"}))
    chips = chips_of(page)
    assert list(chips) == [
        "Kind is text",
        "not Nofollow is yes",
        "(Anchor contains “client” or Anchor contains “old”)",
    ] or list(chips) == ["Kind is text", "not Nofollow is yes", "Anchor contains “client” or Anchor contains “old”"]
    assert len(rows_of(page)) == 3
    taken = chips["not Nofollow is yes"]
    assert parse_qs(urlsplit(taken).query) == {
        "kind": ["text"], "where": ["anchor contains client or anchor contains old"]
    }  # fmt: skip
    assert all_rows(client, page.select_one("a.chip-clear")["href"]) == 7
    carried = page.select_one("form.filter-form input[name=where]")
    assert carried["value"] == where


def test_groups_and_their_members_keep_the_expression(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    page = soup_of(client.get(url, {"group": "domain", "where": "source_domain is news.example and kind is text"}))
    (cell,) = page.select("td.num a")
    assert cell.get_text() == "3"
    assert all_rows(client, cell["href"]) == 3


def test_an_expression_that_cannot_be_read_stands_beside_the_whole_list(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    page = soup_of(client.get(url, {"where": "anchor contain x", "kind": "image"}))
    said = page.select_one(".where-error").get_text(" ", strip=True)
    assert said.startswith(
        "The advanced filter is not applied: the list below stands without it. Character 8, “contain”:"
    )
    assert len(rows_of(page)) == 1
    field = page.select_one("textarea[name=where]")
    assert (field.get_text(), field["aria-invalid"]) == ("anchor contain x", "true")
    assert page.select_one(f"#{field['aria-describedby']}").get_text().startswith("Character 8")
    away = next(one for one in page.select(".where-error a") if one.get_text() == "take it away")
    assert parse_qs(urlsplit(away["href"]).query) == {"kind": ["image"]}
    for format in ("csv", "xlsx", "json", "parquet"):
        refused = client.get(url, {"where": "anchor contain x", "export": format})
        assert refused.status_code == 400
        assert "nothing was exported" in refused.content.decode()


def test_a_bad_pattern_is_said_before_any_row_is_read(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    page = soup_of(client.get(url, {"where": 'anchor matches "("'}))
    assert "The pattern “(” cannot be read: missing )" in page.select_one(".where-error").get_text()
    assert len(rows_of(page)) == 7
    assert client.get(url, {"where": 'anchor matches "("', "export": "csv"}).status_code == 400


def test_a_pattern_that_takes_too_long_is_no_error_page(profile, browse, monkeypatch):
    def slow(query):
        raise expression.TooSlow("The pattern takes too long on 9 rows: narrow with another filter first.")

    monkeypatch.setattr("backlinks.index.fetch", slow)
    answer = browse(profile.viewer).get(url_of(profile.project, "backlinks/"), {"where": "anchor matches a"})
    assert answer.status_code == 200
    assert soup_of(answer).select_one(".empty-state p").get_text() == (
        "The pattern takes too long on 9 rows: narrow with another filter first."
    )


def test_hostile_values_stay_text(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    quoted = [vector.replace('"', '""') for vector in VECTORS]
    for text in (*(f'anchor contains "{one}"' for one in quoted), *(f"anchor contains {one}" for one in VECTORS)):
        page = soup_of(client.get(url, {"where": text}))
        assert not page.select("main script:not([src]), main img, h1 ~ h1")
        assert "\u202e" not in "".join(one.get_text() for one in page.select(".chips, .where-error"))


def test_many_or_odd_parameters_are_no_error(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    for text in (
        "(" * 1500,
        "not " * 480 + "kind is text",
        '"' * 1999,
        "a" * 5000,
        "\x00",
        "links > 1",
        "\u0130 is \u0130",
    ):
        answer = client.get(url, {"where": text})
        assert answer.status_code == 200
        assert soup_of(answer).select_one(".where-error")


# --- Recommended filters --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("report", ["links", "anchors"])
def test_recommended_filters_go_in_and_out_by_one_click(profile, browse, report):
    client, url = browse(profile.viewer), url_of(profile.project, PATHS[report])
    offers = soup_of(client.get(url, {"where": f"{FIRST[report][0]} matches ."})).select("a.offer")
    assert [one.get_text(strip=True) for one in offers] == [label for label, _, _ in RECOMMENDED[report]]
    for offer in offers:
        page = soup_of(client.get(offer["href"]))
        assert not page.select(".where-error"), offer
        (active,) = [
            one for one in page.select("a.offer[aria-current]") if one.find(string=True) == offer.find(string=True)
        ]
        back = parse_qs(urlsplit(active["href"]).query)["where"]
        assert back == [f"{FIRST[report][0]} matches ."]


def test_recommended_filters_find_what_they_say(profile, browse):
    client, url = browse(profile.viewer), url_of(profile.project, "backlinks/")
    offers = {one.get_text(strip=True): one["href"] for one in soup_of(client.get(url)).select("a.offer")}
    images = rows_of(soup_of(client.get(offers["Images without alt"])))
    assert len(images) == 0  # the one image has an alt text
    assert all_rows(client, offers["Only one source"]) == 7
    assert all_rows(client, offers["No anchor text"]) == 0


# --- Kept lists -----------------------------------------------------------------------------------------------------
def test_a_long_list_is_kept_and_named_by_the_address(profile, browse):
    client, url = browse(profile.client), url_of(profile.project, "backlinks/")
    values = ["news.example", "https://www.blog.example/any/page"] + [f"other{n}.example" for n in range(9_998)]
    page = soup_of(client.get(url))
    answer = sent(client, page, f"kind in (text, image) and not source_domain in ({', '.join(values)})", follow=False)
    where = parse_qs(urlsplit(answer["Location"]).query)["where"][0]
    kept = ValueList.objects.get(workspace=profile.workspace)
    assert where == f"kind in (text, image) and not source_domain in list {kept.name}"
    assert sorted(values) == kept.values
    shown = soup_of(client.get(answer["Location"]))
    assert len(rows_of(shown)) == 3
    exported = csv_of(client.get(answer["Location"] + "&export=csv&cols=source_domain"))
    assert sorted(row[0] for row in exported[1:]) == ["old.example", "shop.example", "silent.example"]
    again = sent(client, page, f"source_domain in ({', '.join(reversed(values))})", follow=False)
    assert kept.name in again["Location"]
    assert ValueList.objects.count() == 1


def test_a_list_of_another_workspace_is_not_there(profile, browse):
    name = lists.keep(member(profile.stranger), ["news.example"] * 3)
    page = soup_of(
        browse(profile.viewer).get(url_of(profile.project, "backlinks/"), {"where": f"source_domain in list {name}"})
    )
    assert f"this workspace keeps no list {name}" in page.select_one(".where-error").get_text()
    assert lists.values_of(profile.other_workspace.pk, name) == ("news.example",)


def test_a_list_of_too_many_values_says_so(profile, browse):
    client = browse(profile.viewer)
    page = soup_of(client.get(url_of(profile.project, "backlinks/")))
    answer = sent(client, page, f"source_domain in ({', '.join(f'd{n}.example' for n in range(10_001))})")
    assert "has 10,001 values, and at most 10,000 are read" in answer.content.decode()
    assert len(rows_of(soup_of(answer))) == 7
    assert not ValueList.objects.exists()


def test_unused_lists_go_but_none_that_a_view_names(profile, monkeypatch):
    monkeypatch.setattr(lists, "MOST_LISTS", 4)
    first, exported = (lists.keep(member(profile.owner), [one]) for one in ("kept", "exported"))
    project = profile.project
    parameters = urlencode({"where": f"title in list {exported}"})
    project.export_files.create(listing="links", title="x", address="/", parameters=parameters, format="csv", name="x")
    profile.project.saved_views.create(
        owner=profile.owner, listing="links", name="x", parameters=urlencode({"where": f"title in list {first}"})
    )
    others = [lists.keep(member(profile.owner), [f"value {number}"]) for number in range(5)]
    assert kept_names() == {first, exported, *others[-2:]}


def test_a_client_who_keeps_many_lists_takes_none_of_a_colleague(profile, browse):
    theirs = lists.keep(member(profile.viewer), ["of a colleague"])
    client, address = browse(profile.client), url_of(profile.project, "filter/")
    for start in range(13):
        parts = [
            f"title in ({', '.join(f'v{start}-{number}-{n}' for n in range(21))})"
            for number in range(lists.MOST_OF_CLIENT)
        ]
        answer = client.post(address, {"list_report": "links", "where": " or ".join(parts)})
        assert answer.status_code == 302
    named = lists.NAMED.findall(answer["Location"])
    assert len(set(named)) == lists.MOST_OF_CLIENT
    assert kept_names() == {theirs, *named}


def test_a_list_that_is_read_is_no_unused_one(profile, monkeypatch):
    monkeypatch.setattr(lists, "MOST_OF_MEMBER", 2)
    used, unused = (lists.keep(member(profile.viewer), [one]) for one in ("used", "unused"))
    ValueList.objects.filter(name=used).update(asked_at=timezone.now() - timedelta(days=3))
    ValueList.objects.filter(name=unused).update(asked_at=timezone.now() - timedelta(days=2))
    assert lists.values_of(profile.workspace.pk, used) == ("used",)
    first = ValueList.objects.get(name=used).asked_at
    lists.values_of(profile.workspace.pk, used)
    assert ValueList.objects.get(name=used).asked_at == first  # at most once a day
    new = lists.keep(member(profile.viewer), ["new"])
    assert kept_names() == {used, new}


def test_where_views_name_all_lists_that_one_may_keep_the_next_is_refused(profile, browse, monkeypatch):
    monkeypatch.setattr(lists, "MOST_OF_CLIENT", 1)
    name = lists.keep(member(profile.client), ["kept"])
    profile.project.saved_views.create(
        owner=profile.client, listing="links", name="x", parameters=urlencode({"where": f"title in list {name}"})
    )
    client = browse(profile.client)
    page = soup_of(client.get(url_of(profile.project, "backlinks/")))
    values = ", ".join(f"value-{number}-{'x' * 50}" for number in range(100))
    answer = sent(client, page, f"title in ({values})")
    assert "name all lists of values that you may keep" in answer.content.decode()
    assert kept_names() == {name}


def test_the_form_leads_to_pages_of_its_project_only(profile, browse):
    client = browse(profile.viewer)
    address = url_of(profile.project, "filter/")
    home = url_of(profile.project, "backlinks/")
    for path in (
        "https://evil.example/",
        "//evil.example",
        url_of(profile.second_project, "backlinks/"),
        "/\\evil",
        "",
    ):
        answer = client.post(address, {"list_path": path, "list_report": "links", "where": "kind is text"})
        assert answer["Location"] == f"{home}?where=kind+is+text"


def test_a_filter_form_needs_its_token(profile):
    from django.test import Client  # noqa: PLC0415 -- a client that checks tokens

    client = Client(enforce_csrf_checks=True)
    client.force_login(profile.viewer, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(url_of(profile.project, "filter/"), {"where": "kind is text"}).status_code == 403


def test_similar_links_open_to_exactly_those_they_stand_for(cast, link_index, browse):
    same = {"target": "https://client.example/", "anchor": "same"}
    links = [{"source": f"https://a.example/{n}", **same} for n in range(4)]
    links += [{"source": f"https://a.example/ugc{n}", "ugc": 1, **same} for n in range(2)]
    links += [{"source": "https://a.example/unknown", **same, "nofollow": -1, "ugc": -1, "sponsored": -1}]
    links += [{"source": "https://a.example/silent", "target": "https://client.example/", "anchor": None}]
    links += [{"source": "https://a.example/empty", "target": "https://client.example/", "anchor": ""}]
    fill(cast, links)
    client, url = browse(cast.viewer), url_of(cast.project, "backlinks/")
    page = soup_of(client.get(url, {"group": "similar", "where": "not source_url ends 3"}))
    cells = [(int(one.get_text()), one["href"]) for one in page.select("td.num a") if "source_domain_is" in one["href"]]
    assert sorted(number for number, _ in cells) == [1, 1, 1, 2, 3]
    for number, href in cells:
        assert all_rows(client, href) == number
