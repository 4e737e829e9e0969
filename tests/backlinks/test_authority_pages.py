"""Authority on the pages: the figure, its reasons, its course, its bands, the open graph's switch."""

import json
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from backlinks import index
from tests.backlinks.authority.scored import RELEASE, open_graph
from tests.backlinks.pages import all_rows, csv_of, fill, number_in, rows_of, soup_of, url_of
from tests.backlinks.scored import add_run
from tests.conftest import Cast, Hold

TARGET = "client.example"
SCORES = {TARGET: 46.35, "news.example": 71.5, "blog.example": 19.99, "old.example": 20.0, "silent.example": 100.0}


def _score(cast: Cast) -> None:
    fill(cast)
    add_run(scores=SCORES)


@pytest.fixture
def scored(cast: Cast, held_index: Hold) -> Cast:
    """The mixed profile, whose domains but one (shop.example) have a score."""
    held_index(("scored", cast.workspace.pk), lambda: _score(cast))
    return cast


def _page(browse, cast, path="", role="viewer", **params):
    answer = browse(getattr(cast, role)).get(url_of(cast.project, path), params)
    assert answer.status_code == 200
    return soup_of(answer)


def _card(page, name="Authority"):
    return next(one for one in page.select(".figure-card") if one.select_one(".figure-name").get_text() == name)


# --- The figure ---------------------------------------------------------------------------------------------------
def test_the_overview_shows_the_score_rounded_and_leads_to_its_reasons(scored, browse):
    card = _card(_page(browse, scored))
    assert card.select_one(".figure-value").get_text() == "46"
    assert card.select_one(".figure-value")["title"] == "46.35"
    assert card["href"] == url_of(scored.project, "why/")


def test_a_part_that_nobody_knows_says_so(scored, browse):
    card = _card(_page(browse, scored, target="https://client.example/never"))
    assert "Neither links nor a crawl know this page." in card.get_text()
    folder = _card(_page(browse, scored, target="client.example/shop/"))
    assert 0 < int(folder.select_one(".figure-value").get_text()) < 46


def test_the_card_of_a_project_shows_the_score(scored, browse):
    page = soup_of(browse(scored.viewer).get(f"/w/{scored.workspace.slug}/"))
    first = next(one for one in page.select(".project-card") if "client.example" in one.get_text())
    figures = {one.dt.get_text(): one.dd for one in first.select(".project-figures > div")}
    assert figures["Authority"].a.get_text() == "46"
    assert figures["Authority"].a["href"] == url_of(scored.project, "why/")


def test_the_course_of_a_page_is_that_of_its_domain_and_says_so(scored, browse):
    page = _page(browse, scored, target="https://client.example/", scope="exact")
    assert "Of the whole domain client.example" in page.select_one(".card:has(#course)").get_text()


# --- Its bands ----------------------------------------------------------------------------------------------------
def test_bands_count_every_referring_domain_once_and_lead_to_exactly_those(scored, browse):
    client = browse(scored.viewer)
    page = _page(browse, scored)
    bands = {
        row.th.get_text(): [number_in(cell) for cell in row.select("td.num")] for row in page.select(".bands tbody tr")
    }
    assert bands["70–79"] == [1, 0, 0, 1]
    assert bands["10–19"] == [1, 0, 0, 1], "19.99 is below 20"
    assert bands["20–29"] == [1, 0, 0, 1]
    assert bands["90–100"] == [0, 0, 1, 1], "100 stands in the last band, and nobody knows the rel of its link"
    assert sum(one[-1] for one in bands.values()) == 4
    assert "1 referring domain without a score is not among them" in page.select_one(".band-note").get_text()
    linked = page.select(".bands td.num a")
    assert len(linked) == 8
    for cell in linked:
        assert all_rows(client, cell["href"]) == number_in(cell), cell["href"]


@pytest.mark.parametrize("scope", ["host", "prefix", "exact"])
def test_bands_of_a_part_count_its_domains(scored, browse, scope):
    client = browse(scored.viewer)
    page = _page(browse, scored, scope=scope)
    for cell in page.select(".bands td.num a"):
        assert all_rows(client, cell["href"]) == number_in(cell), cell["href"]
    total = number_in(_card(page, "Referring domains").select_one(".figure-value"))
    counted = sum(number_in(row.select("td.num")[-1]) for row in page.select(".bands tbody tr"))
    assert counted <= total


# --- In lists -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["backlinks/", "domains/", "hosts/", "pages/"])
def test_scores_in_lists_lead_to_their_reasons(scored, browse, path):
    page = _page(browse, scored, path)
    heads = [one.get_text(strip=True) for one in page.select(".list-table thead th")]
    cells = [row.select("td")[heads.index("Authority")] for row in rows_of(page)]
    links = [one.a for one in cells if one.a]
    assert links
    for url, shown in {(one["href"], one.get_text()) for one in links}:
        assert urlsplit(url).path == url_of(scored.project, "why/")
        why = _page(browse, scored, url.removeprefix(url_of(scored.project)))
        assert why.select_one(".score-number strong").get_text() == shown, url


def test_the_page_of_one_link_shows_the_authority_of_its_domain(scored, browse):
    opened = rows_of(_page(browse, scored, "backlinks/", source_domain_is="news.example"))[0].select_one(".row-open a")
    page = _page(browse, scored, opened["href"].removeprefix(url_of(scored.project)))
    row = next(one for one in page.select(".fact-table tr") if one.th.get_text() == "Authority")
    assert row.td.get_text() == "72"
    assert "target=news.example" in row.td.a["href"]


def test_a_client_sees_scores_but_no_way_to_foreign_domains(scored, browse):
    page = _page(browse, scored, "domains/", role="client")
    assert page.select_one("td.num [title='71.5']").get_text() == "72"
    assert not [one for one in page.select("td a") if "/why/" in one["href"]]
    assert browse(scored.client).get(url_of(scored.project, "why/"), {"target": "news.example"}).status_code == 403


def test_a_range_of_authority_is_a_filter_and_a_column_of_the_export(scored, browse):
    client = browse(scored.viewer)
    asked = {"authority_min": "20", "authority_max": "71.5"}
    for path, rows in (("backlinks/", 4), ("domains/", 2), ("hosts/", 3)):
        assert len(rows_of(soup_of(client.get(url_of(scored.project, path), asked)))) == rows, path
    lines = csv_of(client.get(url_of(scored.project, "domains/"), asked | {"export": "csv", "sort": "-authority"}))
    at = lines[0].index("Authority")
    assert [line[at] for line in lines[1:]] == ["71.5", "20.0"]
    form = _page(browse, scored, "backlinks/?panel=filters").select_one(".filter-form fieldset")
    assert form.legend.get_text() == "Referring page"
    assert form.select_one("[name=authority_min]"), "stands with what else is known of the page"


# --- The open graph's switch --------------------------------------------------------------------------------------
@pytest.fixture
def joined(cast: Cast, held_index: Hold) -> Cast:
    """With a release that knows two domains more, and one that links know too."""

    def made() -> None:
        _score(cast)
        pairs = [("deep.example", TARGET), ("wide.example", TARGET), ("news.example", TARGET)]
        open_graph([*pairs, (TARGET, "news.example")])

    held_index(("joined", cast.workspace.pk), made)
    return cast


def test_without_a_release_there_is_no_switch(scored, browse):
    assert "Common Crawl's graph" not in _page(browse, scored).get_text()


@pytest.mark.parametrize("path", ["", "domains/", "countries/", "tlds/", "sources/"])
def test_the_switch_keeps_the_rest_of_the_address(joined, browse, path):
    page = _page(browse, joined, path, sort="-domains", page="2", target="https://client.example", scope="root")
    switch = page.select_one("nav.switch[aria-label^='Common Crawl']")
    assert switch.select_one("[aria-current]").get_text() == "included"
    asked = parse_qs(urlsplit(switch.select("a")[1]["href"]).query)
    assert asked == {"sort": ["-domains"], "target": ["https://client.example"], "scope": ["root"], "graph": ["off"]}


def test_each_page_says_whether_the_graph_counts(joined, browse):
    client = browse(joined.viewer)

    def said(path: str, **params: str) -> list[str]:
        page = soup_of(client.get(url_of(joined.project, path), params))
        return [one.get_text() for one in page.select(".count-note") if "graph names" in one.get_text()]

    for path in ("", "domains/", "sources/", "compare/"):
        assert [one.split("names")[0] for one in said(path)] == [COUNTED_WITH], path
        assert "as the switch says" in said(path, graph="off")[0], path
    for path in ("ips/", "subnets/", "history/", "changes/", "competitors/"):
        (words,) = said(path)
        assert "without those that only" in words and "it knows no addresses" in words, path
    part = soup_of(client.get(url_of(joined.project, "ips/"), {"scope": "host"}))
    (note,) = part.select(".count-note")
    assert "known one by one" in note.get_text() and "scope=root" in note.a["href"]


COUNTED_WITH = "Referring domains are counted here with those that only Common Crawl's graph "


def test_what_only_the_graph_knows_is_counted_and_can_be_left_out(joined, browse):
    client = browse(joined.viewer)
    page = _page(browse, joined)
    only = _card(page, "In the graph only")
    assert number_in(only.select_one(".figure-value")) == all_rows(client, only["href"]) == 2
    assert number_in(_card(page, "Referring domains").select_one(".figure-value")) == 7
    without = soup_of(client.get(page.select("nav.switch[aria-label^='Common'] a")[1]["href"]))
    assert number_in(_card(without, "Referring domains").select_one(".figure-value")) == 5
    assert "In the graph only" not in without.get_text()


def test_the_switch_stays_in_every_link_of_a_page(joined, browse):
    client = browse(joined.viewer)
    for path in ("", "domains/", "sources/", "why/"):
        page = soup_of(client.get(url_of(joined.project, path), {"graph": "off"}))
        own = [one["href"] for one in page.select("main a[href]") if urlsplit(one["href"]).path.startswith("/w/")]
        strayed = [one for one in own if "graph=off" not in one and "/imports/" not in one and "/data/" not in one]
        back = page.select("nav.switch[aria-label^='Common'] a")
        assert strayed == ([back[0]["href"]] if back else []), path
        reports = [one["href"] for one in page.select(".sidebar a")]
        assert url_of(joined.project, "domains/?graph=off") in reports
        assert url_of(joined.project, "domains/") not in reports
    lists = soup_of(client.get(url_of(joined.project, "domains/"), {"graph": "off", "panel": "filters"}))
    assert len(rows_of(lists)) == 5
    assert lists.select_one(".filter-form input[name=graph]")["value"] == "off"


def test_figures_lead_to_their_rows_with_and_without_the_graph(joined, browse):
    client = browse(joined.viewer)
    for graph in ("", "off"):
        page = soup_of(client.get(url_of(joined.project), {"graph": graph} if graph else {}))
        cards = [one for one in page.select("a.figure-card") if one.select_one(".figure-name").get_text() in COUNTED]
        shown = (*cards, *page.select(".bands td.num a"))
        for url, number in {(one["href"], number_in(one.select_one(".figure-value") or one)) for one in shown}:
            assert all_rows(client, url) == number, url


COUNTED = {"Backlinks", "Referring domains", "Referring hosts", "IPs", "Subnets", "In the graph only"}


def test_index_functions_agree_with_the_page(joined):
    query = index.LinkQuery.parse(
        workspace=joined.workspace.pk, target=joined.project.target, report="links", params={}
    )
    bands = index.authority_bands(query)
    assert sum(one.domains for one in bands) == index.headline(query).referring_domains == 7
    assert (bands[-1].is_scored, bands[-1].domains) == (False, 3)


def test_a_target_outside_of_the_graph_is_said(joined, browse):
    fill(joined, [{"source": "https://news.example/x", "target": "https://rival.example/"}])
    page = _page(browse, joined, target="rival.example")
    assert page.select_one(".switch-note").get_text() == f"Not in Common Crawl's graph of {RELEASE}"
    assert not _page(browse, joined, scope="host").select("nav.switch[aria-label^='Common']")


# --- Without scores, and with others ------------------------------------------------------------------------------
def test_without_a_computation_the_reason_is_said(profile, browse):
    card = _card(_page(browse, profile))
    assert card.select_one(".figure-value").get_text() == "no score yet"
    assert "run compute_authority" in card.get_text()


def test_a_domain_outside_of_the_graph_has_no_score_and_not_zero(profile, browse):
    add_run(scores={"news.example": 12})
    card = _card(_page(browse, profile))
    assert card.select_one(".figure-value").get_text() == "no score yet"
    assert f"Not in the graph of {RELEASE}." in card.get_text()


def test_the_course_has_every_day_and_marks_a_new_formula(profile, browse):
    for number, (version, score) in enumerate((("A1", 40.0), ("A1", 41.5), ("A2", 45.0), ("A2", 44.25)), 1):
        add_run(scores={TARGET: score}, run=number, version=version, day=date(2026, 4 + number, 1))
    page = _page(browse, profile)
    data = json.loads(page.select_one("#course-data").string)
    assert data["labels"] == ["2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"]
    assert [one["values"] for one in data["series"]] == [[40, 41.5, None, None], [None, None, 45, 44.25]]
    assert data["marks"] == [{"at": "2026-07-01", "text": "A2"}]
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select(".card:has(#course) tbody tr")]
    assert rows == [
        ["2026-08-01", "A2", "44.25", "−0.75"],
        ["2026-07-01", "A2", "45", "–"],
        ["2026-06-01", "A1", "41.5", "+1.5"],
        ["2026-05-01", "A1", "40", "–"],
    ]


def test_no_bands_without_scores(profile, browse):
    assert not _page(browse, profile).select(".bands")


def test_bands_take_the_workspaces_own_score_and_count_all_without_any(profile):
    query = index.LinkQuery.parse(
        workspace=profile.workspace.pk, target=profile.project.target, report="links", params={}
    )
    assert [one.domains for one in index.authority_bands(query)] == [0] * 10 + [5]
    add_run(scores={"news.example": 15.0, "blog.example": 15.0})
    add_run(scores={"news.example": 85.0}, workspace=profile.workspace.pk, run=2)
    add_run(scores={"news.example": 55.0}, workspace=profile.other_workspace.pk, run=3)
    assert [one.domains for one in index.authority_bands(query)] == [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 3]
