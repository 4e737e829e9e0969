"""The overview: every figure is there, and leads to exactly the rows it counts."""

import json
import re

import pytest

from backlinks import index
from tests.backlinks.pages import all_rows, number_in, soup_of, url_of


@pytest.fixture
def overview(profile, browse):
    return soup_of(browse(profile.viewer).get(url_of(profile.project)))


def _cards(page):
    return {card.select_one(".figure-name").get_text(strip=True): card for card in page.select("a.figure-card")}


def test_headline_figures(overview):
    values = {name: card.select_one(".figure-value").get_text(strip=True) for name, card in _cards(overview).items()}
    assert values["Backlinks"] == "7"
    assert values["Referring domains"] == "5"
    assert values["Referring hosts"] == "6"
    assert values["IPs"] == "1"
    assert values["First seen"] == "2025-12-01"


def test_every_count_says_that_lost_links_are_in_it(profile, browse, overview):
    notes = {
        one.select_one(".figure-name").get_text(): one.select_one(".figure-note").get_text()
        for one in overview.select("a.figure-card")
        if one.select_one(".figure-note")
    }
    lost = number_in(next(one for one in overview.select(".shares a") if "Lost" in one.get_text()).strong)
    assert notes["Backlinks"] == f"{lost} of them lost"
    for name in ("Referring domains", "Referring hosts", "IPs", "Subnets"):
        assert notes[name] == "lost ones included"


def test_every_figure_leads_to_as_many_rows(profile, browse, overview):
    client = browse(profile.viewer)
    checked = 0
    for name, card in _cards(overview).items():
        if "seen" not in name and name != "Authority":
            assert all_rows(client, card["href"]) == number_in(card.select_one(".figure-value")), name
            checked += 1
    for part in overview.select(".shares a"):
        assert all_rows(client, part["href"]) == number_in(part.strong), part.get_text()
        checked += 1
    for cell in overview.select(".top-table td.num a"):
        assert all_rows(client, cell["href"]) == number_in(cell), cell["href"]
        checked += 1
    assert checked > 40


def test_months_of_the_chart_stand_in_a_table_and_lead_to_their_domains(profile, browse, overview):
    data = json.loads(overview.select_one("#history-data").string)
    rows = overview.select(".chart-table tbody tr")
    assert [one.th.get_text() for one in rows] == list(reversed(data["labels"]))
    client = browse(profile.viewer)
    linked = [cell for row in rows for cell in row.select("td a")]
    assert linked
    for cell in linked:
        assert all_rows(client, cell["href"]) == number_in(cell), cell["href"]
    known = data["series"][0]["values"]
    assert known[-1] == 4  # five domains, one of them lost


def test_no_inline_style_script_or_handler(overview):
    for tag in overview.select("*"):
        assert not tag.has_attr("style"), tag
        assert not [name for name in tag.attrs if name.startswith("on")], tag
    for script in overview.find_all("script"):
        assert script.get("src") or script.get("type") == "application/json"


def test_an_empty_profile_says_what_to_do(cast, link_index, browse):
    page = soup_of(browse(cast.editor).get(url_of(cast.project)))
    button = page.select_one(".empty-state a.btn-primary")
    assert button["href"].endswith("/imports/")
    assert "client.example" in page.select_one(".empty-state h2").get_text()


@pytest.mark.parametrize(
    ("target", "label", "links"),
    [
        ("client.example", "client.example", 7),
        ("docs.client.example", "docs.client.example", 1),
        ("client.example/shop/", "client.example/shop/", 2),
        ("https://client.example/old", "client.example/old", 1),
        ("nowhere.example", "nowhere.example", 0),
    ],
)
def test_any_target_can_be_read(profile, browse, target, label, links):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project), {"target": target}))
    assert page.select_one(".reading-target").get_text() == label
    assert page.select_one(".reading-note a")["href"] == url_of(profile.project)
    if links:
        assert _cards(page)["Backlinks"].select_one(".figure-value").get_text() == str(links)
    else:
        assert page.select_one(".empty-state")


def test_scope_switch_reads_host_folder_and_page(profile, browse):
    client = browse(profile.viewer)
    page = soup_of(client.get(url_of(profile.project)))
    switch = {one.get_text(): one["href"] for one in page.select(".page-head .switch a")}
    found = {}
    for name, url in switch.items():
        cards = _cards(soup_of(client.get(url)))
        found[name] = cards["Backlinks"].select_one(".figure-value").get_text()
    assert found == {"Domain": "7", "Host": "6", "Folder": "6", "Page": "3"}


@pytest.mark.parametrize(
    "target", ["ht tp", "javascript:alert(1)", "http://", "a" * 3000, "\x00", "http://[::1", "ftp://client.example/"]
)
def test_an_unreadable_target_is_a_sentence(profile, browse, target):
    answer = browse(profile.viewer).get(url_of(profile.project, "backlinks/"), {"target": target})
    assert answer.status_code == 200
    page = soup_of(answer)
    assert page.h1.get_text() == "This target cannot be read"
    assert page.select_one(".empty-state a.btn")["href"] == url_of(profile.project, "backlinks/")


def test_a_client_reads_its_project_and_its_competitors_only(profile, browse):
    client = browse(profile.client)
    assert client.get(url_of(profile.project)).status_code == 200
    assert client.get(url_of(profile.project), {"target": "docs.client.example"}).status_code == 200
    assert client.get(url_of(profile.project), {"target": "rival.example"}).status_code == 200
    refused = client.get(url_of(profile.project), {"target": "second.example"})
    assert refused.status_code == 403
    assert "client.example and its competitors" in refused.content.decode()


def test_index_away_is_a_page_with_status_503(profile, browse, monkeypatch):
    def away(query):
        raise index.IndexUnavailable("The link index does not answer: gone")

    monkeypatch.setattr("backlinks.index.pin", away)
    answer = browse(profile.viewer).get(url_of(profile.project))
    assert answer.status_code == 503
    assert re.search(r"Nothing is lost", answer.content.decode())


def test_other_workspaces_links_are_not_seen(linked, browse):
    body = browse(linked.viewer).get(url_of(linked.project)).content.decode()
    assert "LEAK-B" not in body
    assert browse(linked.stranger).get(url_of(linked.project)).status_code == 404
