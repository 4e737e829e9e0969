"""A thousand domains: whole, the same twice, as GraphML and SVG; in-memory lists."""

import io
from xml.etree import ElementTree

import networkx as nx
import pytest

from backlinks.network import drawing, listed
from backlinks.network.picture import picture_of
from backlinks.views.network.graph_lists import DOMAIN_FIELDS, domain_rows
from seoapp.lib.listquery import ListQuery
from tests.backlinks.authority.scored import open_graph
from tests.backlinks.index.observed import TARGET, observe

from .drawn import asked, drawn, links_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def thousand(link_index: None) -> None:
    """As many as the usual size takes: 12 first-tier domains, 10 for each, 8 for each of these."""
    first = [(f"a{n}.example", TARGET) for n in range(12)]
    second = [(f"b{n}-{m}.example", f"a{n}.example") for n in range(12) for m in range(10)]
    third = [(f"c{n}-{m}-{k}.example", f"b{n}-{m}.example") for n in range(12) for m in range(10) for k in range(8)]
    open_graph([*first, *second, *third])


@pytest.mark.usefixtures("thousand")
def test_a_thousand_domains_are_drawn_the_same_twice() -> None:
    picture = drawn()
    assert (len(picture.dots), len(picture.lines)) == (1 + 12 + 120 + 960, 1092)
    assert drawn() == picture
    graph = nx.read_graphml(io.BytesIO(drawing.graphml(picture)))
    assert (graph.number_of_nodes(), graph.number_of_edges()) == (1093, 1092)
    assert all(graph.nodes[one.node.domain]["tier"] == one.node.tier for one in picture.dots)
    root = ElementTree.fromstring(drawing.svg(picture, "t"))  # noqa: S314
    assert sum(1 for one in root.iter(f"{SVG}title") if (one.text or "").startswith(("a", "b", "c"))) >= 1092
    assert len(list(root.iter(f"{SVG}line"))) == 1092


@pytest.mark.usefixtures("link_index")
def test_what_is_kept_is_what_is_drawn() -> None:
    observe(7, links_of("a.example"))
    first = picture_of(asked())
    assert picture_of(asked()) == first == drawn()
    observe(7, links_of("b.example"))
    assert len(picture_of(asked()).dots) == 3
    assert len(picture_of(asked(bad=("a.example",))).dots) == 3
    assert picture_of(asked(bad=("a.example",))) != picture_of(asked())


def test_text_that_xml_cannot_hold_is_left_out() -> None:
    assert drawing.clean("a\x00b\x07c\ud800\uffffd\n<é\U0001f600>") == "abcd\n<é\U0001f600>"


@pytest.mark.usefixtures("link_index")
def test_lists_in_memory_filter_sort_and_page() -> None:
    observe(7, [row for n in range(60) for row in links_of(f"a{n:02}.example", count=1 + n % 3, ip=f"192.0.{n}.1")])
    rows = domain_rows(drawn(size=asked().size.parse({"first": "60"})))

    def found(**params: str) -> list[str]:
        return [row["domain"] for row in listed.select(rows, ListQuery.parse(DOMAIN_FIELDS, params, sort="-worth"))]

    assert len(found()) == 60
    assert found(sort="domain") == sorted(found())
    assert found(links_min="3") == [f"a{n:02}.example" for n in range(60) if n % 3 == 2]
    assert found(domain="A07") == ["a07.example"]
    assert found(authority_min="1") == []  # nobody knows any
    assert set(found(kind="grey")) == set(found())
    assert found(signs="shared_network") == []
    query = ListQuery.parse(DOMAIN_FIELDS, {"page": "2", "sort": "domain"}, sort="-worth")
    page = listed.page(rows, query)
    assert ([row["domain"] for row in page.rows], page.more) == ([f"a{n}.example" for n in range(50, 60)], False)
    assert listed.page(rows, query.with_page(1)).more
