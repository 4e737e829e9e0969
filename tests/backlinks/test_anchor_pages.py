"""The page of anchors: classes, words, and what is asked for where the project has told nothing."""

import pytest

from projects.models import Project
from tests.backlinks.pages import all_rows, fill, number_in, soup_of, url_of

HOME = "https://client.example/"
ANCHORS = ("Client", "Client shoes", "red shoes", "best red shoes", "click here", "https://client.example/", "news", "")


@pytest.fixture
def told(cast, held_index):
    def made() -> None:
        rows = [
            {"source": f"https://d{number % 5}.example/{number}", "target": HOME, "anchor": anchor}
            for number, anchor in enumerate(ANCHORS * 3)
        ]
        fill(cast, [*rows, {"source": "https://i.example/", "target": HOME, "anchor": "", "kind": "image"}])
        fill(cast, [{"source": "https://r.example/", "target": "https://rival.example/", "anchor": "Rival"}])

    Project.objects.filter(pk=cast.project.pk).update(money_keywords=["red shoes"])
    held_index(("anchors", cast.workspace.pk), made)
    return cast


@pytest.fixture
def page(told, browse):
    return soup_of(browse(told.viewer).get(url_of(told.project, "anchors/")))


def test_every_number_of_the_classes_leads_to_its_rows(told, browse, page):
    client = browse(told.viewer)
    numbers = page.select(".classes-table td.num a")
    assert len(numbers) == 3 * 8
    for url, number in {(one["href"], number_in(one)) for one in numbers}:
        assert all_rows(client, url) == number, url


def test_competitors_stand_beside_with_their_own_name_as_brand(page):
    heads = [one.get_text() for one in page.select(".classes-table thead th")]
    assert heads[-1] == "rival.example"
    shares = {
        row.th.get_text(strip=True): row.select("td")[-1].get_text() for row in page.select(".classes-table tbody tr")
    }
    assert shares["Brand"] == "100 %"
    assert {share for name, share in shares.items() if name != "Brand"} == {"0 %"}


def test_words_lead_to_the_domains_they_count(told, browse, page):
    client = browse(told.viewer)
    table = page.select("section[aria-labelledby=words] tbody tr")
    assert {row.th.get_text() for row in table} >= {"client", "shoes", "red shoes", "best red shoes"}
    assert not {"https", "the", "com"} & {row.th.get_text() for row in table}
    for row in table:
        domains, links = row.select("td.num a")
        assert all_rows(client, domains["href"]) == number_in(domains)
        assert all_rows(client, links["href"]) == number_in(links)
    assert len(page.select(".cloud a")) == len(table)


def test_an_export_has_classes_and_months(told, browse):
    response = browse(told.viewer).get(
        url_of(told.project, "anchors/?export=csv&cols=anchor.anchor_class.new_links.trend")
    )
    text = b"".join(response.streaming_content).decode()
    assert '"red shoes","exact",0,"0, ' in text
    assert '"best red shoes","partial",0,"0, ' in text


def test_missing_terms_are_asked_for(cast, link_index, browse):
    fill(cast, [{"source": "https://d.example/", "target": HOME, "anchor": "red shoes"}])
    Project.objects.filter(pk=cast.project.pk).update(brand_terms=[])
    said = soup_of(browse(cast.editor).get(url_of(cast.project, "anchors/"))).select_one(".reading-note")
    assert "no brand terms" in said.get_text() and "keywords" in said.get_text()
    assert said.a["href"] == url_of(cast.project, "settings/")
    assert soup_of(browse(cast.client).get(url_of(cast.project, "anchors/"))).select_one(".reading-note a") is None
