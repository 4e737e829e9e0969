"""The page of outbound domains: rows, figures that lead to them, who sees what, exports."""

import pytest
from django.test import Client

from backlinks import index
from backlinks.crawl.storing import batch_of
from backlinks.index import outbound
from projects.models import AuditEntry
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.crawled import make_crawl
from tests.backlinks.pages import csv_of, number_in, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold
from tests.factories import add_links, link_columns

HOME = "https://client.example/"
DEFAULTS = {"lost_reason": "", "anchor": "x"}


@pytest.fixture
def linking(cast: Cast, held_index: Hold) -> Cast:
    """The client's site links to its rival twice, once nofollow, and to a site that is no project of anybody."""

    def made() -> None:
        pairs = [
            ("a", "https://rival.example/", 0),
            ("b", "https://rival.example/x", 1),
            ("a", "https://far.example/", 0),
        ]
        links = [{"source": f"https://client.example/{p}", "target": t, "nofollow": n} | DEFAULTS for p, t, n in pairs]
        add_links(workspace=cast.workspace.pk, links=links)
        theirs = [{"source": "https://client.example/z", "target": "https://leak-b.example/", "anchor": "LEAK-B"}]
        add_links(workspace=cast.other_workspace.pk, links=[DEFAULTS | one for one in theirs])

    held_index(("outbound", cast.workspace.pk), made)
    return cast


def test_figures_lead_to_the_rows_they_count(linking: Cast, browse: type[Client]) -> None:
    client = browse(linking.viewer)
    page = soup_of(client.get(url_of(linking.project, "outbound/")))
    assert [row.select_one("td").get_text(strip=True) for row in rows_of(page)] == ["far.example", "rival.example"]
    shown = {one.select_one(".figure-name").get_text(): one for one in page.select("a.figure-card")}
    assert {name: number_in(one.select_one(".figure-value")) for name, one in shown.items()} == {
        "Outbound domains": 2, "Links": 3, "Follow": 2, "Nofollow": 1, "Lost domains": 0,
    }  # fmt: skip
    filtered = soup_of(client.get(shown["Nofollow"]["href"]))
    assert [row.select_one("td").get_text(strip=True) for row in rows_of(filtered)] == ["rival.example"]


def test_a_number_leads_to_the_links_behind_it(linking: Cast, browse: type[Client]) -> None:
    client = browse(linking.viewer)
    page = soup_of(client.get(url_of(linking.project, "outbound/?target_domain=rival")))
    (row,) = rows_of(page)
    behind = next(one["href"] for one in row.select("td.num a") if one.get_text(strip=True) == "2")
    assert len(rows_of(soup_of(client.get(behind)))) == 2


def test_a_client_reads_its_projects_and_nothing_else(linking: Cast, browse: type[Client]) -> None:
    client = browse(linking.client)
    page = soup_of(client.get(url_of(linking.project, "outbound/")))
    assert [row.select_one("td").get_text(strip=True) for row in rows_of(page)] == ["rival.example"]
    assert client.get(url_of(linking.project, "outbound/?target=far.example")).status_code == 403
    assert "far.example" not in str(csv_of(client.get(url_of(linking.project, "outbound/?export=csv"))))


def test_an_export_holds_every_row_and_is_noted(linking: Cast, browse: type[Client]) -> None:
    lines = csv_of(browse(linking.viewer).get(url_of(linking.project, "outbound/?export=csv&sort=target_domain")))
    assert [line[0] for line in lines] == ["Domain", "far.example", "rival.example"]
    assert AuditEntry.objects.filter(action="export", what__startswith="outbound of").exists()


def test_the_graph_is_joined_left_out_or_named_as_too_large(
    linking: Cast, browse: type[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_graph([("client.example", "graph.example"), ("client.example", "rival.example")])
    client = browse(linking.viewer)
    url = url_of(linking.project, "outbound/")
    assert "graph.example" in client.get(url).content.decode()
    assert "graph.example" not in client.get(f"{url}?graph=off").content.decode()
    (row,) = rows_of(soup_of(client.get(url, {"target_domain": "graph.example"})))
    assert row.select_one("td.num .unknown[title*='not their links']"), "no link is known, which is not none"
    monkeypatch.setattr(outbound, "GRAPH_EDGES", 1)
    text = client.get(url).content.decode()
    assert "is not asked here: its 2 links" in text
    assert "graph.example" not in text


def test_a_client_sees_what_the_crawls_of_its_own_project_found_on_its_site(
    linking: Cast, browse: type[Client]
) -> None:
    add_links(workspace=linking.workspace.pk, links=[DEFAULTS | {"source": "https://a.example/", "target": HOME}])
    crawls = [make_crawl(project=linking.project), make_crawl(project=linking.project, kind="check")]
    crawls.append(make_crawl(project=linking.second_project))
    for crawl, name in zip(crawls, ("found.example", "checked.example", "theirs.example"), strict=True):
        pairs = [(f"{HOME}a", f"https://{name}/"), ("https://rival.example/a", "https://y.example/")]
        batch = batch_of(crawl)
        index.begin(batch)
        rows = link_columns([DEFAULTS | {"source": source, "target": target} for source, target in pairs])
        index.add(batch, "observations", rows, block=0)
        index.complete(batch)
    client = browse(linking.client)
    for path in ("outbound/", "outbound/?graph=off", "outbound/?sort=-links"):
        page = soup_of(client.get(url_of(linking.project, path)))
        shown = {row.select_one("td").get_text(strip=True): row for row in rows_of(page)}
        assert shown.keys() == {"found.example", "rival.example"}
        assert not shown["found.example"].select("a[href*=found]")  # its profile stays closed
    cards = soup_of(client.get(url_of(linking.project))).select("a.figure-card")
    (card,) = [one for one in cards if "Outbound domains" in one.get_text()]
    assert number_in(card.select_one(".figure-value")) == 2
    rival = soup_of(client.get(url_of(linking.project, "outbound/?target=rival.example")))
    assert not rows_of(rival)


def test_the_overview_counts_them_and_leads_there(linking: Cast, browse: type[Client]) -> None:
    add_links(
        workspace=linking.workspace.pk,
        links=[DEFAULTS | {"source": "https://a.example/", "target": "https://client.example/"}],
    )
    for who, expected in ((linking.viewer, 2), (linking.client, 1)):
        client = browse(who)
        page = soup_of(client.get(url_of(linking.project)))
        (card,) = [one for one in page.select("a.figure-card") if "Outbound domains" in one.get_text()]
        assert number_in(card.select_one(".figure-value")) == expected
        assert len(rows_of(soup_of(client.get(card["href"])))) == expected


def test_an_empty_page_says_what_would_bring_rows(cast: Cast, link_index: None, browse: type[Client]) -> None:
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "outbound/")))
    assert "A crawl of the site" in page.select_one(".empty-state").get_text()
    assert page.select_one(".empty-state a")["href"].endswith("/crawls/")
