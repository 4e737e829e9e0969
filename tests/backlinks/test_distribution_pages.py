"""Distributions: every part leads to exactly its rows, the overview fetches the cut, a client sees its own only."""

from collections import Counter

from tests.backlinks.pages import MIXED, all_rows, fill, number_in, soup_of, url_of

RIVAL = [{"source": one["source"], "target": "https://rival.example/", "anchor": "x"} for one in MIXED[:4]]
SECOND = [{"source": one["source"], "target": "https://second.example/", "anchor": "x"} for one in MIXED[:5]]


def panel_of(page, name):
    rows = page.select(f"section[aria-labelledby=spread-{name}] tbody tr")
    return {row.select_one("bdi").get_text(): row for row in rows}


def test_every_part_leads_to_its_rows(profile, browse):
    client = browse(profile.viewer)
    page = soup_of(client.get(url_of(profile.project, "distributions/")))
    numbers = page.select("section[aria-labelledby^=spread-] td.num a")
    assert len(numbers) > 8
    for one in numbers:
        assert all_rows(client, one["href"]) == number_in(one), one["href"]


def test_kinds_and_rels_against_the_links_themselves(profile, browse):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, "distributions/")))
    kinds = Counter(one.get("kind", "text") for one in MIXED)
    assert {name: number_in(row.select("td.num")[1]) for name, row in panel_of(page, "kind").items()} == kinds
    words = {0: "follow", 1: "nofollow", -1: "unknown"}
    rels = Counter(words[one.get("nofollow", 0)] for one in MIXED)
    assert {name: number_in(row.select("td.num")[1]) for name, row in panel_of(page, "rel").items()} == rels


def test_where_links_stand_says_what_would_tell_it(profile, browse):
    page = soup_of(browse(profile.viewer).get(url_of(profile.project, "distributions/")))
    assert "our own crawler" in page.select_one("section[aria-labelledby=spread-placement]").get_text()


def test_the_overview_fetches_the_cut(profile, browse):
    client = browse(profile.viewer)
    address = soup_of(client.get(url_of(profile.project))).select_one(".fetched")["hx-get"]
    cut = client.get(address, headers={"HX-Request": "true"})
    assert b"<html" not in cut.content
    assert panel_of(soup_of(cut), "kind")


def test_similar_profiles_are_those_of_the_workspace_and_of_a_client_its_competitors(profile, browse):
    fill(profile, RIVAL)
    fill(profile, SECOND)
    url = url_of(profile.project, "distributions/")

    def similar(user):
        page = soup_of(browse(user).get(url))
        return [one.get_text() for one in page.select("section[aria-labelledby=similar] tbody .top-name")]

    assert sorted(similar(profile.viewer)) == ["rival.example", "second.example"]
    assert similar(profile.client) == ["rival.example"]


def test_nothing_known_says_what_brings_it(cast, link_index, browse):
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "distributions/")))
    assert page.select_one(".empty-state .btn").get_text() == "Import an export"
