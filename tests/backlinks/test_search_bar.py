"""The search bar: what it suggests to whom, which project a target is read in, and which looks are noted."""

from datetime import UTC, datetime, timedelta

from django.urls import reverse

from backlinks.models import Look
from backlinks.workbench import looks
from projects.models import Competitor
from seoapp.lib.weburl import Target
from tests.backlinks.pages import fill, soup_of, url_of

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def offered(client, project, words=""):
    page = soup_of(client.get(url_of(project, "suggest/"), {"target": words}))
    return {one["data-target"]: one.select_one("span").get_text() for one in page.select(".suggestion")}


def note(cast, text, now, user=None):
    return looks.note(cast.project, user or cast.viewer, text, Target.parse(text), now)


# --- Looks ----------------------------------------------------------------------------------------------------------
def test_pages_within_half_an_hour_are_one_visit(cast):
    assert note(cast, "rival.example", NOON) is None
    assert note(cast, "rival.example", NOON + timedelta(minutes=20)) is None
    later = NOON + timedelta(hours=5)
    assert note(cast, "rival.example", later) == NOON + timedelta(minutes=20)
    assert note(cast, "rival.example", later + timedelta(minutes=3)) == NOON + timedelta(minutes=20)
    assert Look.objects.get().times == 2


def test_looks_are_of_one_user_in_one_project(cast):
    note(cast, "rival.example", NOON)
    assert note(cast, "rival.example", NOON + timedelta(days=1), user=cast.editor) is None
    assert Look.objects.count() == 2


def test_the_oldest_looks_are_forgotten(cast, monkeypatch):
    monkeypatch.setattr(looks, "KEPT", 3)
    for number in range(5):
        note(cast, f"site{number}.example", NOON + timedelta(minutes=number))
    assert [one.target for one in Look.objects.all()] == ["site4.example", "site3.example", "site2.example"]


def test_opening_a_page_is_a_look_and_a_fragment_or_a_file_is_none(cast, link_index, browse):
    client = browse(cast.viewer)
    client.get(url_of(cast.project, "backlinks/"), {"target": "rival.example"})
    client.get(url_of(cast.project, "domains/"), {"target": "other.example"}, headers={"HX-Request": "true"})
    client.get(url_of(cast.project, "domains/"), {"target": "third.example", "export": "csv"})
    assert list(Look.objects.values_list("target", flat=True)) == ["rival.example"]


# --- Suggestions ----------------------------------------------------------------------------------------------------
def test_recent_targets_come_before_the_project_and_its_competitors(cast, link_index, browse):
    note(cast, "lately.example", NOON)
    found = offered(browse(cast.viewer), cast.project)
    assert list(found) == ["lately.example", "client.example", "rival.example"]
    assert found["rival.example"] == "competitor"


def test_profiles_that_begin_so_are_offered_the_largest_first(cast, link_index, browse):
    small = [{"source": "https://a.example/", "target": "https://zebra-small.example/", "anchor": "x"}]
    large = [
        {"source": f"https://{name}.example/", "target": "https://zebra.example/", "anchor": "x"} for name in "abc"
    ]
    fill(cast, small + large)
    found = offered(browse(cast.viewer), cast.project, "https://www.zeb")
    assert list(found.items()) == [
        ("zebra.example", "3 referring domains"),
        ("zebra-small.example", "1 referring domains"),
    ]


def test_a_client_is_offered_no_profile_of_others(cast, link_index, browse):
    fill(cast, [{"source": "https://a.example/", "target": "https://second.example/", "anchor": "x"}])
    assert "second.example" in offered(browse(cast.viewer), cast.project, "sec")
    assert offered(browse(cast.client), cast.project, "sec") == {}


def test_what_is_offered_is_escaped(cast, link_index, browse):
    Competitor.objects.create(project=cast.project, target="https://rival.example/<b>x</b>")
    body = browse(cast.viewer).get(url_of(cast.project, "suggest/")).content.decode()
    assert "<b>" not in body


# --- From a page without a project ------------------------------------------------------------------------------------
def look_url(cast):
    return reverse("backlinks:look", kwargs={"slug": cast.workspace.slug})


def test_a_target_is_read_in_the_project_that_it_belongs_to(cast, browse):
    answer = browse(cast.viewer).get(look_url(cast), {"target": "https://www.second.example/blog/", "scope": ""})
    assert answer["Location"] == f"{url_of(cast.second_project)}?target=https%3A%2F%2Fwww.second.example%2Fblog%2F"


def test_any_other_target_is_read_where_one_was_read_last(cast, browse):
    looks.note(cast.second_project, cast.viewer, "x.example", Target.parse("x.example"), NOON)
    answer = browse(cast.viewer).get(look_url(cast), {"target": "shoes.example", "scope": "root"})
    assert answer["Location"] == f"{url_of(cast.second_project)}?target=shoes.example&scope=root"


def test_a_client_reads_in_its_own_project(cast, browse):
    looks.note(cast.second_project, cast.client, "x.example", Target.parse("x.example"), NOON)
    answer = browse(cast.client).get(look_url(cast), {"target": "second.example"})
    assert answer["Location"].startswith(url_of(cast.project))


def test_every_page_of_a_workspace_has_the_bar(cast, browse, link_index):
    for url in (reverse("projects:workspace", kwargs={"slug": cast.workspace.slug}), url_of(cast.project, "imports/")):
        page = soup_of(browse(cast.viewer).get(url))
        assert [one["value"] for one in page.select("#target-scope option")] == ["", "root", "host", "prefix", "exact"]
