"""The page of mentions: what it lists, its filters and export, and what it says when there is nothing."""

from django.test import Client

from backlinks import index
from projects.models import Project
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast

COLUMNS = ("source_url", "title", "term", "left", "right")


def add_mentions(project: Project, *rows: tuple[str, str, str, str, str]) -> None:
    """Mentions as a crawl leaves them: the visits, the rows, and that it has looked."""
    batch = index.Batch(project.workspace_id, index.new_batch_id(), "crawl", "list", "test")
    domain = project.target.domain
    hosts = [row[0].partition("/")[0] for row in rows]
    keys, urls = [row[0] for row in rows], [f"https://{row[0]}" for row in rows]
    numbers, at = list(range(1, len(rows) + 1)), [1_772_323_200] * len(rows)
    index.begin(batch)
    index.add(batch, "mentions", {"target_domain": [domain], "source_key": [""]}, block=0)
    index.add(
        batch,
        "mentions",
        {
            "target_domain": [domain] * len(rows), "source_domain": hosts, "source_key": keys, "source_url": urls,
            "row": numbers, "mentioned_at": at, "title": [row[1] for row in rows], "term": [row[2] for row in rows],
            "terms": [[row[2]] for row in rows], "times": numbers, "snippet_left": [row[3] for row in rows],
            "snippet_term": [row[2] for row in rows], "snippet_right": [row[4] for row in rows],
        },
        block=1,
    )  # fmt: skip
    visits = {"target_domain": hosts, "page_key": keys, "page_url": urls, "row": numbers, "fetched_at": at}
    index.add(batch, "crawled_pages", visits | {"http_status": [200] * len(rows)}, block=1)
    index.complete(batch)


ROWS = (
    ("news.example/a", "A story", "Client", "we went to ", " <b>today</b>"),
    ("blog.example/post", "A lamp", "Client", "bought from ", ""),
)


def test_mentions_are_listed_with_their_text_and_lead_to_the_page(
    cast: Cast, link_index: None, browse: type[Client]
) -> None:
    add_mentions(cast.project, *ROWS)
    add_mentions(cast.other_project, ("leak-b.example/x", "LEAK-B", "Client", "LEAK-B ", ""))
    response = browse(cast.client).get(url_of(cast.project, "mentions/"))
    page = soup_of(response)
    rows = {row.select_one("a")["href"]: row.get_text(" ", strip=True) for row in rows_of(page)}
    assert set(rows) == {"https://news.example/a", "https://blog.example/post"}
    assert "we went to Client <b>today</b>" in rows["https://news.example/a"]
    assert "LEAK-B" not in response.content.decode()


def test_a_long_text_is_cut_around_its_term(cast: Cast, link_index: None, browse: type[Client]) -> None:
    long = " ".join(f"word{number}" for number in range(60))
    add_mentions(cast.project, ("news.example/a", "A story", "Client", f"{long} ", f" {long}"))
    viewer, url = browse(cast.viewer), url_of(cast.project, "mentions/")
    (text,) = soup_of(viewer.get(url)).select("td .context-cell")
    assert text.mark.text == "Client" and text.text.startswith("…") and text.text.endswith("…")
    assert "word59 Client word0" in text.text and len(text.text) < 140
    assert f"{long} Client {long}" in csv_of(viewer.get(f"{url}?export=csv"))[1], "the file has all of it"


def test_filters_sort_and_export_are_the_same_list(cast: Cast, link_index: None, browse: type[Client]) -> None:
    add_mentions(cast.project, *ROWS)
    client, url = browse(cast.viewer), url_of(cast.project, "mentions/")
    assert len(rows_of(soup_of(client.get(f"{url}?source_domain=NEWS")))) == 1
    assert len(rows_of(soup_of(client.get(f"{url}?term=Client&mentioned_at_from=2026-03-01")))) == 2
    assert len(rows_of(soup_of(client.get(f"{url}?mentioned_at_to=2026-02-28")))) == 0
    exported = csv_of(client.get(f"{url}?export=csv&sort=-title"))
    assert exported[0][:3] == ["Page", "Page title", "In its text"]
    assert [row[1] for row in exported[1:]] == ["A story", "A lamp"]
    assert exported[1][2] == "we went to Client <b>today</b>"
    fragment = client.get(url, headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode() and "news.example" in fragment.content.decode()


def test_an_empty_list_says_how_to_get_mentions(cast: Cast, link_index: None, browse: type[Client]) -> None:
    page = soup_of(browse(cast.editor).get(url_of(cast.project, "mentions/")))
    assert "No page names the brand without a link" in page.get_text()
    assert page.select_one(f".empty-state a[href='{url_of(cast.project, 'crawls/')}']")
    Project.objects.filter(pk=cast.project.pk).update(brand_terms=[])
    page = soup_of(browse(cast.editor).get(url_of(cast.project, "mentions/")))
    assert "no brand terms" in page.get_text()
    assert page.select_one(f"a[href='{url_of(cast.project, 'settings/')}']")
