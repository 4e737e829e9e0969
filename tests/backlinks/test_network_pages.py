"""The page of the network: picture, lists, files; what they say is the same; who sees what."""

import io
import json
from xml.etree import ElementTree

import networkx as nx
import pytest
from bs4 import BeautifulSoup
from django.test import Client

from projects.models import AuditEntry
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.pages import csv_of, number_in, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold
from tests.factories import add_links

DEFAULTS = {"lost_reason": "", "anchor": "x", "title": "", "ip": "", "nofollow": 0}
SVG = "{http://www.w3.org/2000/svg}"


def link(source: str, target: str = "client.example", **fields: object) -> dict[str, object]:
    return DEFAULTS | {"source": f"https://{source}/p", "target": f"https://{target}/"} | fields


@pytest.fixture
def woven(cast: Cast, held_index: Hold) -> Cast:
    """Three domains of one network link to the client, one of them exchanges links with it; one further domain."""
    held_index(("woven", cast.workspace.pk), lambda: weave(cast))
    return cast


def weave(cast: Cast) -> None:
    farm = [link(f"farm{n}.example", ip=f"198.51.100.{n}") for n in range(3)]
    back = [link("client.example", "farm0.example"), link("behind.example", "farm0.example")]
    add_links(workspace=cast.workspace.pk, links=[*farm, *back, link("plain.example", title="Client")])
    add_links(
        workspace=cast.other_workspace.pk, links=[link("leak-b.example"), link("leak-b2.example", "farm0.example")]
    )


def data_of(page: BeautifulSoup) -> dict[str, object]:
    return json.loads(page.select_one("#network-data").get_text())


def figures_of(page: BeautifulSoup) -> dict[str, int]:
    return {
        one.select_one(".figure-name").get_text(strip=True): number_in(one.select_one(".figure-value"))
        for one in page.select("a.figure-card")
    }


def test_picture_figures_and_lists_say_the_same(woven: Cast, browse: type[Client]) -> None:
    client = browse(woven.viewer)
    page = soup_of(client.get(url_of(woven.project, "network/")))
    data = data_of(page)
    kinds = {one["name"]: one["kind"] for one in data["nodes"]}
    assert kinds == {
        "client.example": "target", "farm0.example": "red", "farm1.example": "grey", "farm2.example": "grey",
        "plain.example": "grey", "behind.example": "unknown",
    }  # fmt: skip
    figures = figures_of(page)
    assert (figures["Domains"], figures["Dangerous"], figures["Neutral"], figures["Nothing known"]) == (5, 1, 3, 1)
    listed = {
        row.select("td")[0].get_text(strip=True): row.get_text(" ", strip=True)
        for row in rows_of(page.select_one(".list"))
    }
    assert set(listed) == set(kinds) - {"client.example"}
    assert "Shared network Exchanged links" in listed["farm0.example"]
    assert "In 198.51.100.0/24 with 2 other domains here." in listed["farm0.example"]
    (red,) = rows_of(soup_of(client.get(url_of(woven.project, "network/?kind=red"))).select_one(".list"))
    assert red.select("td")[0].get_text(strip=True) == "farm0.example"
    lines = csv_of(client.get(url_of(woven.project, "network/?list=links&export=csv")))
    pairs = {tuple(line[:2]) for line in lines[1:]}
    names = [one["name"] for one in data["nodes"]]
    assert pairs == {(names[one[0]], names[one[1]]) for one in data["lines"]}
    assert figures["Links"] == len(pairs)


def test_lists_are_folded_until_somebody_asks_something_of_them(woven: Cast, browse: type[Client]) -> None:
    client = browse(woven.viewer)
    page = soup_of(client.get(url_of(woven.project, "network/?first=3&second=2&third=0")))
    assert not page.select_one("details#lists").has_attr("open") and not page.select_one("details.formula[open]")
    assert page.select_one(".pager-sizes [aria-current]").get_text() == "20"
    for link in [*page.select("a.figure-card"), *page.select("#lists .switch a"), *page.select("thead th a")]:
        assert soup_of(client.get(link["href"])).select_one("details#lists[open]"), link["href"]


def test_a_dot_leads_to_its_profile_and_a_count_to_its_links(woven: Cast, browse: type[Client]) -> None:
    client = browse(woven.viewer)
    page = soup_of(client.get(url_of(woven.project, "network/")))
    farm = next(one for one in data_of(page)["nodes"] if one["name"] == "farm0.example")
    assert "farm0.example" in soup_of(client.get(farm["url"])).select_one(".reading-target").get_text()
    (row,) = rows_of(soup_of(client.get(url_of(woven.project, "network/?domain=behind"))).select_one(".list"))
    behind = next(one["href"] for one in row.select("td.num a"))
    assert len(rows_of(soup_of(client.get(behind)))) == 1


def test_a_client_sees_neither_other_profiles_nor_links_to_them(woven: Cast, browse: type[Client]) -> None:
    client = browse(woven.client)
    response = client.get(url_of(woven.project, "network/"))
    nodes = data_of(soup_of(response))["nodes"]
    assert {one["name"] for one in nodes if one["url"]} == {"client.example"}
    assert "behind.example" not in response.content.decode()
    for file in ("picture.svg", "network.graphml"):
        assert b"behind.example" not in client.get(url_of(woven.project, f"network/{file}")).content
        assert client.get(url_of(woven.project, f"network/{file}?target=farm0.example")).status_code == 403
    assert client.get(url_of(woven.project, "network/?target=farm0.example")).status_code == 403


def test_a_viewers_picture_is_not_given_to_a_client(woven: Cast, browse: type[Client]) -> None:
    """Both look at one target; what is kept for one is not shown to the other."""
    assert b"behind.example" in browse(woven.viewer).get(url_of(woven.project, "network/")).content
    assert b"behind.example" not in browse(woven.client).get(url_of(woven.project, "network/")).content


def test_graphml_is_a_graph_with_all_facts(woven: Cast, browse: type[Client]) -> None:
    response = browse(woven.viewer).get(url_of(woven.project, "network/network.graphml"))
    assert "attachment" in response["Content-Disposition"]
    graph = nx.read_graphml(io.BytesIO(response.content))
    assert graph.is_directed()
    assert graph.nodes["farm0.example"]["class"] == "red"
    assert "198.51.100.0/24" in graph.nodes["farm0.example"]["reasons"]
    assert graph.nodes["behind.example"]["tier"] == 2
    assert "authority" not in graph.nodes["behind.example"]
    assert graph.edges["client.example", "farm0.example"]["links"] == 1
    assert AuditEntry.objects.filter(action="export", what="network of client.example as graphml").exists()


def test_svg_shows_every_domain_with_its_facts(woven: Cast, browse: type[Client]) -> None:
    client = browse(woven.viewer)
    shown = client.get(url_of(woven.project, "network/picture.svg"))
    assert "Content-Disposition" not in shown
    assert not AuditEntry.objects.filter(action="export").exists()
    titles = [one.text for one in ElementTree.fromstring(shown.content).iter(f"{SVG}title")]  # noqa: S314
    assert any(text.startswith("farm0.example\nTier 1") and "Shared network" in text for text in titles)
    saved = client.get(url_of(woven.project, "network/picture.svg?save=yes"))
    assert (saved.content, saved["Content-Disposition"][:10]) == (shown.content, "attachment")
    assert AuditEntry.objects.filter(action="export", what="network of client.example as svg").exists()


def test_an_export_is_noted(woven: Cast, browse: type[Client]) -> None:
    csv_of(browse(woven.viewer).get(url_of(woven.project, "network/?export=csv")))
    assert AuditEntry.objects.filter(action="export", what__startswith="network-domains of").exists()


def test_size_and_graph_stay_in_every_link_of_the_page(woven: Cast, browse: type[Client]) -> None:
    open_graph([("graph.example", "client.example")])
    client = browse(woven.viewer)
    asked = "network/?first=2&second=1&third=0"
    page = soup_of(client.get(url_of(woven.project, asked)))
    assert len(data_of(page)["nodes"]) == 4
    for one in page.select("a.figure-card, .list th a, .net-files a"):
        assert "first=2" in one["href"] and "third=0" in one["href"], one
    assert "graph.example" in client.get(url_of(woven.project, "network/")).content.decode()
    assert "graph.example" not in client.get(url_of(woven.project, "network/?graph=off")).content.decode()


def test_a_new_import_draws_a_new_picture(woven: Cast, browse: type[Client]) -> None:
    client = browse(woven.viewer)
    assert b"fresh.example" not in client.get(url_of(woven.project, "network/")).content
    add_links(workspace=woven.workspace.pk, links=[link("fresh.example", "farm1.example")])
    assert b"fresh.example" in client.get(url_of(woven.project, "network/")).content


def test_hostile_text_stays_text(cast: Cast, link_index: None, browse: type[Client]) -> None:
    odd = "</script><img src=x>\x07 =1+1"
    rows = [link("bad.example", anchor=odd) | {"source": f"https://bad.example/{number}"} for number in range(25)]
    add_links(workspace=cast.workspace.pk, links=rows)
    client = browse(cast.viewer)
    html = client.get(url_of(cast.project, "network/")).content.decode()
    assert "<img src=x>" not in html
    nx.read_graphml(io.BytesIO(client.get(url_of(cast.project, "network/network.graphml")).content))
    ElementTree.fromstring(client.get(url_of(cast.project, "network/picture.svg")).content)  # noqa: S314


def test_nobody_links_there(cast: Cast, link_index: None, browse: type[Client]) -> None:
    page = soup_of(browse(cast.editor).get(url_of(cast.project, "network/")))
    assert "Import an export" in page.select_one(".empty-state").get_text()
    assert browse(cast.editor).get(url_of(cast.project, "network/picture.svg")).status_code == 200
